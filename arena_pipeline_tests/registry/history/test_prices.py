"""What a model cost, and when."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry import history
from arena_pipeline.registry.history import price_on, prices
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days
from arena_pipeline_tests.registry.syncing.years import day

OTHERS = [row(f"acme/other{number}") for number in range(4)]


def test_a_price_holds_from_its_catalog_until_the_next_one(days: Days) -> None:
    for price in ("0.000001", "0.000001", "0.000003", "-1"):
        days.next(row("acme/one", prompt=price))

    found = prices(days.store, "acme/one")

    assert [(point.valid_from, point.price_prompt) for point in found] == [
        (day(0), Decimal(1)),
        (day(2), Decimal(3)),
        (day(3), None),
    ]
    assert {point.price_completion for point in found[:2]} == {Decimal(2)}


def test_a_day_has_the_price_in_force_at_its_end_and_a_moment_its_own(days: Days) -> None:
    days.next(row("acme/one", prompt="0.000001"))
    days.next(row("acme/one", prompt="0.000003"))
    new, old = Decimal(3), Decimal(1)

    def prompt(when: date) -> Decimal | None:
        point = price_on(days.store, "acme/one", when)
        assert point is not None
        return point.price_prompt

    assert [prompt(date(2026, 1, number)) for number in (1, 2, 3)] == [old, new, new]
    assert prompt(date.max) == new
    assert prompt(day(1) - timedelta(microseconds=1)) == old
    assert prompt(day(1)) == new


def test_before_its_first_price_a_model_has_none(days: Days) -> None:
    days.next(row("acme/one"))

    assert price_on(days.store, "acme/one", date(2025, 12, 31)) is None
    assert price_on(days.store, "acme/one", FIRST_DAY - timedelta(seconds=1)) is None


def test_while_a_model_is_away_its_last_price_stands(days: Days) -> None:
    days.next(*OTHERS, row("acme/one", prompt="0.000005"))
    days.next(*OTHERS)

    point = price_on(days.store, "acme/one", day(1))

    assert point is not None
    assert point.price_prompt == Decimal(5)


def test_a_time_without_a_zone_is_refused(days: Days) -> None:
    days.next(row("acme/one"))

    with pytest.raises(ArenaError, match="2026-01-01 00:00:00 has no zone"):
        price_on(days.store, "acme/one", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_change_of_other_prices_alone_is_on_record_too(days: Days) -> None:
    def priced(cache: str) -> dict[str, Any]:
        pricing = {"prompt": "0.000001", "completion": "0.000002", "input_cache_read": cache}
        return row("acme/one", pricing=pricing)

    days.next(priced("0.0000005"))
    days.next(priced("0.0000001"))

    first, second = prices(days.store, "acme/one")
    assert (first.price_prompt, first.price_completion) == (
        second.price_prompt,
        second.price_completion,
    )
    assert [first.other_prices, second.other_prices] == [
        {"input_cache_read": "0.0000005"},
        {"input_cache_read": "0.0000001"},
    ]


def test_spans_end_where_the_next_begins(days: Days) -> None:
    days.next(row("acme/b"), row("acme/a"))
    days.next(row("acme/b"), row("acme/a", prompt="0"))

    assert [
        (span.slug, span.valid_from, span.valid_to, span.price_prompt)
        for span in history.all_prices(days.store)
    ] == [
        ("acme/a", day(0), day(1), Decimal(1)),
        ("acme/a", day(1), None, Decimal(0)),
        ("acme/b", day(0), None, Decimal(1)),
    ]
