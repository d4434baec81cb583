"""When calls stop, when one may try, and what closes the breaker again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.limits.breaker import (
    LONGEST_OPEN,
    Breaker,
    Limit,
    Way,
    answered,
    closed,
    failed,
    open_for,
    opened,
    stopped,
    tried,
    undecided,
    way,
)
from arena_pipeline.store.tables import CircuitState

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMIT = Limit(failures=3, open_for=timedelta(seconds=60))
SECOND = timedelta(seconds=1)
TRIAL = timedelta(minutes=3)


def after_failures(count: int, breaker: Breaker | None = None) -> Breaker:
    one = breaker or Breaker()
    for _ in range(count):
        one = failed(one, ErrorKind.SERVER, "bad", NOON, NOON, LIMIT)
    return one


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    assert way(after_failures(2), NOON) is Way.GO

    opened_now = after_failures(3)

    assert way(opened_now, NOON) is Way.WAIT
    assert opened_now.until == NOON + timedelta(seconds=60)
    assert opened_now.last_error == "server: bad"


def test_an_answer_between_begins_the_row_anew() -> None:
    one = answered(after_failures(2), NOON, NOON)

    assert way(after_failures(2, one), NOON) is Way.GO


def test_after_its_time_exactly_one_call_may_try() -> None:
    one = after_failures(3)
    later = NOON + timedelta(seconds=60)

    assert way(one, later) is Way.TRIAL
    assert way(tried(one, later, TRIAL), later) is Way.WAIT
    assert way(tried(one, later, TRIAL), later + TRIAL) is Way.TRIAL


def test_a_good_trial_closes_it_and_a_bad_one_opens_it_for_twice_as_long() -> None:
    later = NOON + timedelta(seconds=60)
    one = tried(after_failures(3), later, TRIAL)

    good = answered(one, later, later + SECOND)
    bad = failed(one, ErrorKind.TIMEOUT, "slow", later, later + SECOND, LIMIT)

    assert (good.state, good.failures, good.openings) == (CircuitState.CLOSED, 0, 0)
    assert bad.until == later + SECOND + timedelta(seconds=120)


def test_a_trial_that_says_nothing_lets_another_one_try() -> None:
    later = NOON + timedelta(seconds=60)
    one = undecided(tried(after_failures(3), later, TRIAL), later, later + SECOND)

    assert way(one, later) is Way.WAIT
    assert way(one, later + SECOND) is Way.TRIAL


def test_what_was_sent_before_it_opened_does_not_move_it() -> None:
    one = after_failures(3)
    before = NOON - SECOND

    assert failed(one, ErrorKind.SERVER, "bad", before, NOON, LIMIT).until == one.until
    assert answered(one, before, NOON).state is CircuitState.OPEN
    assert undecided(one, before, NOON).until == one.until


@given(st.integers(0, 10_000), st.floats(0.001, 10**7))
def test_it_is_left_alone_longer_each_time_but_never_for_ever(openings: int, first: float) -> None:
    at_first = timedelta(seconds=first)

    assert open_for(at_first, openings) <= open_for(at_first, openings + 1)
    assert at_first <= open_for(at_first, openings) <= max(LONGEST_OPEN, at_first)


def test_a_stopped_one_stays_until_somebody_looks() -> None:
    one = stopped(Breaker(), ErrorKind.AUTH, "no such key", NOON)
    a_year_later = NOON + timedelta(days=365)

    assert way(one, a_year_later) is Way.STOPPED
    assert answered(one, a_year_later, a_year_later).state is CircuitState.STOPPED
    assert way(closed(one, NOON), NOON) is Way.GO
    assert one.last_error == "auth: no such key"


@pytest.mark.parametrize(
    ("declared_after", "found"), [(SECOND, Way.TRIAL), (-SECOND, Way.STOPPED), (None, Way.STOPPED)]
)
def test_a_stopped_one_may_be_tried_once_its_declaration_changed(
    declared_after: timedelta | None, found: Way
) -> None:
    one = stopped(Breaker(), ErrorKind.PAYMENT, "empty", NOON)
    declared = None if declared_after is None else NOON + declared_after

    assert way(one, NOON + timedelta(hours=1), declared) is found


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "ok", "bad", "says nothing"]), st.integers(0, 200)),
        max_size=60,
    )
)
def test_between_opening_and_closing_calls_go_out_one_at_a_time(
    events: list[tuple[str, int]],
) -> None:
    """Whatever happens: while it is not closed, a further call goes out only after the one before
    came back, or had all its time.
    """
    one, now, trial_since = after_failures(3), NOON, None
    for what, seconds in events:
        now += timedelta(seconds=seconds)
        if what == "ask":
            if way(one, now) is Way.TRIAL:
                assert trial_since is None or now - trial_since >= TRIAL
                one, trial_since = tried(one, now, TRIAL), now
        elif trial_since is not None:
            sent = trial_since
            if what == "ok":
                assert answered(one, sent, now).state is CircuitState.CLOSED
                return
            one = (
                failed(one, ErrorKind.SERVER, "bad", sent, now, LIMIT)
                if what == "bad"
                else undecided(one, sent, now)
            )
            trial_since = None
        assert one.state is CircuitState.OPEN


def test_opening_again_counts() -> None:
    twice = opened(opened(Breaker(), NOON, LIMIT), NOON, LIMIT)

    assert twice == replace(twice, openings=2, until=NOON + timedelta(seconds=120))
