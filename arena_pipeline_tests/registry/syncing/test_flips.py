from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from arena_pipeline.registry.models import model
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogChange, ModelPrice
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, count

CHEAP, DEAR, OTHER = "0.000001", "0.000003", "0.000005"


def flipped(days: Days, *prices: str, window: float = 7) -> list[bool]:
    """Whether each day's catalog after the first brings a flip."""
    reports = [
        days.next(
            row("acme/one", prompt=price), row("acme/two"), flip_window=timedelta(days=window)
        )
        for price in prices
    ]
    return [bool(report.diff.flipped) for report in reports[1:]]


def test_a_price_that_goes_back_is_a_flip_and_the_way_there_is_none(days: Days) -> None:
    assert flipped(days, CHEAP, DEAR, CHEAP) == [False, True]


def test_a_price_that_goes_back_and_forth_flips_each_time_but_the_first(days: Days) -> None:
    assert flipped(days, CHEAP, DEAR, CHEAP, DEAR, CHEAP) == [False, True, True, True]


def test_another_price_than_ever_is_no_flip(days: Days) -> None:
    assert flipped(days, CHEAP, DEAR, OTHER) == [False, False]


def test_back_to_unknown_is_a_flip_too(days: Days) -> None:
    assert flipped(days, "-1", CHEAP, "-1") == [False, True]


@pytest.mark.parametrize(("days_away", "is_flip"), [(1, True), (7, True), (8, False), (30, False)])
def test_only_a_price_in_force_within_the_window_is_gone_back_to(
    days: Days, days_away: int, is_flip: bool
) -> None:
    assert flipped(days, *[CHEAP] * 5, *[DEAR] * days_away, CHEAP)[-1] is is_flip


def test_a_window_of_no_days_knows_no_flips(days: Days) -> None:
    assert flipped(days, CHEAP, DEAR, CHEAP, window=0) == [False, False]


def test_a_flip_is_written_down_as_a_repricing_that_is_one(days: Days) -> None:
    flipped(days, CHEAP, DEAR)
    report = days.next(row("acme/one", prompt=CHEAP, name="Else"), row("acme/two", prompt=OTHER))

    shown = report.to_json()
    with days.store.read() as connection:
        written = connection.execute(
            select(CatalogChange.slug, CatalogChange.kind, CatalogChange.is_flip)
            .where(CatalogChange.snapshot_id == report.snapshot_id)
            .order_by(CatalogChange.slug, CatalogChange.kind)
        ).all()
    assert shown["flipped"] == ["acme/one"]
    assert [change["slug"] for change in shown["repriced"]] == ["acme/one", "acme/two"]
    assert [tuple(change) for change in written] == [
        ("acme/one", "renamed", False),
        ("acme/one", "repriced", True),
        ("acme/two", "repriced", False),
    ]


def test_a_flip_is_part_of_the_price_history_like_any_price(days: Days) -> None:
    flipped(days, CHEAP, DEAR, CHEAP)

    assert model(days.store, "acme/one").price_prompt == Decimal(1)
    assert count(days.store, ModelPrice) == 4


def price_from_a_file(store: Store, slug: str, prompt: int, valid_from: object) -> None:
    with store.write() as connection:
        connection.execute(
            insert(ModelPrice).values(
                model_id=model(store, slug).id,
                valid_from=valid_from,
                price_prompt=Decimal(prompt),
                price_completion=Decimal(2),
            )
        )


def test_what_a_file_said_a_model_costs_is_nothing_the_catalog_goes_back_to(days: Days) -> None:
    flipped(days, CHEAP)
    price_from_a_file(days.store, "acme/one", 3, FIRST_DAY + timedelta(hours=1))

    assert flipped(days, CHEAP, DEAR) == [False]


def test_a_price_of_the_file_from_the_same_moment_on_is_no_obstacle(days: Days) -> None:
    flipped(days, CHEAP)
    price_from_a_file(days.store, "acme/one", 9, FIRST_DAY + timedelta(days=1))

    flipped(days, DEAR)

    with days.store.read() as connection:
        newest = select(ModelPrice.price_prompt).order_by(ModelPrice.valid_from.desc()).limit(1)
        assert connection.scalar(newest) == Decimal(3)
