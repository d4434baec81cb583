"""Published names in the registry: one model and one agent each, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.evaluation.applicants import everybody
from arena_pipeline.importers.snakebench.naming.names import Rule
from arena_pipeline.importers.snakebench.naming.people import NamesReport, register_names
from arena_pipeline.importers.snakebench.reading.model_list import read_model_list
from arena_pipeline.registry.acts.agents import enable_agents
from arena_pipeline.registry.history import all_aliases
from arena_pipeline.registry.models import model
from arena_pipeline.registry.policy.eligibility import Reason
from arena_pipeline.registry.policy.verdicts import verdicts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import (
    Agent,
    Model,
    ModelAlias,
)
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.importers.snakebench.headers import (
    shared_headers,
)
from arena_pipeline_tests.importers.snakebench.named import LISTED, LOW, NAMES, rules
from arena_pipeline_tests.registry.days import Days, everything
from arena_pipeline_tests.registry.imported import bear

REGISTRY = (Model, ModelAlias, Agent)


@pytest.fixture
def known(store: Store, tmp_path: Path) -> Store:
    """A store whose catalog lists two models."""
    Days(store, tmp_path / "catalogs").next(
        row("acme/one", name="Acme: One"), row("acme/two", name="Acme: Two")
    )
    return store


def agents(store: Store) -> dict[str, Any]:
    with store.read() as connection:
        return {one.alias: one for one in connection.execute(select(Agent.__table__))}


def test_every_name_becomes_that_of_one_model_and_one_agent(known: Store) -> None:
    report = register_names(known, NAMES, LISTED)

    assert rules(report) == {
        "acme/one": (Rule.EXACT, "acme/one"),
        "Acme: One": (Rule.DISPLAY_NAME, "acme/one"),
        "mini-low": (Rule.YAML, "gamma/mini-2025"),
        "mini-high": (Rule.YAML, "gamma/mini-2025"),
        "Llama-70b": (Rule.YAML, "meta/Llama-70b"),
        "Llama-70B": (Rule.UNRESOLVED, "snakebench/Llama-70B"),
        "Odd: Name": (Rule.UNRESOLVED, "snakebench/Odd-Name"),
        "Odd: Name ": (Rule.UNRESOLVED, report.people["Odd: Name "].slug),
        "": (Rule.UNRESOLVED, report.people[""].slug),
        "\ud800\0": (Rule.UNRESOLVED, report.people["\ufffd\ufffd"].slug),
        "\ufffd\ufffd": (Rule.UNRESOLVED, report.people["\ud800\0"].slug),
    }
    stored = {one.alias: one for one in all_aliases(known) if one.origin == "import"}
    assert {name: one.model for name, one in stored.items()} == {
        one.name: one.slug for one in report.people.values()
    }
    assert report.by_rule == {
        "exact": 1, "yaml": 3, "slug_suffix": 0, "display_name": 1, "unresolved": 5,
    }  # fmt: skip
    assert report.unresolved == tuple(
        sorted(["", "Llama-70B", "Odd: Name", "Odd: Name ", "\ufffd\ufffd"])
    )


def test_effort_makes_another_agent_of_the_same_model_and_equal_names_share_one(
    known: Store,
) -> None:
    people = register_names(known, NAMES, LISTED).people

    assert people["mini-low"].model_id == people["mini-high"].model_id
    assert people["mini-low"].agent_id != people["mini-high"].agent_id
    assert people["acme/one"].agent_id == people["Acme: One"].agent_id
    by_alias = agents(known)
    assert by_alias["snakebench/mini-low"].settings == {"history": "snakebench", **LOW}
    assert {(one.kind, one.active, one.is_default, one.source) for one in by_alias.values()} == {
        ("llm", False, False, "import")
    }


def test_a_second_run_finds_everybody_again_and_writes_nothing(known: Store) -> None:
    first = register_names(known, NAMES, LISTED)
    before = everything(known, *REGISTRY)

    second = register_names(known, NAMES, LISTED)
    without = register_names(known, [], ())

    assert everything(known, *REGISTRY) == before
    assert second.people == first.people
    assert len(first.added) == len(NAMES)
    assert not second.changed
    assert {name: without.people[name] for name in without.people} == {
        one.name: one for one in first.people.values()
    }


def test_a_dry_run_tells_the_same_and_writes_nothing(known: Store) -> None:
    before = everything(known, *REGISTRY)
    dry = register_names(known, NAMES, LISTED, dry_run=True)
    assert everything(known, *REGISTRY) == before

    done = register_names(known, NAMES, LISTED)

    assert (rules(dry), dry.by_rule) == (rules(done), done.by_rule)
    assert (dry.models_made, dry.agents_made) == (done.models_made, done.agents_made)
    assert dry.people["acme/one"].model_id == done.people["acme/one"].model_id
    assert dry.people["Llama-70B"].model_id is None
    assert all(one.agent_id is None for one in dry.people.values())
    assert {n: o.alias for n, o in dry.people.items()} == {
        n: o.alias for n, o in done.people.items()
    }


def test_the_order_of_names_makes_no_difference(known: Store) -> None:
    forth = register_names(known, NAMES, LISTED, dry_run=True)
    back = register_names(known, NAMES[::-1], LISTED, dry_run=True)

    assert forth.to_json() == back.to_json()


def test_two_imports_at_once_make_everybody_once(known: Store, store_url: str) -> None:
    def register(names: tuple[str, ...]) -> NamesReport:
        own = open_store(store_url)
        try:
            return register_names(own, names, LISTED)
        finally:
            own.close()

    with ThreadPoolExecutor(2) as both:
        one, other = both.map(register, [NAMES, NAMES[::-1]])

    assert one.people == other.people
    assert sorted([one.changed, other.changed]) == [False, True]


def test_nobody_of_an_import_may_play(known: Store) -> None:
    settings = Settings.load()
    with known.read() as connection:
        before = [who for who in everybody(connection, settings) if who.agent_id is None]

    register_names(known, NAMES, LISTED)

    with known.read() as connection:
        after = everybody(connection, settings)
        made = connection.scalars(select(Model.slug).where(Model.source == "import")).all()
        active = connection.scalars(select(Model.is_active).where(Model.source == "import"))
        assert not any(active)
    assert not any(who.active for who in after if who.agent_id is not None)
    assert {who.name for who in before} <= {who.name for who in after if who.agent_id is None}
    judged = {one.model: one for one in verdicts(known, settings)}
    ((_, why),) = enable_agents(known, ["snakebench/acme/one"], actor="ada").failed
    assert why == (
        "snakebench/acme/one stands for matches played elsewhere; "
        "add a new agent for acme/one to play here"
    )
    assert made
    assert {judged[slug].reason for slug in made} <= {Reason.PRICE_UNKNOWN, Reason.NO_KEY}


def test_a_name_of_an_import_that_told_no_rule_and_no_agent_gets_its_agent(known: Store) -> None:
    model_id = bear(known, "old/one", "Old", rule=None)

    first = register_names(known, ["Old"], ())
    before = everything(known, *REGISTRY)

    assert (first.people["Old"].model_id, first.people["Old"].rule) == (model_id, Rule.EXACT)
    assert first.agents_made == ("snakebench/Old",)
    assert register_names(known, ["Old"], ()).people == first.people
    assert everything(known, *REGISTRY) == before


def test_a_model_that_an_import_made_is_known_by_its_name(known: Store) -> None:
    register_names(known, NAMES, LISTED)

    assert model(known, "mini-low").slug == "gamma/mini-2025"
    assert model(known, "mini-low").client_name == "mini-2025"
    assert (model(known, "Odd: Name").display_name, model(known, "Odd: Name").source) == (
        "Odd: Name",
        "import",
    )


@pytest.mark.shared
def test_every_published_name_finds_its_model_or_one_of_its_own(
    store: Store, shared_data: Path
) -> None:
    folder = shared_data / "snakebench"
    mapping = json.loads((folder / "expected" / "legacy_name_mapping.json").read_bytes())
    listed = read_model_list(folder / "model_list.yaml")
    names = {name for one in shared_headers(shared_data) for name in one["models"].values()}

    report = register_names(store, names, listed)

    people = report.people
    assert len(names) == 75
    assert report.by_rule == {
        "exact": 0, "yaml": 30, "slug_suffix": 33, "display_name": 0, "unresolved": 12,
    }  # fmt: skip
    assert {one["replay_name"] for one in mapping} <= names
    for one in mapping:
        slug = people[one["replay_name"]].slug
        if one["strategy"] in ("exact", "suffix") and one["db_model"] != one["replay_name"]:
            assert slug == one["db_model"]
        elif one["strategy"] != "exact":
            assert slug == f"snakebench/{one['replay_name']}"
    assert people["Llama-3-70B-chat-hf"].slug != people["Llama-3-70b-chat-hf"].slug
    variants = [people[f"o4-mini-2025-04-16-{effort}"] for effort in ("low", "medium", "high")]
    assert len({one.slug for one in variants}) == 1
    assert len({one.agent_id for one in variants}) == 3
