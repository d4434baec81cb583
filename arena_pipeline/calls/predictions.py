"""What finished matches were expected to cost, and what they did: how far expectations can be
trusted.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from arena_pipeline.store.tables import Match, MatchState, Model, Participant


@dataclass(frozen=True, slots=True)
class Prediction:
    """One seat of a finished match. USD; `billed` is what its calls cost as far as anybody said."""

    match: str
    player: str
    model: str | None
    expected: Decimal
    billed: Decimal
    ended_at: datetime | None


def predictions(
    connection: Connection,
    evaluation_ids: Collection[int] | None = None,
    *,
    agent_id: int | None = None,
    model_id: int | None = None,
    limit: int = 500,
) -> tuple[Prediction, ...]:
    """The newest seats of which both is known, newest first: of these evaluations, of an agent or
    of a model (None: of all).
    """
    statement = (
        select(
            Match.uuid,
            Participant.name,
            Model.slug,
            Participant.expected_cost,
            Participant.cost,
            Match.ended_at,
        )
        .join(Match, Match.id == Participant.match_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .where(
            Match.state == MatchState.FINISHED,
            Participant.expected_cost.is_not(None),
            Participant.cost.is_not(None),
            Participant.model_id.is_not(None),
        )
        .order_by(Match.id.desc(), Participant.slot)
        .limit(limit)
    )
    if evaluation_ids is not None:
        statement = statement.where(Match.evaluation_id.in_(evaluation_ids))
    if agent_id is not None:
        statement = statement.where(Participant.agent_id == agent_id)
    if model_id is not None:
        statement = statement.where(Participant.model_id == model_id)
    return tuple(
        Prediction(row.uuid, row.name, row.slug, row.expected_cost, row.cost, row.ended_at)
        for row in connection.execute(statement)
    )
