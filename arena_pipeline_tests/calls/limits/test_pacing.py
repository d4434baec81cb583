"""No minute holds more calls than allowed, and no call waits longer than it must."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.limits.pacing import MINUTE, Pace

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def slots(pace: Pace, asked: list[datetime]) -> list[datetime]:
    """When calls go out that are asked for at these moments."""
    given_out, next_at = [], None
    for now in asked:
        slot = pace.slot(next_at, now)
        next_at = pace.taken(next_at, slot)
        given_out.append(slot)
    return given_out


@given(
    per_minute=st.integers(1, 400),
    gaps=st.lists(st.floats(0, 90), min_size=1, max_size=120),
)
def test_no_minute_holds_more_calls_than_allowed_wherever_it_begins(
    per_minute: int, gaps: list[float]
) -> None:
    asked, now = [], NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        asked.append(now)

    found = slots(Pace.of(per_minute), asked)

    for begin in found:
        assert sum(begin <= slot < begin + MINUTE for slot in found) <= per_minute


@given(per_minute=st.integers(1, 10_000), idle=st.floats(0, 10_000))
def test_after_a_rest_a_call_goes_out_at_once(per_minute: int, idle: float) -> None:
    pace = Pace.of(per_minute)
    first = pace.taken(None, NOON)
    later = first + timedelta(seconds=idle)

    assert pace.slot(None, NOON) == NOON
    assert pace.slot(first, later) == later


@pytest.mark.parametrize(("per_minute", "burst"), [(1, 1), (20, 2), (60, 5), (600, 5)])
def test_a_few_calls_go_out_at_once_and_then_they_keep_the_pace(
    per_minute: int, burst: int
) -> None:
    found = slots(Pace.of(per_minute), [NOON] * (burst + 2))

    assert found[:burst] == [NOON] * burst
    assert found[burst] > NOON
    assert found[burst + 1] - found[burst] == Pace.of(per_minute).interval


@pytest.mark.parametrize("per_minute", [7, 28, 30, 37, 299])
def test_a_minute_of_calls_asked_for_at_once_holds_no_more_than_allowed(per_minute: int) -> None:
    found = slots(Pace.of(per_minute), [NOON] * (3 * per_minute))

    for begin in found:
        assert sum(begin <= slot < begin + MINUTE for slot in found) <= per_minute


def test_all_of_the_pace_is_used() -> None:
    found = slots(Pace.of(20), [NOON] * 20)

    assert max(found) < NOON + MINUTE
