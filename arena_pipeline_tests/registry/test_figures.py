"""Figures of the catalog against cases worked out by hand, and laws of the price index."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.diff import CatalogDiff, Change
from arena_pipeline.registry.figures import (
    IndexPoint,
    MarketDay,
    blended,
    by_kind,
    by_reason,
    by_status,
    by_vendor,
    chain,
    churn,
    price_bands,
    price_index,
)
from arena_pipeline.registry.models import models
from arena_pipeline.registry.policy.eligibility import Reason, Verdict
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days


def costing(slug: str, usd_per_million: str, **fields: Any) -> dict[str, Any]:
    """A row whose prompt and completion, and so its blended price too, cost this."""
    per_token = str(Decimal(usd_per_million).scaleb(-6))
    return row(slug, prompt=per_token, completion=per_token, **fields)


def levels(points: tuple[IndexPoint, ...]) -> list[float]:
    return [round(point.level, 9) for point in points]


def test_a_blended_price_is_three_parts_prompt_and_one_part_completion() -> None:
    assert blended(Decimal(1), Decimal(5)) == 2
    assert blended(Decimal(0), Decimal(0)) == 0
    assert blended(None, Decimal(5)) is None
    assert blended(Decimal(1), None) is None


def test_vendors_are_counted_with_the_median_price_of_what_costs_something(
    store: Store, days: Days
) -> None:
    days.next(
        costing("acme/a", "1"), costing("acme/b", "3"), costing("acme/c", "0"),
        costing("bolt/a", "0"), costing("cog/a", "-1000000"), costing("cog/b", "7"),
        costing("gone/a", "1"),
    )  # fmt: skip
    days.next(
        costing("acme/a", "1"), costing("acme/b", "3"), costing("acme/c", "0"),
        costing("bolt/a", "0"), costing("cog/a", "-1000000"), costing("cog/b", "7"),
    )  # fmt: skip

    first, second, others = by_vendor(models(store), most=2)

    assert (first.vendor, first.models, first.free, first.median_price) == (
        "acme",
        3,
        1,
        Decimal(2),
    )
    assert (second.vendor, second.models, second.free, second.median_price) == (
        "cog",
        2,
        0,
        Decimal(7),
    )
    assert (others.models, others.free, others.median_price, others.vendors) == (1, 1, None, 1)


def test_a_band_begins_with_its_lower_price(store: Store, days: Days) -> None:
    prices = ("0", "0.0999", "0.1", "0.3", "29.99", "30", "900", "-1")
    days.next(*(costing(f"acme/{number}", price) for number, price in enumerate(prices)))

    assert price_bands(models(store)) == {
        "free": 1, "below 0.1": 1, "0.1 to 0.3": 1, "0.3 to 1": 1, "1 to 3": 0, "3 to 10": 0,
        "10 to 30": 1, "30 and more": 2, "unknown": 1,
    }  # fmt: skip


def test_models_are_counted_by_where_they_stand(store: Store, days: Days) -> None:
    days.next(*(row(f"acme/{name}") for name in "abcde"))
    days.next(*(row(f"acme/{name}") for name in "abcd"))

    assert by_status(models(store)) == {
        "known": 5, "listed": 4, "away": 1, "may play": 0, "untested": 5,
    }  # fmt: skip


def test_reasons_come_with_their_number_and_first_model_the_commonest_first() -> None:
    judged = [
        Verdict("a", None, None, Decimal(0)),
        Verdict("b", Reason.NO_KEY, "set THE_KEY", Decimal(1)),
        Verdict("c", Reason.TOO_EXPENSIVE, "about 3 USD", Decimal(3)),
        Verdict("d", Reason.TOO_EXPENSIVE, "about 4 USD", Decimal(4)),
    ]

    found = [(one.reason, one.models, one.example, one.detail) for one in by_reason(judged)]

    assert found == [
        ("too expensive", 2, "c", "about 3 USD"), ("no key", 1, "b", "set THE_KEY"),
    ]  # fmt: skip


def test_changes_are_counted_by_kind_and_flips_among_the_new_prices() -> None:
    there, back = Change("a", {}, {}), Change("b", {}, {}, is_flip=True)

    assert by_kind(CatalogDiff()) == {}
    assert by_kind(CatalogDiff(added=("c",), repriced=(there, back))) == {
        "added": 1, "repriced": 2, "of these flipped back": 1,
    }  # fmt: skip


def test_churn_counts_each_catalog_but_the_first(store: Store, days: Days) -> None:
    assert churn(store) == ()
    days.next(costing("a/sample", "1"), is_sample=True)
    days.next(*(costing(f"acme/{name}", "1") for name in "abcde"))
    days.next(*(costing(f"acme/{name}", "1") for name in "abcd"))
    days.next(*(costing(f"acme/{name}", "2") for name in "abcdef"))

    found = churn(store)

    counted = [(one.models, one.added, one.removed, one.returned, one.repriced) for one in found]
    assert counted == [(4, 0, 1, 0, 0), (6, 1, 0, 1, 4)]
    assert [one.at for one in found] == [FIRST_DAY + timedelta(days=n) for n in (2, 3)]
    assert churn(store, limit=1) == found[-1:]


def test_without_a_real_catalog_there_is_no_price_level(store: Store, days: Days) -> None:
    assert price_index(store) == ()
    days.next(costing("acme/a", "1"), is_sample=True)

    assert price_index(store) == ()


def test_the_level_moves_by_the_geometric_mean_of_what_both_catalogs_list(
    store: Store, days: Days
) -> None:
    days.next(costing("acme/a", "1"), is_sample=True)
    days.next(costing("acme/a", "2"), costing("acme/b", "5"))
    days.next(costing("acme/a", "4"), costing("acme/b", "5"), costing("acme/new", "900"))
    days.next(costing("acme/a", "4"), costing("acme/b", "5"), costing("acme/new", "100"))

    found = price_index(store)

    # 2 models: sqrt(4/2 * 5/5); then 3 models: cbrt(4/4 * 5/5 * 100/900)
    assert levels(found) == levels(
        (
            IndexPoint(FIRST_DAY, 100, 0),
            IndexPoint(FIRST_DAY, 100 * math.sqrt(2), 2),
            IndexPoint(FIRST_DAY, 100 * math.sqrt(2) / 9 ** (1 / 3), 3),
        )
    )
    assert [point.models for point in found] == [0, 2, 3]
    assert [point.at for point in found] == [FIRST_DAY + timedelta(days=n) for n in (1, 2, 3)]


def test_the_level_weighs_three_parts_prompt_and_one_part_completion(
    store: Store, days: Days
) -> None:
    days.next(row("acme/a", prompt="0.000001", completion="0.000001"))
    days.next(row("acme/a", prompt="0.000001", completion="0.000005"))

    assert levels(price_index(store)) == [100, 200]


def test_what_was_away_free_or_unknown_moves_nothing(store: Store, days: Days) -> None:
    rest = [costing(f"acme/{number}", "1") for number in range(9)]
    days.next(*rest, costing("acme/gone", "1"), costing("acme/free", "1"), costing("acme/x", "1"))
    days.next(*rest, costing("acme/free", "0"), costing("acme/x", "-1"))
    days.next(*rest, costing("acme/gone", "8"), costing("acme/free", "8"), costing("acme/x", "8"))

    found = price_index(store)

    assert levels(found) == [100, 100, 100]
    assert [point.models for point in found] == [0, 9, 9]


def test_another_model_behind_the_same_id_moves_nothing(store: Store, days: Days) -> None:
    days.next(costing("acme/a", "1"), costing("acme/b", "1"))
    days.next(costing("acme/a", "8", created=1_760_000_000), costing("acme/b", "2"))
    days.next(costing("acme/a", "32", created=1_760_000_000), costing("acme/b", "2"))

    found = price_index(store)

    assert levels(found) == [100, 200, 400]
    assert [point.models for point in found] == [0, 1, 2]


def test_a_refused_catalog_moves_nothing(store: Store, days: Days) -> None:
    days.next(costing("acme/a", "1"), costing("acme/b", "1"))
    with pytest.raises(Exception, match="misses 2 of 2"):
        days.next(costing("acme/c", "9"))

    assert levels(price_index(store)) == [100]


PRICE = st.decimals("0.001", "900", places=3)
MARKET = st.dictionaries(st.text("abc", min_size=1), PRICE, min_size=1, max_size=12)


@given(MARKET, st.data())
def test_a_price_that_flips_back_brings_the_level_back(
    prices: dict[str, Decimal], data: st.DataObject
) -> None:
    moved = {slug: data.draw(PRICE) for slug in data.draw(st.sets(st.sampled_from(sorted(prices))))}
    back = {slug: prices[slug] for slug in moved}

    points = chain(
        [
            MarketDay(FIRST_DAY, frozenset(prices), prices=prices),
            MarketDay(FIRST_DAY, prices=moved),
            MarketDay(FIRST_DAY, prices=back),
        ]
    )

    assert math.isclose(points[-1].level, 100, rel_tol=1e-12)
    assert points[-1].models == len(prices)


@given(MARKET, PRICE)
def test_prices_that_all_grow_alike_make_the_level_grow_like_them(
    prices: dict[str, Decimal], factor: Decimal
) -> None:
    grown = {slug: price * factor for slug, price in prices.items()}

    *_, last = chain(
        [
            MarketDay(FIRST_DAY, frozenset(prices), prices=prices),
            MarketDay(FIRST_DAY, prices=grown),
        ]
    )

    assert math.isclose(last.level, 100 * float(factor), rel_tol=1e-12)


@given(st.lists(MARKET, min_size=1, max_size=6))
def test_the_level_is_that_of_comparing_neighbours_the_plain_way(
    markets: list[dict[str, Decimal]],
) -> None:
    """Each catalog given in full, against what `chain` makes of the differences."""
    days, expected, logarithm = [], [], 0.0
    before: dict[str, Decimal] = {}
    for now in markets:
        arrived, gone = now.keys() - before.keys(), before.keys() - now.keys()
        days.append(MarketDay(FIRST_DAY, frozenset(arrived), frozenset(gone), prices=now))
        both = now.keys() & before.keys()
        if both:
            logarithm += sum(math.log(now[slug] / before[slug]) for slug in both) / len(both)
        expected.append((100 * math.exp(logarithm), len(both)))
        before = now

    found = [(point.level, point.models) for point in chain(days)]

    assert [models for _, models in found] == [models for _, models in expected]
    for (level, _), (plain, _) in zip(found, expected, strict=True):
        assert math.isclose(level, plain, rel_tol=1e-9)
