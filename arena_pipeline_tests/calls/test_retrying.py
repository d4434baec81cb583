"""Whether a failed call is sent again: pure decisions."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.plan import Refused
from arena_pipeline.calls.retrying import FIRST_PAUSE_S, Attempt, next_try

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def decide(*failed: Attempt, attempts: int = 4, longest: float = 60) -> datetime | Refused:
    return next_try(
        failed, NOW, attempts=attempts, longest_wait_s=longest, rest_s=30, jitter=random.Random(1)
    )


def attempt(kind: ErrorKind, after_s: float | None = None, *, was_sent: bool = True) -> Attempt:
    at = None if after_s is None else NOW + timedelta(seconds=after_s)
    return Attempt(kind, "it failed", was_sent, at)


@pytest.mark.parametrize("kind", [kind for kind in ErrorKind if kind.may_be_retried])
def test_what_was_not_served_is_sent_again_after_a_short_pause(kind: ErrorKind) -> None:
    at = decide(attempt(kind))
    assert isinstance(at, datetime)
    assert NOW <= at <= NOW + timedelta(seconds=FIRST_PAUSE_S)


@pytest.mark.parametrize("kind", [kind for kind in ErrorKind if kind.stops_gateway])
def test_a_refused_key_or_account_stops(kind: ErrorKind) -> None:
    refused = decide(attempt(kind))
    assert isinstance(refused, Refused)
    assert refused.kind is RefusalKind.STOPPED


@pytest.mark.parametrize(
    ("failed", "kind", "rest_s"),
    [
        ([attempt(ErrorKind.TIMEOUT)], RefusalKind.FAILING, 30),
        ([attempt(ErrorKind.NOT_FOUND)], RefusalKind.FAILING, 30),
        ([attempt(ErrorKind.BAD_REQUEST)], RefusalKind.FAILING, 600),
        ([attempt(ErrorKind.QUOTA, 5000)], RefusalKind.QUOTA, 5000),
        ([attempt(ErrorKind.CONNECTION)] * 2, RefusalKind.FAILING, 30),
        ([attempt(ErrorKind.SERVER)] * 4, RefusalKind.FAILING, 30),
        ([attempt(ErrorKind.OVERLOADED, 90)] * 4, RefusalKind.FAILING, 90),
    ],
)
def test_what_is_not_sent_again_lets_the_match_wait(
    failed: list[Attempt], kind: RefusalKind, rest_s: float
) -> None:
    refused = decide(*failed)
    assert isinstance(refused, Refused)
    assert (refused.kind, refused.until) == (kind, NOW + timedelta(seconds=rest_s))


def test_a_connection_that_was_never_made_is_tried_as_often_as_allowed() -> None:
    unsent = attempt(ErrorKind.CONNECTION, was_sent=False)
    assert isinstance(decide(unsent, unsent, unsent), datetime)


@given(
    st.lists(st.sampled_from([kind for kind in ErrorKind if kind.may_be_retried]), min_size=1),
    st.none() | st.floats(0, 500),
    st.integers(1, 6),
    st.floats(0, 120),
)
def test_attempts_and_waits_are_bounded(
    kinds: list[ErrorKind], after_s: float | None, attempts: int, longest: float
) -> None:
    failed = [*map(attempt, kinds[:-1]), attempt(kinds[-1], after_s)]
    decision = decide(*failed, attempts=attempts, longest=longest)

    if isinstance(decision, datetime):
        assert len(failed) < attempts
        assert (decision - NOW).total_seconds() <= longest + FIRST_PAUSE_S
        assert after_s is None or decision >= NOW + timedelta(seconds=after_s)
