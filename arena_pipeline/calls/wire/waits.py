"""Until when a gateway wants to be left alone, by its own word: in headers or in the error."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST = timedelta(hours=25)
"""A wait that is longer is not believed: a day's allowance comes back within a day."""

_EPOCH_MS = 100_000_000_000
_EPOCH_S = 1_000_000_000
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)


def retry_at(
    headers: Mapping[str, str], error: Mapping[str, Any], now: datetime
) -> datetime | None:
    """When calling again is welcome (UTC), as told by Retry-After (header or `availability` of the
    error), else by X-RateLimit-Reset (header or `metadata.headers` of the error).

    None: nothing was said, or nothing that can be. `headers` have names in small letters.
    """
    availability = _mapping(error.get("availability"))
    inner = {
        str(name).lower(): value
        for name, value in _mapping(_mapping(error.get("metadata")).get("headers")).items()
    }
    told = (
        _after(headers.get("retry-after"), now),
        _after(inner.get("retry-after"), now),
        _after(availability.get("retry_after"), now),
        _reset(headers.get("x-ratelimit-reset"), now),
        _reset(inner.get("x-ratelimit-reset"), now),
    )
    return next((at for at in told if at is not None and at - now <= LONGEST), None)


def _after(value: object, now: datetime) -> datetime | None:
    """Seconds from now, or a date as HTTP writes it."""
    seconds = _number(value)
    if seconds is not None:
        return now + timedelta(seconds=seconds) if seconds < LONGEST.total_seconds() else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(now, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


def _reset(value: object, now: datetime) -> datetime | None:
    """A time since 1970 in ms or in s, or seconds from now: told apart by its size."""
    number = _number(value)
    if number is None:
        return None
    if number < _EPOCH_S:
        return _after(value, now)
    seconds = number / 1000 if number >= _EPOCH_MS else number
    try:
        return max(now, datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value).strip() if not isinstance(value, int) or value < 10**15 else ""
    return float(text) if _NUMBER.fullmatch(text) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
