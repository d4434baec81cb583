"""What went wrong, once and clearly: failed runs, what they held, and what became of that."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import select, update

from arena_pipeline.evaluation.releasing import StopKind, give_back, held, note, void_left
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.logs import logger
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `released`: what the run had held and what became of it, None for nothing."""

    id: int
    happened_at: datetime
    kind: str
    run_id: str | None
    job: str | None
    step: str | None
    evaluation_id: int | None
    error: str
    released: str | None


def record_failure(
    store: Store,
    *,
    run_id: str,
    job: str | None,
    step: str | None,
    error: str,
    agents: Sequence[str] = (),
    ladder: str = DEFAULT_LADDER,
) -> Incident:
    """Write down that a run failed and free what it held. Told again, nothing changes.

    `agents` are those the run was to place: if it failed before it even took their evaluations, its
    failure is counted all the same, or nobody would ever start them again.
    """
    this_one = (t.Incident.run_id == run_id) & (t.Incident.kind == StopKind.RUN_FAILED)
    with store.write() as connection:
        now = datetime.now(UTC)
        known = connection.scalar(select(t.Incident.id).where(this_one))
        rows = held(connection, t.Evaluation.run_id == run_id)
        if known is None and not rows and agents:
            whom = t.Agent.alias.in_(agents) & (t.Ladder.name == ladder)
            rows = [
                *held(connection, whom, t.EvaluationState.QUEUED),
                *held(
                    connection, whom & (t.Evaluation.wait_until <= now), t.EvaluationState.WAITING
                ),
            ]
        freed = [give_back(connection, row, error, StopKind.RUN_FAILED, now) for row in rows]
        note(store, connection, StopKind.RUN_FAILED, error, now, run_id, freed, job=job, step=step)
        # The placement itself may have told of the failure, without knowing its job and step.
        connection.execute(
            update(t.Incident).where(this_one, t.Incident.job.is_(None)).values(job=job, step=step)
        )
        incident = Incident(*connection.execute(select(*_COLUMNS).where(this_one)).one())
    void_left(store, freed)
    if known is None:
        facts = {"run_id": run_id, "job": job, "step": step, "released": incident.released}
        _LOG.warning("run failed", error=incident.error, **facts)
    return incident


def incidents(store: Store, limit: int = 100) -> list[Incident]:
    """The newest incidents, newest first."""
    statement = (
        select(*_COLUMNS).order_by(t.Incident.happened_at.desc(), t.Incident.id.desc()).limit(limit)
    )
    with store.read() as connection:
        return [Incident(*row) for row in connection.execute(statement)]


_COLUMNS = tuple(getattr(t.Incident, field.name) for field in fields(Incident))
