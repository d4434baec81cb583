"""What matches under way are still expected to cost, beside what their calls have taken already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Float, case, cast, func, select, text, type_coerce

from arena_pipeline.calls.spending.accounts import EPOCH, match_account
from arena_pipeline.store.tables import Agent, Match, Model, Participant, Spend
from arena_pipeline.store.types import PICO

GATEWAY = "gateway"
"""The setting of an agent that sends its calls elsewhere than its model's go."""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """USD still expected, by evaluation and gateway."""

    amounts: Mapping[tuple[int | None, str | None], Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """Of all matches under way."""
        return _sum(self.amounts.values())

    def of_gateway(self, gateway: str) -> Decimal:
        """Of seats that are called there."""
        return _sum(amount for key, amount in self.amounts.items() if key[1] == gateway)

    def of_evaluation(self, evaluation_id: int) -> Decimal:
        """Of the matches of one evaluation."""
        return _sum(amount for key, amount in self.amounts.items() if key[0] == evaluation_id)


def outstanding(connection: Connection) -> Outstanding:
    """What all running and paused matches are still expected to cost; one query.

    A match takes from its seats in equal shares: what its calls have cost, or hold reserved, is off
    each seat's expectation in proportion, and never below zero.
    """
    amounts: dict[tuple[int | None, str | None], Decimal] = {}
    for row in connection.execute(_STILL_EXPECTED):
        key = (row.evaluation_id, called_at(row.settings, row.gateway))
        amounts[key] = amounts.get(key, Decimal()) + Decimal(round(row.expected or 0)) / PICO
    return Outstanding(amounts)


def called_at(settings: Mapping[str, Any] | None, gateway: str | None) -> str | None:
    """Where an agent with these settings is called, whose model is at home at `gateway`."""
    elsewhere = (settings or {}).get(GATEWAY)
    return elsewhere if isinstance(elsewhere, str) else gateway


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal())


_PREFIX = match_account("").budget
_EXPECTED = cast(type_coerce(Participant.expected_cost, BigInteger), Float)
_TAKEN = cast(
    func.coalesce(
        type_coerce(Spend.spent, BigInteger)
        + type_coerce(Spend.assumed, BigInteger)
        + type_coerce(Spend.reserved, BigInteger),
        0,
    ),
    Float,
)
_UNDER_WAY = (
    select(Match.id, Match.uuid, Match.evaluation_id)
    .where(text("matches.state IN ('running', 'paused')"))
    .order_by(Match.lease_until)
    .cte("under_way")
    .prefix_with("MATERIALIZED")
)
"""Condition and order are those of the index on open matches, or SQLite would read all matches."""

_OPEN = (
    select(
        _UNDER_WAY.c.id,
        _UNDER_WAY.c.uuid,
        _UNDER_WAY.c.evaluation_id,
        func.sum(_EXPECTED).label("expected"),
    )
    .join(Participant, Participant.match_id == _UNDER_WAY.c.id)
    .where(Participant.expected_cost > 0)
    .group_by(_UNDER_WAY.c.id, _UNDER_WAY.c.uuid, _UNDER_WAY.c.evaluation_id)
    .subquery("expecting")
)
_LEFT = (
    select(
        _OPEN.c.evaluation_id,
        Participant.agent_id,
        Participant.model_id,
        func.sum(
            _EXPECTED
            * case((_OPEN.c.expected > _TAKEN, 1.0 - _TAKEN / _OPEN.c.expected), else_=0.0)
        ).label("expected"),
    )
    .join(Participant, Participant.match_id == _OPEN.c.id)
    .outerjoin(
        Spend,
        (Spend.budget == _PREFIX + _OPEN.c.uuid) & (Spend.window_start == EPOCH),
    )
    .where(Participant.expected_cost > 0)
    .group_by(_OPEN.c.evaluation_id, Participant.agent_id, Participant.model_id)
    .subquery("still")
)
_STILL_EXPECTED = (
    select(_LEFT.c.evaluation_id, _LEFT.c.expected, Agent.settings, Model.gateway)
    .outerjoin(Agent, Agent.id == _LEFT.c.agent_id)
    .outerjoin(Model, Model.id == _LEFT.c.model_id)
)
