from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from arena_pipeline.registry.acts.models import activate, allow, retire
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.models import model
from arena_pipeline.registry.origins import Origin, origins
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows one model."""
    days.next(row("acme/one", name="Acme: One", prompt="0.000001", expiration_date="2026-03-01"))
    return days.store


def apply(store: Store, text: str) -> None:
    sync_overrides(store, parse_models_file(text, "models.yaml"))


def told(store: Store, slug: str = "acme/one") -> dict[str, Origin]:
    found = origins(model(store, slug))
    by_fact = {origin.fact: origin for origin in found}
    assert len(by_fact) == len(found)
    return by_fact


def add_model(store: Store, slug: str, source: str, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Model).values(
                slug=slug,
                source=source,
                display_name=slug,
                vendor=slug.partition("/")[0],
                discovered_at=FIRST_DAY,
                **values,
            )
        )


def test_what_the_catalog_lists_comes_from_it(known: Store) -> None:
    facts = told(known)

    assert facts["name"] == Origin("name", "Acme: One", "catalog")
    assert facts["prompt price"] == Origin("prompt price", Decimal(1), "catalog")
    assert facts["context"] == Origin("context", 128_000, "catalog")
    assert facts["created"] == Origin("created", datetime.fromtimestamp(MAY, UTC), "catalog")
    assert facts["expires"] == Origin("expires", date(2026, 3, 1), "catalog")
    assert list(facts) == [
        "name", "vendor", "gateway", "client name", "prompt price", "completion price", "context",
        "longest answer", "created", "expires", "access", "plays", "retired", "test status",
    ]  # fmt: skip


def test_what_nobody_said_is_so_by_default(known: Store, days: Days) -> None:
    days.next(row("acme/one", prompt="-1"))
    facts = told(known)

    for fact, value in (
        ("prompt price", None),
        ("expires", None),
        ("access", "auto"),
        ("plays", False),
        ("retired", None),
        ("test status", "untested"),
    ):
        assert facts[fact] == Origin(fact, value, "default")


def test_what_a_person_set_says_so_and_why(known: Store) -> None:
    allow(known, ["acme/one"], actor="ada", reason="ours")
    activate(known, ["acme/one"], actor="ada", reason="strong")
    retire(known, ["acme/one"], actor="ada", reason="old")

    facts = told(known)

    assert facts["access"] == Origin("access", "allow", "person", "ours")
    assert facts["plays"] == Origin("plays", True, "person", "strong")
    assert (facts["retired"].set_by, facts["retired"].reason) == ("person", "old")
    assert facts["test status"] == Origin("test status", "retired", "person", "old")


def test_what_the_models_file_set_says_so(known: Store) -> None:
    apply(
        known,
        "models: {deny: ['acme/*'], prices: {acme/one: {prompt: 7, completion: null}}}",
    )

    facts = told(known)

    assert (facts["access"].value, facts["access"].set_by) == ("deny", "models.yaml")
    assert facts["prompt price"] == Origin("prompt price", Decimal(7), "models.yaml")
    assert facts["completion price"] == Origin("completion price", None, "models.yaml")
    assert facts["listed prompt price"] == Origin("listed prompt price", Decimal(1), "catalog")
    assert facts["listed completion price"].value == Decimal(2)


def test_a_model_no_catalog_lists_comes_from_whoever_brought_it(known: Store) -> None:
    apply(known, "models: {bootstrap: [{slug: home/made, context_length: 9000}]}")
    add_model(known, "acme/played", "import")

    assert told(known, "home/made")["context"] == Origin("context", 9000, "models.yaml")
    assert told(known, "home/made")["gateway"] == Origin("gateway", "openrouter", "models.yaml")
    assert told(known, "acme/played")["name"] == Origin("name", "acme/played", "import")
    assert told(known, "acme/played")["gateway"] == Origin("gateway", None, "default")


def test_where_a_model_is_called_comes_from_the_models_file_though_a_catalog_lists_it(
    known: Store, days: Days
) -> None:
    entries = ("{slug: home/made, gateway: local}", "{slug: acme/played, gateway: local}")
    gateway = "gateways: [{name: local, base_url: 'http://localhost:8000/v1'}]"
    add_model(known, "acme/played", "import")
    apply(known, f"{gateway}\nmodels: {{bootstrap: [{', '.join(entries)}]}}")

    assert told(known, "acme/played")["gateway"] == Origin("gateway", "local", "models.yaml")
    days.next(row("acme/one"), row("home/made"))
    facts = told(known, "home/made")
    assert facts["gateway"] == Origin("gateway", "local", "models.yaml")
    assert facts["client name"] == Origin("client name", "home/made", "models.yaml")
    assert facts["context"].set_by == "catalog"


def test_once_a_catalog_lists_a_model_the_catalog_speaks_about_it(known: Store, days: Days) -> None:
    add_model(known, "acme/played", "import")
    days.next(row("acme/one"), row("acme/played", name="Acme: Played"))

    assert told(known, "acme/played")["name"] == Origin("name", "Acme: Played", "catalog")


@pytest.mark.parametrize("day", [None, 7, "soon", ["2026-03-01"], {}])
def test_a_day_of_removal_that_is_none_is_no_fact(known: Store, days: Days, day: Any) -> None:
    days.next(row("acme/one", expiration_date=day))

    assert told(known)["expires"] == Origin("expires", None, "default")
