"""How fast calls may follow each other: one moment per scope says when the next may go out.

This is the generic cell rate algorithm: `next_at` is when the next call would go out at an even
pace, and a few calls may go out earlier. Pace and burst are such that no minute holds more calls
than allowed, wherever it begins.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

MINUTE = timedelta(minutes=1)
LONGEST_BURST = 5
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """`interval` lies between two calls at an even pace; up to `burst` may go out at once."""

    interval: timedelta
    burst: int

    @classmethod
    def of(cls, per_minute: int) -> Self:
        """The pace that allows `per_minute` calls in any minute.

        A burst of b takes b - 1 calls off the even pace: a minute may begin with one.
        """
        burst = max(1, min(LONGEST_BURST, per_minute // 10))
        share = -(-MINUTE // timedelta(microseconds=1) // (per_minute - burst + 1))
        return cls(timedelta(microseconds=share), burst)

    def slot(self, next_at: datetime | None, now: datetime) -> datetime:
        """When a call may go out, at `now` or later. `next_at` None: none went out before."""
        earliest = (next_at or LONG_AGO) - self.interval * (self.burst - 1)
        return max(now, earliest)

    def taken(self, next_at: datetime | None, slot: datetime) -> datetime:
        """The new `next_at` when a call goes out at `slot`."""
        return max(next_at or LONG_AGO, slot) + self.interval
