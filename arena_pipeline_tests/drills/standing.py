"""Where a practice arena stands in the midst of a drill."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from arena_pipeline.store.tables import Agent, Evaluation, Incident, LlmCall

if TYPE_CHECKING:
    from arena_pipeline_tests.drills.practising import Practice


def answers(practice: "Practice") -> int:
    """How many of its calls were answered."""
    with practice.store() as store, store.read() as connection:
        answered = LlmCall.settled_at.is_not(None) & LlmCall.error_kind.is_(None)
        return int(connection.scalar(select(func.count(LlmCall.id)).where(answered)) or 0)


def placements(practice: "Practice") -> str:
    """Where each placement of it stands, with its stops: for who reads why a drill failed."""
    with practice.store() as store, store.read() as connection:
        rows = connection.execute(
            select(
                Agent.alias, Evaluation.attempt, Evaluation.state, Evaluation.error,
                func.count(Incident.id), func.max(Incident.error),
            )
            .join_from(Evaluation, Agent)
            .outerjoin(Incident, Incident.evaluation_id == Evaluation.id)
            .group_by(Evaluation.id, Agent.alias)
            .order_by(Evaluation.id)
        )  # fmt: skip
        return "\n".join(" | ".join(map(str, row)) for row in rows)
