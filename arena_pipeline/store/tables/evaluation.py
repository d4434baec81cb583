"""Tables of work and money: the queue of evaluations, spending per budget, incidents of failed
runs.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText, Usd


class EvaluationState(StrEnum):
    """Where the placement of an agent on a ladder stands."""

    UNTESTED = "untested"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    RANKED = "ranked"
    FAILED = "failed"
    RETIRED = "retired"


OPEN_STATES = (EvaluationState.QUEUED, EvaluationState.RUNNING, EvaluationState.WAITING)
_IS_OPEN = text("state IN ('queued', 'running', 'waiting')")


class Evaluation(Base):
    """The job "place this agent on this ladder"; at most one is open per pair. Matches name it."""

    __tablename__ = "evaluations"
    __table_args__ = (
        one_of("state", EvaluationState),
        CheckConstraint("planned >= 1", name="planned"),
        CheckConstraint("spent >= 0", name="spent"),
        UniqueConstraint("agent_id", "ladder_id", "attempt"),
        Index(
            "uq_evaluations_open",
            "agent_id",
            "ladder_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_evaluations_queue", "state", "queued_at"),
        Index("ix_evaluations_ladder_id", "ladder_id", "state"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladders.id"))
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=1)
    planned: Mapped[int]
    run_id: Mapped[str | None]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    wait_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(OutsideText)
    budget: Mapped[Decimal | None] = mapped_column(Usd)
    spent: Mapped[Decimal | None] = mapped_column(Usd)
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Spend(Base):
    """Money reserved and spent under one budget in one window of time."""

    __tablename__ = "spend"
    __table_args__ = (CheckConstraint("reserved >= 0 AND spent >= 0", name="amounts"),)

    budget: Mapped[str] = mapped_column(Text, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    reserved: Mapped[Decimal] = mapped_column(Usd)
    spent: Mapped[Decimal] = mapped_column(Usd)


class Incident(Base):
    """Something that went wrong in a run, told once and clearly, with what it held and freed."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("run_id", "kind"),
        Index("ix_incidents_happened_at", "happened_at"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    happened_at: Mapped[datetime]
    kind: Mapped[str]
    run_id: Mapped[str | None]
    job: Mapped[str | None]
    step: Mapped[str | None]
    evaluation_id: Mapped[int | None] = mapped_column(ForeignKey("evaluations.id"), index=True)
    error: Mapped[str] = mapped_column(OutsideText)
    released: Mapped[str | None]
