"""How many calls to free models a day (UTC) still has: used ones, and those kept for a match.

The calls of matches under way are set aside first, so that a match that was begun can be played to
its end; used and set aside together never pass the day's number.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls of an allowance. `exhausted_until`: the gateway itself says so."""

    used: int = 0
    set_aside: int = 0
    exhausted_until: datetime | None = None

    def left(self, limit: int) -> int:
        """Calls that are neither used nor set aside."""
        return max(limit - self.used - self.set_aside, 0)

    def exhausted(self, now: datetime) -> bool:
        """Whether the gateway itself said that there are no more."""
        return self.exhausted_until is not None and now < self.exhausted_until


@dataclass(frozen=True, slots=True)
class Own:
    """Calls set aside for one seat, of the day that began at `window`."""

    calls: int
    window: datetime | None


def window_of(now: datetime) -> datetime:
    """The begin of the day (UTC)."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def next_window(now: datetime) -> datetime:
    """The begin of the next day (UTC), when allowances are whole again."""
    return window_of(now) + timedelta(days=1)


def carried(day: Day, own: Own, limit: int, window: datetime) -> tuple[Day, Own]:
    """What a seat had set aside on an earlier day, set aside anew as far as today has it."""
    if own.window is None or own.window >= window:
        return day, own
    calls = min(own.calls, day.left(limit))
    return replace(day, set_aside=day.set_aside + calls), Own(calls, window)


def take(day: Day, own: Own, limit: int, now: datetime) -> tuple[Day, Own] | None:
    """The day and the seat's share after one more call of the seat; None if there is none left.

    The seat's own share is used first.
    """
    if day.exhausted(now) or day.used >= limit:
        return None
    if own.calls > 0:
        spared = replace(day, used=day.used + 1, set_aside=max(day.set_aside - 1, 0))
        return spared, Own(own.calls - 1, own.window)
    if day.left(limit) < 1:
        return None
    return replace(day, used=day.used + 1), own
