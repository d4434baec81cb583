"""A day's free calls: never more than there are, and those set aside stay with their match."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.limits.allowance import (
    Day,
    Own,
    carried,
    next_window,
    take,
    window_of,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
TODAY = window_of(NOON)


@given(
    limit=st.integers(0, 30),
    kept=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    order=st.lists(st.integers(0, 4), max_size=80),
)
def test_used_and_kept_calls_never_pass_the_day_and_a_seat_gets_all_that_it_kept(
    limit: int, kept: list[int], order: list[int]
) -> None:
    day, owns = Day(), []
    for calls in kept:
        share = min(calls, day.left(limit))
        owns.append(Own(share, TODAY))
        day = Day(day.used, day.set_aside + share)
    owns.append(Own(0, None))  # somebody who kept nothing
    promised, got = [own.calls for own in owns], [0] * len(owns)

    for who in order:
        seat = who % len(owns)
        if (taken := take(day, owns[seat], limit, NOON)) is not None:
            day, owns[seat] = taken
            got[seat] += 1
        else:
            assert got[seat] >= promised[seat]

        assert day.used + day.set_aside <= limit
        assert day.set_aside == sum(own.calls for own in owns)


def test_nothing_goes_out_while_the_gateway_says_that_its_day_is_used_up() -> None:
    day = Day(used=1, set_aside=5, exhausted_until=NOON + timedelta(hours=1))

    assert take(day, Own(5, TODAY), 50, NOON) is None
    assert take(day, Own(5, TODAY), 50, NOON + timedelta(hours=1)) is not None


def test_a_match_that_goes_on_the_next_day_keeps_what_is_left_of_its_share() -> None:
    tomorrow = next_window(NOON)

    day, own = carried(Day(used=45, set_aside=2), Own(8, TODAY), 50, tomorrow)

    assert own == Own(3, tomorrow)
    assert day == Day(used=45, set_aside=5)


def test_a_share_of_today_is_not_carried() -> None:
    assert carried(Day(), Own(8, TODAY), 50, TODAY) == (Day(), Own(8, TODAY))


def test_days_are_those_of_utc() -> None:
    berlin = datetime.fromisoformat("2026-11-02T00:30:00+01:00")

    assert window_of(berlin) == TODAY
    assert next_window(berlin) == TODAY + timedelta(days=1)
