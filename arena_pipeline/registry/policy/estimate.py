"""What one match of a model is expected to cost, before anything was paid for it.

What belongs here: how much a model is thought to read and write in a match, times its tariff. What
a call costs is in `catalog.tariff`, what is too much in `registry.policy.eligibility`, what was
measured in `registry.policy.measuring`.

The first guess is taken from published games of language models at two-player snake on the
standard board. In 142 games whose tokens are known (November 2025 to January 2026) a game took 19.8
turns on average, half of them no more than 11: a few long games cost the most, so that means count
and not medians. A turn read 1,680 tokens on average. It wrote 470 with models that can't reason
(32 of them) and 2,900 with those that can (33), reasoning included; from model to model that
differs tenfold. Earlier games (3,546 under older rules, 8.1 turns on average) were shorter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.tariffs import tariff_at


@dataclass(frozen=True, slots=True)
class TokenUse:
    """What a model uses in one match: so many turns, each with tokens read and tokens written."""

    turns: int
    prompt_tokens: int
    completion_tokens: int


TokenGuess = Callable[[ModelRow], TokenUse]
"""Says what a model is expected to use. `first_guess` is one; measurements make better ones."""

PLAIN = TokenUse(turns=20, prompt_tokens=1700, completion_tokens=500)
REASONING = TokenUse(turns=20, prompt_tokens=1700, completion_tokens=3000)


def first_guess(row: ModelRow) -> TokenUse:
    """What a model of its sort used in published games; nothing of its own is needed."""
    return REASONING if can_reason(row.details) else PLAIN


def can_reason(details: Mapping[str, Any]) -> bool:
    """Whether the catalog says that the model may think before it answers.

    If it merely can, it is expected to: what that costs is money, what it saves is only a place.
    """
    supported, reasoning = details.get("supported_parameters"), details.get("reasoning")
    if isinstance(supported, list) and "reasoning" in supported:
        return True
    return isinstance(reasoning, dict) and bool(
        reasoning.get("mandatory") or reasoning.get("default_enabled")
    )


def estimate_match(
    row: ModelRow,
    use: TokenUse | None = None,
    at: datetime | None = None,
    gateway: GatewayRow | None = None,
) -> Decimal | None:
    """USD that one match of this model is expected to cost; None if a price of it is unknown.

    `use` is what it is expected to need (default: the first guess), `gateway` where it is called
    (default: at home, by its own prices). Without `at` (aware) it is played at the dearest time of
    day. Nothing is expected to come from a cache.
    """
    need = first_guess(row) if use is None else use
    turn = tariff_at(gateway, row).cost(need.prompt_tokens, need.completion_tokens, at=at)
    return None if turn is None else turn * need.turns
