"""The table of notices: what people are to be told, and whether it was delivered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText


class NoticeKind(StrEnum):
    """What a notice is about."""

    RUN_FAILED = "run_failed"
    CATALOG_REFUSED = "catalog_refused"
    CHECK_FAILED = "check_failed"
    BUDGET_EXHAUSTED = "budget_exhausted"
    TEST = "test"


_IS_DUE = text("sent_at IS NULL AND given_up_at IS NULL")


class Notice(Base):
    """One thing to be told, once: written first, delivered by whoever comes by."""

    __tablename__ = "notices"
    __table_args__ = (
        one_of("kind", NoticeKind),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_notices_created_at", "created_at"),
        Index("ix_notices_due", "next_attempt_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    key: Mapped[str] = mapped_column(
        Text, unique=True, doc="What it is about, such as incident:12: told once at most."
    )
    kind: Mapped[str] = mapped_column(
        doc="run_failed, catalog_refused, check_failed, budget_exhausted or test."
    )
    created_at: Mapped[datetime] = mapped_column(doc="When it was written down (UTC).")
    happened_at: Mapped[datetime] = mapped_column(doc="When what it tells of happened (UTC).")
    title: Mapped[str] = mapped_column(OutsideText, doc="One sentence for people.")
    body: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="The details that are sent with it (JSON)."
    )
    attempts: Mapped[int] = mapped_column(default=0, doc="Deliveries tried so far.")
    next_attempt_at: Mapped[datetime] = mapped_column(
        doc="Not to be tried before this (UTC); while one tries it, it lies in the future."
    )
    sent_at: Mapped[datetime | None] = mapped_column(
        doc="When it was delivered (UTC); NULL: it was not."
    )
    given_up_at: Mapped[datetime | None] = mapped_column(
        doc="When no more deliveries were tried (UTC); NULL: not given up."
    )
    error: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why the newest delivery failed; NULL: none did."
    )
