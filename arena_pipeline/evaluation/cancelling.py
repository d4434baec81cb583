"""Ending a placement because somebody says so: it counts as no failure, and its match is void."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update

from arena_pipeline.errors import ArenaError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.matches.voiding import void_matches
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.registry.agents import agent as agent_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import OPEN_STATES, Evaluation, EvaluationState


class NothingToCancel(ArenaError):
    """An agent without a placement to cancel."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was ended: whose placement, which attempt, and how many matches under way are void."""

    agent: str
    ladder: str
    attempt: int
    voided: int


def cancel(
    store: Store,
    agent_alias: str,
    *,
    actor: str,
    ladder: str = DEFAULT_LADDER,
    reason: str | None = None,
) -> Cancelled:
    """End the open placement of an agent. Whoever plays it stops at its next turn; what it cost
    stays on record, and nothing starts it again until somebody asks.

    One conditional UPDATE, safe to repeat and beside others. Raises NotFound for an unknown agent
    or ladder, NothingToCancel where no placement is open, ActRefused for a reason that can't be
    kept.
    """
    by, agent, now = By.of(actor, reason), agent_of(store, agent_alias), datetime.now(UTC)
    with store.write() as connection:
        ladder_id = ladder_row(connection, ladder).id
        row = connection.execute(
            update(Evaluation)
            .where(
                Evaluation.agent_id == agent.id,
                Evaluation.ladder_id == ladder_id,
                Evaluation.state.in_(OPEN_STATES),
            )
            .values(
                state=EvaluationState.FAILED,
                cancelled_at=now,
                finished_at=now,
                lease_owner=None,
                lease_until=None,
                wait_until=None,
                error=f"Cancelled by {by.actor}" + (f": {by.reason}" if by.reason else ""),
            )
            .returning(Evaluation.id, Evaluation.attempt)
        ).one_or_none()
        if row is not None:
            subject = f"{agent_alias} on {ladder}, attempt {row.attempt}"
            write_audit(connection, by, "cancel", SubjectKind.EVALUATION, subject)
    if row is None:
        raise NothingToCancel(f"{agent_alias!r} has no open placement on ladder {ladder!r}")
    voided = void_matches(store, row.id, "its placement was cancelled", now)
    return Cancelled(agent_alias, ladder, row.attempt, voided)
