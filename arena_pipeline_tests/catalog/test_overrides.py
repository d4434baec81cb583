import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.overrides import (
    UNREADABLE,
    Override,
    Window,
    read_overrides,
    steady_prices,
)

NIGHT = {"utc_start": 2230, "utc_end": 630, "prompt": "0.000001", "completion": "0.000002"}
DAYTIME = {"utc_start": 630, "utc_end": 2230, "prompt": "0.000003", "completion": "0.000006"}


def pricing(*overrides: object, **prices: str) -> dict[str, Any]:
    """A row's prices with these overrides."""
    return {"prompt": "0.000009", "completion": "0.000009", **prices, "overrides": [*overrides]}


def fetched_in(window: dict[str, Any], *windows: dict[str, Any]) -> dict[str, Any]:
    """What the gateway shows while `window` is in force."""
    shown = {key: value for key, value in window.items() if not key.startswith("utc_")}
    return {**shown, "overrides": [*windows]}


def test_a_tier_and_a_window_are_read() -> None:
    tier = {"min_prompt_tokens": 200_000, "prompt": "0.000004"}

    assert read_overrides(pricing(tier, NIGHT | {"min_prompt_tokens": 5})) == (
        Override({"prompt": Decimal("0.000004")}, 200_000),
        Override(
            {"prompt": Decimal("0.000001"), "completion": Decimal("0.000002")},
            5,
            Window(22 * 60 + 30, 6 * 60 + 30),
        ),
    )


def test_a_row_without_overrides_has_none() -> None:
    assert read_overrides({}) == read_overrides({"overrides": None}) == ()


@pytest.mark.parametrize(
    "entry",
    [
        3,
        None,
        [],
        "night",
        {"min_prompt_tokens": -1},
        {"min_prompt_tokens": "200000"},
        {"min_prompt_tokens": True},
        {"min_prompt_tokens": float("inf")},
        {"utc_start": 100},
        {"utc_end": 100},
        {"utc_start": 160, "utc_end": 200},
        {"utc_start": 0, "utc_end": 2401},
        {"utc_start": -100, "utc_end": 100},
        {"utc_start": "01:00", "utc_end": "02:00"},
        {"utc_start": True, "utc_end": 100},
    ],
)
def test_an_override_whose_condition_cant_be_read_may_be_for_any_call(entry: object) -> None:
    assert read_overrides(pricing(entry)) == (UNREADABLE,)


@pytest.mark.parametrize("overrides", ["none", {}, 7, True])
def test_overrides_that_are_no_list_may_say_anything(overrides: object) -> None:
    assert read_overrides({"overrides": overrides}) == (UNREADABLE,)


@pytest.mark.parametrize("price", ["free", "1e999", "-1", "NaN", [], True])
def test_an_override_with_a_price_that_cant_be_read_is_for_its_calls_only(price: object) -> None:
    (found,) = read_overrides(pricing({"min_prompt_tokens": 10, "prompt": price}))

    assert found == Override({"prompt": None}, 10)


@pytest.mark.parametrize(
    ("window", "held", "not_held"),
    [
        (Window(60, 240), [60, 239], [59, 240]),
        (Window(600, 60), [600, 1439, 0, 59], [60, 599]),
        (Window(0, 1440), [0, 720, 1439], []),
        (Window(300, 300), [299, 300, 301], []),
        (Window(1380, 1440), [1380, 1439], [1379, 0]),
    ],
)
def test_a_window_begins_with_its_start_and_ends_before_its_end(
    window: Window, held: list[int], not_held: list[int]
) -> None:
    assert [m for m in [*held, *not_held] if window.holds(m)] == held


@given(st.integers(0, 1440), st.integers(0, 1440))
def test_a_window_holds_for_as_many_minutes_as_it_has(start: int, end: int) -> None:
    window = Window(start, end)

    assert sum(map(window.holds, range(1440))) == window.minutes


@pytest.mark.parametrize("shown", [NIGHT, DAYTIME])
def test_prices_by_the_hour_are_those_of_the_longest_part_of_the_day(
    shown: dict[str, Any],
) -> None:
    steady = steady_prices(fetched_in(shown, NIGHT, DAYTIME))

    assert (steady["prompt"], steady["completion"]) == ("0.000003", "0.000006")


def test_parts_of_the_day_with_one_price_are_counted_together() -> None:
    dear = {"prompt": "0.000005", "completion": "0.000005"}
    cheap = {"prompt": "0.000001", "completion": "0.000001"}
    parts = [
        {"utc_start": 0, "utc_end": 1000, **dear},
        {"utc_start": 1000, "utc_end": 1800, **cheap},
        {"utc_start": 1800, "utc_end": 0, **cheap},
    ]

    assert steady_prices(pricing(*parts))["prompt"] == "0.000001"


def test_of_parts_as_long_the_dearest_counts() -> None:
    halves = [
        NIGHT | {"utc_start": 0, "utc_end": 1200},
        DAYTIME | {"utc_start": 1200, "utc_end": 0},
    ]

    assert steady_prices(pricing(*halves)) == steady_prices(pricing(*reversed(halves)))
    assert steady_prices(pricing(*halves))["prompt"] == "0.000003"


@pytest.mark.parametrize(
    "overrides",
    [
        [NIGHT],
        [DAYTIME | {"utc_end": 2200}, NIGHT],
        [DAYTIME | {"utc_end": 2300}, NIGHT],
        [DAYTIME, {key: NIGHT[key] for key in NIGHT if key != "prompt"}],
        [DAYTIME, NIGHT, "what?"],
        [{"min_prompt_tokens": 10, "prompt": "0.1"}],
        [],
        "none",
        None,
    ],
)
def test_windows_that_leave_the_price_of_some_hour_open_change_nothing(overrides: Any) -> None:
    shown = {"prompt": "0.000009", "completion": "0.000009", "overrides": overrides}
    steady = steady_prices(shown)

    assert (steady["prompt"], steady["completion"]) == ("0.000009", "0.000009")


def test_a_tier_beside_the_windows_does_not_hide_them() -> None:
    tier = {"min_prompt_tokens": 10, "prompt": "0.1", "completion": "0.1"}

    assert steady_prices(pricing(tier, NIGHT, DAYTIME))["prompt"] == "0.000003"


@given(st.randoms(use_true_random=False))
def test_the_order_of_overrides_never_matters(chance: random.Random) -> None:
    entries: list[Any] = [
        NIGHT,
        DAYTIME,
        {"min_prompt_tokens": 10, "prompt": "0.1"},
        {"min_prompt_tokens": 9, "prompt": "0.1"},
    ]
    shuffled = chance.sample(entries, len(entries))

    assert steady_prices(pricing(*shuffled)) == steady_prices(pricing(*entries))
