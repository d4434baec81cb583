"""Who works on an evaluation: one conditional UPDATE takes it, a heartbeat keeps it, one statement
ends it.

Nothing here looks first and writes then: two workers can ask for the same evaluation at the same
moment, and one gets it.
"""

import os
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, update

from arena_pipeline.errors import ArenaError
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out
from arena_pipeline.store.tables import Evaluation, EvaluationState


class PlacementTaken(ArenaError):
    """Another process has taken the placement over; whoever sees this stops playing it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An evaluation taken by `owner` for `lease` at a time."""

    id: int
    attempt: int
    planned: int
    queued_at: datetime
    owner: str
    lease: timedelta


def claim(
    store: Store,
    agent_id: int,
    ladder_id: int,
    lease: timedelta,
    run_id: str | None = None,
    *,
    at_once: bool = False,
) -> Claim | None:
    """Take the open evaluation of an agent on a ladder; None if there is none, somebody works on it
    or it waits for a time that has not come.

    Free are queued ones, those that wait because somebody stopped them or until a time that is
    past (`at_once`: any that waits), those whose lease has run out, and those `run_id` itself held.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    now = datetime.now(UTC)
    with store.write() as connection:
        row = connection.execute(
            update(Evaluation)
            .where(
                Evaluation.agent_id == agent_id,
                Evaluation.ladder_id == ladder_id,
                _free(now, run_id, at_once=at_once),
            )
            .values(
                state=EvaluationState.RUNNING,
                lease_owner=owner,
                lease_until=now + lease,
                run_id=run_id,
                started_at=func.coalesce(Evaluation.started_at, now),
                wait_until=None,
                error=None,
            )
            .returning(Evaluation.id, Evaluation.attempt, Evaluation.planned, Evaluation.queued_at)
        ).one_or_none()
    return None if row is None else Claim(*row, owner=owner, lease=lease)


def renew(store: Store, claim: Claim) -> None:
    """Hold the evaluation for another lease. Raises PlacementTaken if somebody else has it now."""
    with store.write() as connection:
        _change(connection, claim, lease_until=datetime.now(UTC) + claim.lease)


def rank(store: Store, claim: Claim, model_id: int | None = None) -> None:
    """End the evaluation as ranked; its model may play from now on unless somebody said otherwise.

    Raises PlacementTaken if somebody else has it now.
    """
    from arena_pipeline.registry.enrolment import mark_placed

    with store.write() as connection:
        _change(
            connection,
            claim,
            state=EvaluationState.RANKED,
            finished_at=datetime.now(UTC),
            lease_owner=None,
            lease_until=None,
            error=None,
        )
        if model_id is not None:
            mark_placed(connection, model_id)


def wait(store: Store, claim: Claim, why: str, until: datetime) -> None:
    """Put the evaluation aside until a time, for a reason that is nobody's failure; who looks for
    work then takes it up by itself. Raises PlacementTaken if somebody else has it now.
    """
    with store.write() as connection:
        _change(
            connection,
            claim,
            state=EvaluationState.WAITING,
            wait_until=until,
            lease_owner=None,
            lease_until=None,
            error=why,
        )


@dataclass(slots=True)
class Heartbeat:
    """Renews a claim when a third of its lease has gone by; to be called often."""

    store: Store
    claim: Claim
    last: float = field(default_factory=time.monotonic)

    def __call__(self, *_: object) -> None:
        """Renew if it is time. Raises PlacementTaken."""
        if time.monotonic() - self.last >= self.claim.lease.total_seconds() / 3:
            self.beat()

    def beat(self) -> None:
        """Renew now. Raises PlacementTaken."""
        renew(self.store, self.claim)
        self.last = time.monotonic()


def _change(connection: Connection, claim: Claim, **values: object) -> None:
    changed = connection.execute(
        update(Evaluation)
        .where(
            Evaluation.id == claim.id,
            Evaluation.lease_owner == claim.owner,
            Evaluation.state == EvaluationState.RUNNING,
        )
        .values(**values)
    )
    if changed.rowcount == 0:
        raise PlacementTaken(
            f"Evaluation {claim.id} is no longer held by {claim.owner}; "
            "another process goes on with it, or somebody cancelled it"
        )


def _free(now: datetime, run_id: str | None, *, at_once: bool) -> ColumnElement[bool]:
    stale = has_run_out(Evaluation.lease_until, now)
    mine = stale if run_id is None else or_(stale, Evaluation.run_id == run_id)
    due = or_(Evaluation.wait_until.is_(None), Evaluation.wait_until <= now, literal(at_once))
    return or_(
        Evaluation.state == EvaluationState.QUEUED,
        and_(Evaluation.state == EvaluationState.WAITING, due),
        and_(Evaluation.state == EvaluationState.RUNNING, mine),
    )
