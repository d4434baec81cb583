"""What a call to a model costs by the catalog: base prices, long-context tiers, times of day.

What belongs here: a model's prices becoming an amount. Overrides are read in `catalog.overrides`,
one price in `catalog.prices`; what a match uses is guessed in `registry.policy.estimate`. The
gateway's bill is the truth, this an estimate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any, Self

from arena_pipeline.catalog.overrides import (
    CACHE_READ,
    COMPLETION,
    DAY,
    PROMPT,
    REQUEST,
    Override,
    Prices,
    read_overrides,
    read_prices,
)
from arena_pipeline.catalog.prices import TOKENS_PER_PRICE

_DIGITS = 120
"""Precision with which no digit of a price times a number of tokens is lost."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """All prices of one model. `base` holds where no override does."""

    base: Prices
    overrides: tuple[Override, ...] = ()

    @classmethod
    def of(
        cls, prompt: Decimal | None, completion: Decimal | None, pricing: Mapping[str, Any]
    ) -> Self:
        """The tariff of a model with these main prices (USD per million tokens; None: unknown).

        `pricing` holds the catalog's other price keys as they came, USD per token; a missing fee
        for the request is none, and keys that no call of ours uses are ignored. Never raises for
        what is in there: prices that can't be read are unknown.
        """
        main = {PROMPT: _per_token(prompt), COMPLETION: _per_token(completion)}
        return cls({REQUEST: Decimal(), **read_prices(pricing), **main}, read_overrides(pricing))

    def cost(
        self,
        prompt_tokens: int,
        completion_tokens: int,
        *,
        cached_tokens: int = 0,
        at: datetime | None = None,
    ) -> Decimal | None:
        """USD of one call, exact; None if a price that it may need is unknown.

        (prompt - cached) x prompt + cached x input_cache_read + completion x completion + request,
        where tokens from a cache that has no price cost the full prompt price. `cached_tokens` are
        part of `prompt_tokens`, reasoning is part of `completion_tokens`. Without `at` (aware): at
        the dearest time of day.

        The window of the day replaces the base prices it names, then the highest tier that the
        prompt reaches does (a prompt of exactly its minimum does). Where several overrides claim
        the same call the dearest counts, and so does one without a condition: it must have one that
        is not known here.
        """
        if not 0 <= cached_tokens <= prompt_tokens or completion_tokens < 0:
            raise ValueError(
                f"No call has {prompt_tokens} prompt tokens, {cached_tokens} of them cached, "
                f"and {completion_tokens} completion tokens"
            )
        dearest = Decimal()
        with localcontext(prec=_DIGITS):
            for minute in self._turns() if at is None else {_minute_of(at)}:
                for prices in self._candidates(minute, prompt_tokens):
                    cost = _cost(prices, prompt_tokens, cached_tokens, completion_tokens)
                    if cost is None:
                        return None
                    dearest = max(dearest, cost)
        return dearest

    def _turns(self) -> set[int]:
        """Every minute of the day at which prices may change, and the first one."""
        windows = [override.window for override in self.overrides if override.window]
        return {0}.union(*({window.start % DAY, window.end % DAY} for window in windows))

    def _candidates(self, minute: int, prompt_tokens: int) -> list[Prices]:
        """Prices that may hold for such a call: one, unless overrides contradict each other."""
        holding = [o for o in self.overrides if o.holds(minute, prompt_tokens)]
        if not holding:
            return [self.base]
        hours: list[Prices] = [o.prices for o in holding if o.minimum is None and o.window]
        unclear = [o.prices for o in holding if o.minimum is None and not o.window]
        reached = max((o.minimum for o in holding if o.minimum is not None), default=-1)
        tiers: list[Prices] = [o.prices for o in holding if o.minimum == reached]
        return [
            {**self.base, **hour, **tier}
            for hour in (hours or [{}]) + unclear
            for tier in tiers or [{}]
        ]


def _cost(prices: Prices, prompt: int, cached: int, completion: int) -> Decimal | None:
    per_prompt, per_completion, fee = prices[PROMPT], prices[COMPLETION], prices[REQUEST]
    per_cached = prices.get(CACHE_READ, per_prompt) if cached else per_prompt
    if per_prompt is None or per_completion is None or per_cached is None or fee is None:
        return None
    return (prompt - cached) * per_prompt + cached * per_cached + completion * per_completion + fee


def _per_token(price: Decimal | None) -> Decimal | None:
    with localcontext(prec=_DIGITS):
        return None if price is None else price.scaleb(-TOKENS_PER_PRICE)


def _minute_of(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"Time {at} has no time zone; give it one (UTC)")
    moment = at.astimezone(UTC)
    return moment.hour * 60 + moment.minute
