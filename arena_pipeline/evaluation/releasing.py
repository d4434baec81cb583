"""Giving back evaluations whose run failed, was interrupted or died, with a record of each stop.

Every stop is an incident that names its evaluation. Their number is part of the evaluation's run
key, so that a freed one is started again; those that are failures are counted, and the third ends
it. What a person stopped waits until a person asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from arena_pipeline.evaluation.eligibility import CALLING
from arena_pipeline.matches.voiding import void_matches
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out
from arena_pipeline.store.tables import (
    Agent,
    Evaluation,
    EvaluationState,
    Incident,
    Ladder,
    LlmCall,
    Match,
    Turn,
)

MOST_FAILURES = 3
"""Failures of one evaluation without a step further between, after which it has failed for good."""


MOST_DEATHS = 10
"""The same for deaths of processes in which agents that call models, or bots against such, were
placed.
"""


class StopKind(StrEnum):
    """Why an evaluation stopped before its end."""

    RUN_FAILED = "run failed"
    LEASE_EXPIRED = "lease expired"
    INTERRUPTED = "interrupted"
    """Somebody stopped it on purpose: no failure, and it waits until somebody asks again."""


_DEATH = StopKind.LEASE_EXPIRED


@dataclass(frozen=True, slots=True)
class Released:
    """An evaluation given back, and what became of it: queued again, waiting or failed for good."""

    evaluation_id: int
    agent: str
    ladder: str
    state: EvaluationState

    def __str__(self) -> str:
        return f"placement of {self.agent} on {self.ladder}: {_FATES[self.state]}"


_FATES = {
    EvaluationState.QUEUED: "queued again",
    EvaluationState.WAITING: "waiting to be asked for again",
    EvaluationState.FAILED: "failed for good",
}


@dataclass(frozen=True, slots=True)
class Reaped:
    """What was given back because its lease had run out."""

    released: tuple[Released, ...] = ()


def release(
    store: Store,
    evaluation_id: int,
    error: str,
    *,
    owner: str,
    kind: StopKind = StopKind.RUN_FAILED,
    final: bool = False,
) -> Released | None:
    """Give back an evaluation that `owner` holds; None if it holds it no more. `final`: trying
    again is no use.
    """
    mine = (Evaluation.id == evaluation_id) & (Evaluation.lease_owner == owner)
    with store.write() as connection:
        now = datetime.now(UTC)
        for row in held(connection, mine):
            released = give_back(connection, row, error, kind, now, final=final)
            note(store, connection, kind, error, now, row.run_id, [released])
            break
        else:
            return None
    void_left(store, [released])
    return released


def reap(store: Store, now: datetime) -> Reaped:
    """Give back every evaluation whose lease ran out before `now`, or was taken by a clock that was
    put back since: its process died.
    """
    with store.write() as connection:
        released = []
        for row in held(connection, has_run_out(Evaluation.lease_until, now)):
            heard = "was heard of last before" if row.lease_until < now else "claims it until"
            error = (
                f"The process that played it ({row.lease_owner}) {heard} "
                f"{row.lease_until:%Y-%m-%d %H:%M:%S} UTC"
            )
            one = give_back(connection, row, error, StopKind.LEASE_EXPIRED, now)
            # Without the run's id: a run has one incident of a kind, and may lose several leases.
            note(store, connection, StopKind.LEASE_EXPIRED, error, now, None, [one])
            released.append(one)
    void_left(store, released)
    return Reaped(tuple(released))


def void_left(store: Store, released: Sequence[Released]) -> int:
    """Void the open matches of evaluations that failed for good: nobody goes on with them."""
    now, ended = datetime.now(UTC), EvaluationState.FAILED
    return sum(
        void_matches(store, one.evaluation_id, "its placement failed", now)
        for one in released
        if one.state == ended
    )


def resume(store: Store, ladder: str) -> tuple[str, ...]:
    """Put the evaluations of `ladder` that somebody stopped back into the queue; returns whose.

    For somebody who asks for everything to go on, such as `arena up`. Those that wait for a time
    are none of them.
    """
    with store.write() as connection:
        by_somebody = (Ladder.name == ladder) & Evaluation.wait_until.is_(None)
        stopped = held(connection, by_somebody, EvaluationState.WAITING)
        connection.execute(
            update(Evaluation)
            .where(Evaluation.id.in_([row.id for row in stopped]))
            .values(state=EvaluationState.QUEUED)
        )
    return tuple(row.alias for row in stopped)


def held(
    connection: Connection,
    condition: ColumnElement[bool],
    state: EvaluationState = EvaluationState.RUNNING,
) -> Sequence[Any]:
    """Evaluations being played (or in another `state`) that fit `condition`, locked until the
    transaction ends.
    """
    return connection.execute(
        select(
            Evaluation.id,
            Evaluation.run_id,
            Evaluation.lease_owner,
            Evaluation.lease_until,
            Agent.alias,
            Agent.kind,
            Ladder.name,
        )
        .join(Agent, Agent.id == Evaluation.agent_id)
        .join(Ladder, Ladder.id == Evaluation.ladder_id)
        .where(Evaluation.state == state, condition)
        .order_by(Evaluation.id)
        .with_for_update(of=Evaluation)
    ).all()


def give_back(
    connection: Connection,
    row: Any,
    error: str,
    kind: StopKind,
    now: datetime,
    *,
    final: bool = False,
) -> Released:
    """Put a row of `held` back into the queue, or end it as failed; one that somebody stopped
    waits. Its incident is the caller's to note.
    """
    stopped = kind is StopKind.INTERRUPTED
    failed = final or (not stopped and _is_the_last(connection, row, kind))
    going_on = EvaluationState.WAITING if stopped else EvaluationState.QUEUED
    state = EvaluationState.FAILED if failed else going_on
    connection.execute(
        update(Evaluation)
        .where(Evaluation.id == row.id)
        .values(
            state=state,
            lease_owner=None,
            lease_until=None,
            error=error,
            finished_at=now if failed else None,
        )
    )
    return Released(row.id, row.alias, row.name, state)


def _is_the_last(connection: Connection, row: Any, kind: StopKind) -> bool:
    """Whether a failure is one too many, since the evaluation last came a step further."""
    alike = Incident.kind != StopKind.INTERRUPTED
    most = MOST_FAILURES
    if row.kind == CALLING or _has_calls(connection, row.id):
        # Much that is no fault of an evaluation kills a process that mostly waits.
        alike, most = Incident.kind == kind, MOST_DEATHS if kind is _DEATH else MOST_FAILURES
    failures = select(func.count()).where(Incident.evaluation_id == row.id, alike)
    if (further := _further(connection, row.id)) is not None:
        failures = failures.where(Incident.happened_at > further)
    return int(connection.scalar(failures) or 0) + 1 >= most


def _has_calls(connection: Connection, evaluation_id: int) -> bool:
    """Whether models were called for an evaluation, be it of a bot."""
    mine = select(LlmCall.id).where(LlmCall.evaluation_id == evaluation_id).limit(1)
    return connection.scalar(mine) is not None


def _further(connection: Connection, evaluation_id: int) -> datetime | None:
    """When an evaluation last came a step further: a match of it ended, a turn was kept, or a call
    for it was answered; None: never.
    """
    mine = Match.evaluation_id == evaluation_id
    answered = (LlmCall.evaluation_id == evaluation_id) & LlmCall.error_kind.is_(None)
    times = connection.execute(
        select(
            select(func.max(Match.ended_at)).where(mine).scalar_subquery(),
            select(func.max(Turn.decided_at))
            .join(Match, Match.id == Turn.match_id)
            .where(mine)
            .scalar_subquery(),
            select(func.max(LlmCall.settled_at)).where(answered).scalar_subquery(),
        )
    ).one()
    return max((time for time in times if time is not None), default=None)


def note(
    store: Store,
    connection: Connection,
    kind: StopKind,
    error: str,
    now: datetime,
    run_id: str | None,
    released: Sequence[Released],
    *,
    job: str | None = None,
    step: str | None = None,
) -> None:
    """Write the incident, unless this run has one of this kind already; of a run that held several
    evaluations one for each, so that each has its own count.
    """
    row = {"happened_at": now, "kind": kind.value, "job": job, "step": step, "error": error}
    taken = run_id is not None and _is_told(connection, run_id, kind)
    for one in released:
        values = {**row, "evaluation_id": one.evaluation_id, "released": str(one)}
        # A run has one incident of a kind: what else it held is told without its name.
        connection.execute(insert(Incident).values(**values, run_id=None if taken else run_id))
        taken = True
    if not released and not taken:
        connection.execute(store.insert_ignore(Incident), [{**row, "run_id": run_id}])


def _is_told(connection: Connection, run_id: str, kind: StopKind) -> bool:
    told = select(Incident.id).where(Incident.run_id == run_id, Incident.kind == kind.value)
    return connection.scalar(told) is not None
