"""When calls to a model or through a gateway stop, and when one may try again.

A breaker is closed until enough calls in a row failed in a way that speaks against the other side
(`ErrorKind.counts_against_circuit`). Then it is open for a while, each time in a row twice as long;
after that exactly one call may try (the trial), whose success closes it and whose failure opens it
again. What the gateway refuses for good (key, account) stops its breaker until somebody looks.

Calls sent before it opened say nothing new: neither their failures nor their answers move it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.store.tables import CircuitState

LONGEST_OPEN = timedelta(hours=1)
MODELS_OF_A_BAD_GATEWAY = 2
"""So many models have to be left alone, and nothing answered meanwhile, before the whole gateway
is.
"""

_MOST_DOUBLINGS = 20


class Way(StrEnum):
    """What a breaker says to a call."""

    GO = "go"
    TRIAL = "trial"
    WAIT = "wait"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state of one breaker, as the store keeps it (`circuits`)."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    openings: int = 0
    since: datetime | None = None
    until: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    last_ok_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """After how many failures in a row a breaker opens, and how long at first."""

    failures: int
    open_for: timedelta


def way(breaker: Breaker, now: datetime, declared_at: datetime | None = None) -> Way:
    """Whether a call may go out at `now`.

    `declared_at`: when the gateway's declaration last changed. A stopped one may be tried once its
    declaration is newer than that.
    """
    match breaker.state:
        case CircuitState.CLOSED:
            return Way.GO
        case CircuitState.STOPPED:
            changed = None not in (declared_at, breaker.since) and declared_at > breaker.since  # type: ignore[operator]
            if not changed:
                return Way.STOPPED
    return Way.WAIT if breaker.until is not None and now < breaker.until else Way.TRIAL


def tried(breaker: Breaker, now: datetime, longest: timedelta) -> Breaker:
    """The breaker while its trial is under way: nobody else may try for `longest`."""
    return replace(breaker, state=CircuitState.OPEN, until=now + longest)


def answered(breaker: Breaker, sent_at: datetime, now: datetime) -> Breaker:
    """After a call that was answered."""
    ok = replace(breaker, last_ok_at=now)
    match breaker.state:
        case CircuitState.CLOSED:
            return replace(ok, failures=0, openings=0)
        case CircuitState.OPEN if not _is_older(breaker, sent_at):
            return closed(ok, now)
    return ok


def failed(
    breaker: Breaker, kind: ErrorKind, told: str, sent_at: datetime, now: datetime, limit: Limit
) -> Breaker:
    """After a call that failed in a way that counts."""
    bad = replace(
        breaker, failures=breaker.failures + 1, last_error=f"{kind}: {told}", last_error_at=now
    )
    match breaker.state:
        case CircuitState.CLOSED if bad.failures >= limit.failures:
            return opened(bad, now, limit)
        case CircuitState.OPEN if not _is_older(breaker, sent_at):
            return opened(bad, now, limit)
    return bad


def undecided(breaker: Breaker, sent_at: datetime, until: datetime) -> Breaker:
    """After a call that says nothing of the other side's health: another one may try."""
    if breaker.state is not CircuitState.OPEN or _is_older(breaker, sent_at):
        return breaker
    return replace(breaker, until=until)


def opened(breaker: Breaker, now: datetime, limit: Limit) -> Breaker:
    """Left alone from `now` on, each time in a row twice as long."""
    return replace(
        breaker,
        state=CircuitState.OPEN,
        openings=breaker.openings + 1,
        since=now,
        until=now + open_for(limit.open_for, breaker.openings),
    )


def open_for(at_first: timedelta, openings: int) -> timedelta:
    """How long it is left alone after so many openings in a row."""
    longest = max(LONGEST_OPEN, at_first)
    return longest if openings > _MOST_DOUBLINGS else min(at_first * 2**openings, longest)


def stopped(breaker: Breaker, kind: ErrorKind, told: str, now: datetime) -> Breaker:
    """Not to be tried until somebody looked: the gateway refuses our key or account."""
    since = breaker.since if breaker.state is CircuitState.STOPPED else now
    return replace(
        breaker,
        state=CircuitState.STOPPED,
        failures=breaker.failures + 1,
        since=since,
        until=None,
        last_error=f"{kind}: {told}",
        last_error_at=now,
    )


def closed(breaker: Breaker, now: datetime) -> Breaker:
    """As new; what happened last stays on record."""
    return replace(
        breaker, state=CircuitState.CLOSED, failures=0, openings=0, since=now, until=None
    )


def _is_older(breaker: Breaker, sent_at: datetime) -> bool:
    return breaker.since is not None and sent_at < breaker.since
