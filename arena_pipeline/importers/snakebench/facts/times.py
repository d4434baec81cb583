"""When a game of SnakeBench was played: its stamps name no zone, and meant two.

They are the time of the US Pacific coast until a change on 2025-11-18, and UTC from then on. The
order of ratings never uses these moments where it is to be SnakeBench's own; that goes by the text.
"""

import re
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

UTC_FROM = datetime(2025, 11, 18, 16)  # noqa: DTZ001
"""The stamp (naive) from which on one without a zone is UTC; before it, it is US Pacific time.

The last game known to be of the one kind ended at 10:43:12 Pacific, which is 18:43:12 UTC, and the
first of the other began at 21:28:53 UTC, which is 13:28:53 Pacific. The change lay between these
two, so nothing was stamped 13:28:53 to 18:43:12 by either clock, and any instant in that gap tells
the two apart; this is the full hour in its middle.
"""

EARLIEST, LATEST = 1971, 2199
"""Years beyond which a stamp is no time of a game, and databases differ in what they can hold."""

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def moment(text: str | None, not_before: datetime | None = None) -> datetime | None:
    """The moment (UTC) that a published stamp means; None for none, and for text that is no stamp:
    what was published is kept as text beside it.

    A stamp with a zone means what it says. In the hour that comes twice when summer time ends the
    first is taken, unless that would be earlier than `not_before` (aware), such as the end of a
    game before its start. One in the hour that summer time leaves out is as many hours after
    midnight as if it had begun later.
    """
    if text is None or not _STAMP.fullmatch(text):
        return None
    try:
        stamp = datetime.fromisoformat(text)
        if not EARLIEST <= stamp.year <= LATEST:
            return None
        if stamp.tzinfo is not None:
            return stamp.astimezone(UTC)
    except ValueError:
        return None
    if stamp >= UTC_FROM:
        return stamp.replace(tzinfo=UTC)
    first, second = (_pacific(stamp, fold) for fold in (0, 1))
    is_late = not_before is not None and first < not_before <= second
    return second if is_late else first


def _pacific(stamp: datetime, fold: int) -> datetime:
    return stamp.replace(tzinfo=_zone(), fold=fold).astimezone(UTC)


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo("America/Los_Angeles")
