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

    id: Mapped[int] = mapped_column(
        BIG_ID,
        primary_key=True,
        doc="Row number, by which matches and incidents name the evaluation.",
    )
    agent_id: Mapped[int] = mapped_column(
        ForeignKey("agents.id"), doc="Who is to be placed (agents.id)."
    )
    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("ladders.id"), doc="Where the agent is to be placed (ladders.id)."
    )
    state: Mapped[str] = mapped_column(
        doc="untested, queued, running, waiting, ranked, failed or retired."
    )
    attempt: Mapped[int] = mapped_column(
        default=1, doc="From 1; a person may ask for another one after a failure."
    )
    planned: Mapped[int] = mapped_column(doc="How many matches are to be played.")
    run_id: Mapped[str | None] = mapped_column(
        doc="Dagster run that last took it up; NULL: none did."
    )
    lease_owner: Mapped[str | None] = mapped_column(
        doc="Process that plays it (host:process:token); NULL: nobody does."
    )
    lease_until: Mapped[datetime | None] = mapped_column(
        doc="Until when nobody else may take it up (UTC); NULL: nobody holds it."
    )
    wait_until: Mapped[datetime | None] = mapped_column(
        doc="Not to be taken up before this (UTC); NULL: at any time."
    )
    error: Mapped[str | None] = mapped_column(
        OutsideText, doc="What stopped it last, as a sentence; NULL: nothing since it was taken up."
    )
    budget: Mapped[Decimal | None] = mapped_column(
        Usd, doc="Most that it may cost, in 1e-12 USD; NULL: no limit of its own."
    )
    spent: Mapped[Decimal | None] = mapped_column(
        Usd, doc="What it has cost so far, in 1e-12 USD; NULL: unknown."
    )
    strategy: Mapped[str | None] = mapped_column(
        doc="How its opponents are chosen, such as climb; NULL: by the setting of the day."
    )
    cancelled_at: Mapped[datetime | None] = mapped_column(
        doc="When somebody cancelled it (UTC); NULL: nobody did."
    )
    queued_at: Mapped[datetime] = mapped_column(doc="When it was put into the queue (UTC).")
    started_at: Mapped[datetime | None] = mapped_column(
        doc="When it was first taken up (UTC); NULL: not yet."
    )
    finished_at: Mapped[datetime | None] = mapped_column(
        doc="When it ended, ranked or failed for good (UTC); NULL: it has not."
    )


class Spend(Base):
    """Money reserved and spent under one budget in one window of time."""

    __tablename__ = "spend"
    __table_args__ = (CheckConstraint("reserved >= 0 AND spent >= 0", name="amounts"),)

    budget: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="Which budget the money belongs to, by name."
    )
    window_start: Mapped[datetime] = mapped_column(
        primary_key=True, doc="When the window of time began that the budget is for (UTC)."
    )
    reserved: Mapped[Decimal] = mapped_column(
        Usd, doc="Set aside for work under way, in 1e-12 USD."
    )
    spent: Mapped[Decimal] = mapped_column(
        Usd, doc="Paid already, in 1e-12 USD: by the bill, or by prices and tokens without one."
    )
    assumed: Mapped[Decimal] = mapped_column(
        Usd,
        default=Decimal(0),
        server_default="0",
        doc="What calls whose cost nobody knows may have cost at most, in 1e-12 USD.",
    )
    overrun: Mapped[Decimal] = mapped_column(
        Usd,
        default=Decimal(0),
        server_default="0",
        doc="What bills came to above what was reserved for them, in 1e-12 USD; part of spent.",
    )


class Incident(Base):
    """Something that went wrong in a run, told once and clearly, with what it held and freed."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("run_id", "kind"),
        Index("ix_incidents_happened_at", "happened_at"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    happened_at: Mapped[datetime] = mapped_column(doc="When it was noticed (UTC).")
    kind: Mapped[str] = mapped_column(doc="run failed, lease expired or interrupted.")
    run_id: Mapped[str | None] = mapped_column(
        doc="Dagster run that went wrong; NULL: unknown, as with an expired lease."
    )
    job: Mapped[str | None] = mapped_column(doc="Dagster job of that run; NULL: unknown.")
    step: Mapped[str | None] = mapped_column(
        doc="Step of the run that failed; NULL: unknown, or none did."
    )
    evaluation_id: Mapped[int | None] = mapped_column(
        ForeignKey("evaluations.id"),
        index=True,
        doc="Evaluation that was stopped (evaluations.id); NULL: none.",
    )
    error: Mapped[str] = mapped_column(OutsideText, doc="What went wrong, as a sentence.")
    released: Mapped[str | None] = mapped_column(
        doc="What the run had held and what became of it; NULL: it held nothing."
    )
