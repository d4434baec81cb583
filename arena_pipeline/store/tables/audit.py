"""The table of what people did by command: who, when, to what, and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base
from arena_pipeline.store.types import OutsideText


class AuditEntry(Base):
    """One act of a person. Append-only: an act that is taken back is another act."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at", "at"),
        Index("ix_audit_subject", "subject_kind", "subject"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    at: Mapped[datetime] = mapped_column(doc="When it was done (UTC).")
    actor: Mapped[str] = mapped_column(
        OutsideText, doc="Who did it: the name of the account the command ran under."
    )
    action: Mapped[str] = mapped_column(doc="What was done, in a word: deny, retire, disable, ...")
    subject_kind: Mapped[str] = mapped_column(doc="What it was done to: model, agent, ...")
    subject: Mapped[str] = mapped_column(OutsideText, doc="Slug, alias or other name of that.")
    reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why, in the person's words; NULL: unsaid."
    )
    before: Mapped[dict[str, Any] | None] = mapped_column(
        doc="What was so before (JSON); NULL: nothing was."
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(
        doc="What is so since (JSON); NULL: nothing is."
    )
