"""Prices that take the place of others: for long prompts, and by the time of day.

What belongs here: reading `pricing.overrides`, and the price with which a row whose prices change
by the hour goes on record. What a call costs is in `catalog.tariff`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arena_pipeline.catalog.prices import per_unit

Prices = Mapping[str, Decimal | None]
"""USD per token (`request`: per call) by key of the catalog; None: unknown."""

PROMPT, COMPLETION, CACHE_READ, REQUEST = "prompt", "completion", "input_cache_read", "request"
COUNTED = (PROMPT, COMPLETION, CACHE_READ, REQUEST)
"""The prices that calls of ours use: they send text and get text."""

DAY = 24 * 60
"""Minutes of a day."""

MOST_TOKENS = 2**53

_START, _END, _MINIMUM = "utc_start", "utc_end", "min_prompt_tokens"
_CONDITIONS = frozenset({_START, _END, _MINIMUM})


@dataclass(frozen=True, slots=True)
class Window:
    """A part of every day, from minute `start` (UTC) to before minute `end`.

    It runs over midnight unless `start` is before `end`; from a minute to the same one is all day.
    """

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.end - self.start) % DAY or DAY

    def holds(self, minute: int) -> bool:
        """Whether this minute of the day is in it."""
        return (minute - self.start) % DAY < self.minutes


@dataclass(frozen=True, slots=True)
class Override:
    """Prices for prompts of `minimum` tokens or more, for a window of the day, or for both."""

    prices: Prices
    minimum: int | None = None
    window: Window | None = None

    def holds(self, minute: int, prompt_tokens: int) -> bool:
        """Whether it is for a call of so many tokens in this minute of the day."""
        return (self.minimum is None or prompt_tokens >= self.minimum) and (
            self.window is None or self.window.holds(minute)
        )


UNREADABLE = Override(dict.fromkeys(COUNTED))
"""Stands for an override that can't be read: it may be for any call, at an unknown price."""


def read_overrides(pricing: Mapping[str, Any]) -> tuple[Override, ...]:
    """The overrides of a row's prices; what can't be read becomes UNREADABLE, never an error."""
    entries = pricing.get("overrides")
    if entries is None:
        return ()
    return tuple(map(_override, entries)) if isinstance(entries, list) else (UNREADABLE,)


def read_prices(pricing: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """The prices in `COUNTED` that are there; those that can't be read are unknown."""
    return {key: _price(pricing[key]) for key in COUNTED if pricing.get(key) is not None}


def steady_prices(pricing: dict[str, Any]) -> dict[str, Any]:
    """A row's prices in a form that neither the hour of the fetch nor the order of overrides
    changes.

    For prices that change by the hour the gateway shows what holds right now. Here they are those
    of the longest part of the day (of parts as long, the dearest). Only windows that fill the day
    and name the same prices tell what holds at other hours; beside others, prices stay as they are.
    """
    entries = pricing.get("overrides")
    if not entries or not isinstance(entries, list):
        return pricing
    found = sorted(zip(read_overrides(pricing), entries, strict=True), key=_place)
    steady = pricing | {"overrides": [entry for _, entry in found]}
    hours = [
        (override.window, override.prices, _named(entry))
        for override, entry in found
        if override.window and override.minimum is None
    ]
    if UNREADABLE in (override for override, _ in found) or not _fill_the_day(
        [window for window, _, _ in hours]
    ):
        return steady
    if any(named.keys() != hours[0][2].keys() for _, _, named in hours):
        return steady

    def rank(hour: tuple[Window, Prices, dict[str, Any]]) -> tuple[int, Decimal]:
        _, prices, named = hour
        return sum(window.minutes for window, _, other in hours if other == named), _sum(prices)

    return steady | max(hours, key=rank)[2]


def _place(found: tuple[Override, Any]) -> tuple[int, int, str]:
    override, entry = found
    start = override.window.start if override.window else -1
    return override.minimum or 0, start, json.dumps(entry, sort_keys=True)


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in _CONDITIONS}


def _fill_the_day(windows: list[Window]) -> bool:
    """Whether each ends where the next begins, once around the day."""
    starts = {window.start % DAY for window in windows}
    return (
        len(starts) == len(windows)
        and starts == {window.end % DAY for window in windows}
        and sum(window.minutes for window in windows) == DAY
    )


def _sum(prices: Prices) -> Decimal:
    """Prompt and completion together; unknown is dearer than any price."""
    main = [prices.get(PROMPT, Decimal()), prices.get(COMPLETION, Decimal())]
    return sum((Decimal("Infinity") if price is None else price for price in main), Decimal())


def _override(entry: object) -> Override:
    if not isinstance(entry, dict):
        return UNREADABLE
    try:
        return Override(read_prices(entry), _minimum(entry.get(_MINIMUM)), _window(entry))
    except ValueError:
        return UNREADABLE


def _minimum(value: object) -> int | None:
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= MOST_TOKENS
    ):
        raise ValueError(f"{value!r:.60} is no number of tokens")
    return int(value)


def _window(entry: dict[str, Any]) -> Window | None:
    start, end = entry.get(_START), entry.get(_END)
    return None if start is None and end is None else Window(_minute(start), _minute(end))


def _minute(value: object) -> int:
    """The minute of the day that a clock shows as 1730, from 0 to 2400."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2400:
        raise ValueError(f"{value!r:.60} is no time of day")
    hours, minutes = divmod(value, 100)
    if minutes >= 60:
        raise ValueError(f"{value!r:.60} is no time of day")
    return hours * 60 + minutes


def _price(value: object) -> Decimal | None:
    try:
        return per_unit(value)
    except ValueError:
        return None
