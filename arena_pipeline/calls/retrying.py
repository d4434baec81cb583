"""When a call that failed is tried again, and when its match has to wait: pure decisions.

A call is tried again within its turn if it was surely not served, or if it came back as nothing
that can be used. One that ran out of time is not: it may have been served and billed, and the host
is no quicker a moment later. A connection that broke after the request was sent is tried once more
only, since that happens to a connection that was idle too long; each try sets its own money aside.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.plan import Refused

FIRST_PAUSE_S = 1.0
"""Mean pause before the second attempt is half of it; each next is twice as long."""

_BROKEN_AGAIN = 2
_LONG_REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that failed: how, whether anything of it was sent, until when to stay away."""

    kind: ErrorKind
    message: str
    was_sent: bool
    retry_at: datetime | None = None


def next_try(
    failed: Sequence[Attempt],
    now: datetime,
    *,
    attempts: int,
    longest_wait_s: float,
    rest_s: float,
    jitter: random.Random,
) -> datetime | Refused:
    """When to send the same call again, or why the match waits instead, after these attempts.

    Pauses grow exponentially, each anywhere between nothing and its bound ("full jitter", which
    spreads many callers best); what the gateway asks for is waited at least. `rest_s` is how long
    the match waits where the gateway said nothing.
    """
    last = failed[-1]
    told = f"{last.message} ({len(failed)} of {attempts} attempts)"
    later = max(now + timedelta(seconds=rest_s), last.retry_at or now)
    if last.kind.stops_gateway:
        return Refused(RefusalKind.STOPPED, last.message)
    if last.kind is ErrorKind.BAD_REQUEST:
        return Refused(RefusalKind.FAILING, last.message, now + _LONG_REST)
    if last.kind is ErrorKind.QUOTA:
        return Refused(RefusalKind.QUOTA, last.message, later)
    broken = [one for one in failed if one.kind is ErrorKind.CONNECTION and one.was_sent]
    if (
        not last.kind.may_be_retried
        or len(failed) >= attempts
        or (last.kind is ErrorKind.CONNECTION and len(broken) >= _BROKEN_AGAIN)
    ):
        return Refused(RefusalKind.FAILING, told, later)
    bound = min(FIRST_PAUSE_S * 2 ** min(len(failed) - 1, 30), longest_wait_s)
    pause = jitter.uniform(0, bound)
    at = max(now, last.retry_at or now) + timedelta(seconds=pause)
    if (at - now).total_seconds() > longest_wait_s + FIRST_PAUSE_S:
        return Refused(RefusalKind.RATE, told, at)
    return at
