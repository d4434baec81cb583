from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arena_pipeline.catalog.tariff import Tariff

LONG = {"min_prompt_tokens": 200_000, "prompt": "0.000004", "completion": "0.000012"}
LONGER = {"min_prompt_tokens": 500_000, "prompt": "0.00001"}
BY_DAY = {"utc_start": 800, "utc_end": 2000, "prompt": "0.000004", "completion": "0.000008"}
BY_NIGHT = {"utc_start": 2000, "utc_end": 800, "prompt": "0.000001", "completion": "0.000002"}

NOON = datetime(2026, 8, 18, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 8, 18, tzinfo=UTC)


def tariff(*overrides: object, **pricing: object) -> Tariff:
    """2 USD per million prompt tokens, 6 per million completion tokens, and what else is given."""
    further = {"overrides": [*overrides]} if overrides else {}
    return Tariff.of(Decimal(2), Decimal(6), pricing | further)


@pytest.mark.parametrize(
    ("prompt", "completion", "cache_read", "tokens", "billed"),
    [
        ("2", "6", "0.0000003", (5628, 128, 5091), "0.0415844"),
        ("2", "12", "0.0000002", (22189, 0, 3987), "0.092222"),
        ("2", "12", "0.0000002", (818, 0, 260), "0.004756"),
        ("0.5", "1.5", "0.00000005", (22840, 0, 2332), "0.014918"),
    ],
)
def test_real_bills_are_met_to_the_last_digit(
    prompt: str, completion: str, cache_read: str, tokens: tuple[int, int, int], billed: str
) -> None:
    whole, cached, written = tokens
    prices = Tariff.of(Decimal(prompt), Decimal(completion), {"input_cache_read": cache_read})

    assert prices.cost(whole, written, cached_tokens=cached) == Decimal(billed)


def test_cached_tokens_without_a_price_of_their_own_cost_the_full_price() -> None:
    assert tariff().cost(1000, 10, cached_tokens=900) == tariff().cost(1000, 10)


def test_a_fee_for_the_request_comes_on_top_and_a_missing_one_is_none() -> None:
    assert tariff(request="0.005").cost(0, 0) == Decimal("0.005")
    assert tariff().cost(0, 0) == 0


def test_prices_that_no_call_of_ours_uses_cost_nothing() -> None:
    dear = {"web_search": "0.9", "image": "0.9", "audio": "free", "internal_reasoning": "0.9"}

    assert tariff(**dear).cost(10, 10) == tariff().cost(10, 10)


@given(st.decimals(0, 10**6, places=17), st.integers(0, 10**12))
def test_no_digit_is_lost(price: Decimal, tokens: int) -> None:
    cost = Tariff.of(price, Decimal(0), {}).cost(tokens, 0)

    assert cost is not None
    assert Fraction(cost) == Fraction(price) * tokens / 10**6


@pytest.mark.parametrize(
    ("prompt", "completion", "pricing"),
    [
        (None, 1, {}),
        (1, None, {}),
        (1, 1, {"request": "-1"}),
        (1, 1, {"request": "free"}),
        (1, 1, {"input_cache_read": "1e999"}),
    ],
)
def test_a_price_that_is_unknown_makes_the_cost_unknown_not_nothing(
    prompt: int | None, completion: int | None, pricing: dict[str, Any]
) -> None:
    main = [None if price is None else Decimal(price) for price in (prompt, completion)]

    assert Tariff.of(main[0], main[1], pricing).cost(10, 10, cached_tokens=5) is None


def test_a_free_model_costs_nothing_which_is_known() -> None:
    assert Tariff.of(Decimal(0), Decimal(0), {}).cost(10**6, 10**6) == 0


@pytest.mark.parametrize(
    ("tokens", "cost"),
    [
        (199_999, "0.399998"),
        (200_000, "0.8"),
        (499_999, "1.999996"),
        (500_000, "5"),
    ],
)
def test_the_highest_tier_that_a_prompt_reaches_holds_for_all_of_it(tokens: int, cost: str) -> None:
    assert tariff(LONGER, LONG).cost(tokens, 0) == Decimal(cost)


def test_a_tier_replaces_only_the_base_prices_it_names() -> None:
    assert tariff(LONG, LONGER).cost(500_000, 1_000_000) == Decimal(5 + 6)


def test_a_tier_has_its_own_price_for_cached_tokens() -> None:
    tier = LONG | {"input_cache_read": "0.000001"}

    assert tariff(tier).cost(200_000, 0, cached_tokens=200_000) == Decimal("0.2")


@pytest.mark.parametrize(
    ("at", "cost"),
    [
        (NOON, "4"),
        (NOON.replace(hour=8), "4"),
        (NOON.replace(hour=7, minute=59, second=59), "1"),
        (NOON.replace(hour=20), "1"),
        (MIDNIGHT, "1"),
        (NOON.astimezone(timezone(timedelta(hours=-9))), "4"),
        (None, "4"),
    ],
)
def test_the_hour_decides_and_without_one_the_dearest(at: datetime | None, cost: str) -> None:
    assert tariff(BY_DAY, BY_NIGHT).cost(10**6, 0, at=at) == Decimal(cost)


def test_a_window_replaces_the_base_also_where_it_is_cheaper() -> None:
    assert tariff(BY_NIGHT).cost(10**6, 0, at=MIDNIGHT) == Decimal(1)
    assert tariff(BY_NIGHT).cost(10**6, 0, at=NOON) == tariff(BY_NIGHT).cost(10**6, 0) == 2


def test_an_override_may_ask_for_a_long_prompt_and_an_hour() -> None:
    both = LONG | {"utc_start": 800, "utc_end": 2000}

    assert tariff(both).cost(200_000, 0, at=NOON) == Decimal("0.8")
    assert tariff(both).cost(200_000, 0, at=MIDNIGHT) == Decimal("0.4")
    assert tariff(both).cost(199_999, 0, at=NOON) == Decimal("0.399998")
    assert tariff(both).cost(200_000, 0) == Decimal("0.8")


def test_a_long_prompt_costs_its_tier_in_every_window() -> None:
    assert tariff(BY_NIGHT, LONGER).cost(500_000, 0, at=MIDNIGHT) == Decimal(5)


def test_of_overrides_that_contradict_each_other_the_dearer_counts() -> None:
    cheap = LONG | {"prompt": "0.000001"}

    assert tariff(LONG, cheap).cost(200_000, 0) == Decimal("0.8")
    assert tariff(cheap, LONG).cost(200_000, 0) == Decimal("0.8")


def test_an_override_for_who_knows_what_counts_where_it_is_dearer() -> None:
    def for_students(price: str) -> dict[str, Any]:
        return {"audience": "students", "prompt": price}

    assert tariff(for_students("0.000001")).cost(10**6, 0) == 2
    assert tariff(for_students("0.000003")).cost(10**6, 0) == 3


@pytest.mark.parametrize(
    "override",
    ["free", {"min_prompt_tokens": -1}, {"utc_start": 1}, {"min_prompt_tokens": "many"}],
)
def test_an_override_that_cant_be_read_makes_every_cost_unknown(override: object) -> None:
    assert tariff(override).cost(1, 1) is None
    assert Tariff.of(Decimal(0), Decimal(0), {"overrides": 7}).cost(1, 1) is None


def test_a_price_that_cant_be_read_is_unknown_only_where_it_applies() -> None:
    prices = tariff(LONG | {"prompt": "free"})

    assert prices.cost(199_999, 0) == Decimal("0.399998")
    assert prices.cost(200_000, 0) is None
    assert tariff(BY_DAY | {"prompt": "1e999"}).cost(1, 0, at=MIDNIGHT) is not None
    assert tariff(BY_DAY | {"prompt": "1e999"}).cost(1, 0) is None


@pytest.mark.parametrize(("prompt", "cached", "completion"), [(-1, 0, 0), (0, 0, -1), (5, 6, 0)])
def test_a_call_that_cant_be_has_no_cost(prompt: int, cached: int, completion: int) -> None:
    with pytest.raises(ValueError, match="No call has"):
        tariff().cost(prompt, completion, cached_tokens=cached)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        tariff(BY_DAY).cost(1, 1, at=NOON.replace(tzinfo=None))


prices = st.integers(0, 1000).map(lambda number: f"0.{number:09d}")
clocks = st.builds(lambda hour, minute: 100 * hour + minute, st.integers(0, 23), st.integers(0, 59))
windows = st.fixed_dictionaries(
    {"utc_start": clocks, "utc_end": clocks, "prompt": prices, "completion": prices},
    optional={"input_cache_read": prices},
)
tiers = st.fixed_dictionaries(
    {"min_prompt_tokens": st.integers(0, 1000), "prompt": prices, "completion": prices}
)
tokens = st.integers(0, 2000)
moments = st.datetimes(timezones=st.just(UTC))


@given(st.lists(windows | tiers, max_size=4), tokens, tokens, moments)
def test_no_moment_is_dearer_than_the_dearest(
    overrides: list[Any], prompt: int, completion: int, at: datetime
) -> None:
    dearest = tariff(*overrides).cost(prompt, completion)
    then = tariff(*overrides).cost(prompt, completion, at=at)

    assert dearest is not None
    assert then is not None
    assert dearest >= then


@given(st.lists(windows, max_size=4), tokens, tokens, tokens, tokens, moments | st.none())
def test_more_tokens_never_cost_less(
    overrides: list[Any], prompt: int, completion: int, more: int, written: int, at: datetime | None
) -> None:
    less = tariff(*overrides).cost(prompt, completion, at=at)
    after = tariff(*overrides).cost(prompt + more, completion + written, at=at)

    assert less is not None
    assert after is not None
    assert after >= less


@given(st.lists(tiers, max_size=4), tokens, tokens, tokens)
def test_longer_prompts_never_cost_less_where_tiers_get_dearer(
    overrides: list[Any], prompt: int, completion: int, more: int
) -> None:
    steps = sorted(overrides, key=lambda tier: tier["min_prompt_tokens"])
    for key in ("prompt", "completion"):
        rising = [tier[key] for tier in steps]
        assume(rising == sorted(rising))
    prices = Tariff.of(Decimal(0), Decimal(0), {"overrides": overrides})

    less, after = prices.cost(prompt, completion), prices.cost(prompt + more, completion)

    assert less is not None
    assert after is not None
    assert after >= less


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
entries = json_values | st.dictionaries(
    st.sampled_from(["prompt", "completion", "min_prompt_tokens", "utc_start", "utc_end"]),
    json_values,
)
whatever = st.dictionaries(st.sampled_from(["request", "input_cache_read"]), json_values)


@given(whatever, json_values | st.lists(entries, max_size=3))
def test_whatever_the_catalog_says_there_is_an_answer(further: Any, overrides: Any) -> None:
    cost = tariff(**further | {"overrides": overrides}).cost(1000, 1000, cached_tokens=10)

    assert cost is None or cost >= 0
