"""Models that did not come from the catalog, and what a catalog that lists them does to them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelPrice
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days
from arena_pipeline_tests.registry.stored import history, stored

FOUR = [row(f"acme/m{number}") for number in range(4)]


def from_elsewhere(store: Store, source: str, *, slug: str = "acme/else", **values: Any) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Model).values(
                slug=slug,
                source=source,
                display_name="else",
                vendor="acme",
                discovered_at=FIRST_DAY,
                **values,
            )
        )


@pytest.mark.parametrize("source", ["import", "training"])
def test_models_from_elsewhere_are_never_removed_and_never_return(days: Days, source: str) -> None:
    from_elsewhere(days.store, source)
    days.next(*FOUR)
    first = days.next(*FOUR, row("acme/else"))
    away = days.next(*FOUR)
    back = days.next(*FOUR, row("acme/else", name="Other"))

    assert first.diff.added == ("acme/else",)
    assert away.diff.is_empty
    assert [(str(kind), slug) for kind, slug, *_ in back.diff.changes()] == [
        ("renamed", "acme/else")
    ]
    assert stored(days.store, "acme/else", "source", "removed_at", "price_prompt") == (
        source,
        None,
        Decimal(1),
    )


def test_a_model_that_the_models_file_named_first_is_removed_when_the_catalog_drops_it(
    days: Days,
) -> None:
    from_elsewhere(days.store, "yaml")
    unlisted = days.next(*FOUR)
    days.next(*FOUR, row("acme/else"))
    away = days.next(*FOUR)
    quiet = days.next(*FOUR, row("acme/new"))
    back = days.next(*FOUR, row("acme/new"), row("acme/else"))

    assert unlisted.diff.removed == quiet.diff.removed == ()
    assert away.diff.removed == back.diff.returned == ("acme/else",)
    assert stored(days.store, "acme/else", "source", "removed_at") == ("yaml", None)


def test_a_model_from_elsewhere_can_be_called_once_the_catalog_lists_it(days: Days) -> None:
    from_elsewhere(days.store, "import")
    days.next(row("acme/else"))

    found = stored(days.store, "acme/else", "gateway", "client_name")

    assert found == ("openrouter", "acme/else")


def test_a_model_keeps_the_gateway_that_the_models_file_gave_it(days: Days) -> None:
    from_elsewhere(days.store, "yaml", gateway="own", client_name="one", price_prompt=Decimal(9))
    days.next(row("acme/else"))

    found = stored(days.store, "acme/else", "gateway", "client_name", "price_prompt")

    assert found == ("own", "one", Decimal(1))


def test_models_from_elsewhere_that_an_older_catalog_dropped_are_not_missed_again(
    days: Days,
) -> None:
    others = [row(f"acme/else{number}") for number in range(4)]
    for listed in others:
        from_elsewhere(days.store, "import", slug=listed["id"])
    days.next(*FOUR)
    days.next(*FOUR, *others, row("acme/new"))
    days.next(*FOUR, fetched_at=FIRST_DAY, accept_drop=True)
    days.next(*reversed(FOUR))

    assert days.next(*FOUR, row("acme/newer")).diff.added == ("acme/newer",)
    assert stored(days.store, "acme/else0", "last_seen_at") == (FIRST_DAY + timedelta(days=1),)


def test_what_the_catalog_says_is_the_last_word_on_a_price_of_the_models_file(days: Days) -> None:
    from_elsewhere(days.store, "yaml", price_prompt=Decimal(9), price_completion=Decimal(9))
    told = FIRST_DAY + timedelta(days=1, hours=1)
    with days.store.write() as connection:
        connection.execute(
            insert(ModelPrice).values(
                model_id=select(Model.id).scalar_subquery(),
                valid_from=told,
                price_prompt=Decimal(9),
            )
        )

    for number in range(5):
        days.next(row("acme/else"), row(f"acme/new{number}"), accept_drop=True)

    assert [(at, prompt) for at, prompt, *_ in history(days.store, "acme/else")] == [
        (FIRST_DAY, Decimal(1)),
        (told, Decimal(9)),
        (FIRST_DAY + timedelta(days=2), Decimal(1)),
    ]
