"""Leases: how to tell from the time in a row that nobody holds it any more.

A lease ends at a time of day, since another machine has to be able to tell. Where the clock was
put back after the lease was taken, its end may be days ahead; such an end is believed as little as
one that is past. Taking and renewing leases is the business of those who work.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

FARTHEST = timedelta(hours=1)
"""No lease is longer: one that ends later from now was taken by a clock that ran ahead."""


def has_run_out(
    until: InstrumentedAttribute[datetime | None], now: datetime
) -> ColumnElement[bool]:
    """The condition that a lease until the column `until` holds no more at `now` (UTC).

    Whoever still works under it beside a clock that was put back renews it within minutes; taken
    from him before that, he is told at his next renewal, as ever.
    """
    return or_(until < now, until > now + FARTHEST)


def is_over(until: datetime, now: datetime) -> bool:
    """The same of a time in hand."""
    return until < now or until > now + FARTHEST
