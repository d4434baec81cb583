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

from sqlalchemy import ColumnElement, and_, func, or_, update

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
    store: Store, agent_id: int, ladder_id: int, lease: timedelta, run_id: str | None = None
) -> Claim | None:
    """Take the open evaluation of an agent on a ladder; None if there is none or somebody works on
    it.

    Free are queued ones, those that wait because somebody stopped them, those whose lease has run
    out, and those `run_id` itself held.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    now = datetime.now(UTC)
    with store.write() as connection:
        row = connection.execute(
            update(Evaluation)
            .where(
                Evaluation.agent_id == agent_id,
                Evaluation.ladder_id == ladder_id,
                _free(now, run_id),
            )
            .values(
                state=EvaluationState.RUNNING,
                lease_owner=owner,
                lease_until=now + lease,
                run_id=run_id,
                started_at=func.coalesce(Evaluation.started_at, now),
                error=None,
            )
            .returning(Evaluation.id, Evaluation.attempt, Evaluation.planned, Evaluation.queued_at)
        ).one_or_none()
    return None if row is None else Claim(*row, owner=owner, lease=lease)


def renew(store: Store, claim: Claim) -> None:
    """Hold the evaluation for another lease. Raises PlacementTaken if somebody else has it now."""
    _change(store, claim, lease_until=datetime.now(UTC) + claim.lease)


def rank(store: Store, claim: Claim) -> None:
    """End the evaluation as ranked. Raises PlacementTaken if somebody else has it now."""
    _change(
        store,
        claim,
        state=EvaluationState.RANKED,
        finished_at=datetime.now(UTC),
        lease_owner=None,
        lease_until=None,
        error=None,
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


def _change(store: Store, claim: Claim, **values: object) -> None:
    with store.write() as connection:
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
                "another process goes on with it"
            )


def _free(now: datetime, run_id: str | None) -> ColumnElement[bool]:
    stale = has_run_out(Evaluation.lease_until, now)
    mine = stale if run_id is None else or_(stale, Evaluation.run_id == run_id)
    return or_(
        Evaluation.state.in_((EvaluationState.QUEUED, EvaluationState.WAITING)),
        and_(Evaluation.state == EvaluationState.RUNNING, mine),
    )
