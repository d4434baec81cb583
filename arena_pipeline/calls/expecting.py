"""What a seat of a language model is expected to cost in a match, with its spread.

The first of these that has enough matches on the same config says what a seat uses: this agent
(same model, prompt and settings), other agents of its model, other models of its sort (those that
reason, or those that do not) with the same prompt. Without any it is the first guess of
`registry.policy.estimate`. Present prices make money of it.

The range holds 80 of 100 matches. Costs of matches are taken to be log-normal. Their spread is that
of the matches measured, weighed against five matches of the spread of the published games: half of
those took no more than 11 turns and their mean was 19.8, which is a standard deviation of 1.08 in
the natural logarithm. With nothing measured, models of one sort differing tenfold adds 0.9 to it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, variance

from sqlalchemy import Connection, select

from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow, gateway_rows
from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.policy.estimate import TokenUse, can_reason, first_guess
from arena_pipeline.registry.policy.measuring import (
    ENOUGH,
    Use,
    uses_of_agent,
    uses_of_model,
    uses_of_similar,
)
from arena_pipeline.registry.tariffs import tariff_at
from arena_pipeline.store.tables import GameConfig

WITH_AGENT = "measured with this agent"
WITH_MODEL = "measured with this model"
WITH_SIMILAR = "similar models"
FIRST_GUESS = "first guess"

_Z80 = 1.2815515655446004
_MATCH_SPREAD = math.sqrt(2 * math.log(19.8 / 11))
_MODEL_SPREAD = math.log(10) / (2 * _Z80)
_WEIGHT = 5


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a seat is expected to use in a match: turns, tokens per turn, USD (mean, and the range
    from `low` to `high` that holds 80 of 100 matches). `matches` were measured for it; `basis` says
    whose. Of the spread (of logarithms) `spread` is from match to match, `doubt` that of the mean
    itself, as other models were measured, or none.
    """

    turns: float
    prompt_tokens: float
    completion_tokens: float
    cost: Decimal
    low: Decimal
    high: Decimal
    basis: str
    matches: int
    spread: float = 0.0
    doubt: float = 0.0

    def of_matches(self, count: int) -> tuple[Decimal, Decimal, Decimal]:
        """USD of so many matches: mean, and the range that holds 80 of 100 such rows of matches.

        Chance evens out over matches (log-normal sums by Fenton and Wilkinson), doubt does not.
        """
        cost = self.cost * count
        chance = math.log1p(math.expm1(self.spread**2) / count)
        whole = math.sqrt(chance + self.doubt**2)
        low, high = _around(float(cost) * math.exp(-(whole**2) / 2), whole, cost)
        return cost, low, high


def expected_seat(
    connection: Connection,
    *,
    config_id: int,
    agent_id: int | None,
    model_id: int | None,
    prompt_id: int | None,
    row: ModelRow,
    gateway: GatewayRow | None = None,
) -> Expectation | None:
    """What a seat of this agent is expected to use and cost on that config; None: its price is
    unknown.

    `gateway` is where it is called (default: the model's own). Without an agent or a prompt: what
    its model, or the first guess, says.
    """
    tariff = tariff_at(gateway or _own_gateway(connection, row), row)
    asked: tuple[tuple[str, int | None, Callable[[int], list[Use]]], ...] = (
        (WITH_AGENT, agent_id, lambda who: uses_of_agent(connection, config_id, who)),
        (WITH_MODEL, model_id, lambda who: uses_of_model(connection, config_id, who)),
        (
            WITH_SIMILAR,
            prompt_id,
            lambda prompt: uses_of_similar(
                connection, config_id, prompt, reasoning=can_reason(row.details), but=model_id
            ),
        ),
    )
    for basis, key, find in asked:
        if key is not None and len(uses := find(key)) >= ENOUGH:
            return from_measured(uses, tariff, basis)
    return from_guess(first_guess(row), tariff, _longest(connection, config_id))


def from_measured(uses: Sequence[Use], tariff: Tariff, basis: str) -> Expectation | None:
    """The expectation after these matches; None: a price is unknown."""
    costs = [_cost(use, tariff) for use in uses]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    turns = sum(use.turns for use in uses)
    mean = sum(known, Decimal()) / len(known)
    spread, doubt = _spread(known, is_own=basis != WITH_SIMILAR)
    logs = [math.log(cost) for cost in known if cost > 0]
    low, high = _around(math.exp(fmean(logs or [0.0])), math.hypot(spread, doubt), mean)
    return Expectation(
        turns=turns / len(uses),
        prompt_tokens=sum(use.prompt_tokens for use in uses) / turns,
        completion_tokens=sum(use.completion_tokens for use in uses) / turns,
        cost=mean,
        low=low,
        high=high,
        basis=basis,
        matches=len(uses),
        spread=spread,
        doubt=doubt,
    )


def from_guess(use: TokenUse, tariff: Tariff, longest: int | None = None) -> Expectation | None:
    """The expectation when nothing was measured; `longest`: most turns that a match may have."""
    turn = tariff.cost(use.prompt_tokens, use.completion_tokens)
    if turn is None:
        return None
    turns = use.turns if longest is None else min(use.turns, longest)
    cost = turn * turns
    whole = math.hypot(_MATCH_SPREAD, _MODEL_SPREAD)
    low, high = _around(float(cost) * math.exp(-(whole**2) / 2), whole, cost)
    return Expectation(
        turns=turns,
        prompt_tokens=use.prompt_tokens,
        completion_tokens=use.completion_tokens,
        cost=cost,
        low=low,
        high=high,
        basis=FIRST_GUESS,
        matches=0,
        spread=_MATCH_SPREAD,
        doubt=_MODEL_SPREAD,
    )


def _cost(use: Use, tariff: Tariff) -> Decimal | None:
    """USD of a match at present prices: each turn as an average one."""
    turn = tariff.cost(
        math.ceil(use.prompt_tokens / use.turns), math.ceil(use.completion_tokens / use.turns)
    )
    return None if turn is None else turn * use.turns


def _spread(costs: Sequence[Decimal], *, is_own: bool) -> tuple[float, float]:
    """Standard deviation of the logarithms: from match to match, and of the mean.

    What matches of other models differ more than those of one model do is doubt about this one.
    """
    logs = [math.log(cost) for cost in costs if cost > 0]
    if not logs:
        return 0.0, 0.0
    own = variance(logs) * (len(logs) - 1) if len(logs) > 1 else 0.0
    pooled = (own + _WEIGHT * _MATCH_SPREAD**2) / (len(logs) - 1 + _WEIGHT)
    if is_own:
        return math.sqrt(pooled), math.sqrt(pooled / len(logs))
    chance = min(pooled, _MATCH_SPREAD**2)
    return math.sqrt(chance), math.sqrt(pooled - chance + pooled / len(logs))


def _around(median: float, spread: float, mean: Decimal) -> tuple[Decimal, Decimal]:
    """The range of 80 % of a log-normal; it always holds the mean."""
    if mean == 0:
        return mean, mean
    low, high = (Decimal(f"{median * math.exp(z * spread):.6g}") for z in (-_Z80, _Z80))
    return min(low, mean), max(high, mean)


def _own_gateway(connection: Connection, row: ModelRow) -> GatewayRow | None:
    return next((one for one in gateway_rows(connection) if one.name == row.gateway), None)


def _longest(connection: Connection, config_id: int) -> int | None:
    settings = connection.scalar(select(GameConfig.settings).where(GameConfig.id == config_id))
    longest = settings.get("max_rounds") if isinstance(settings, dict) else None
    return longest if isinstance(longest, int) and longest > 0 else None
