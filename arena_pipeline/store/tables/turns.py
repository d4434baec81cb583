"""Tables of decisions in matches that cost time or money: turns, and the LLM calls for them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base
from arena_pipeline.store.types import OutsideText, Usd


class Turn(Base):
    """One decision of one seat in a match that is journaled; sealed into the replay when the match
    finishes.
    """

    __tablename__ = "turns"
    __table_args__ = ({"sqlite_with_rowid": False},)

    match_id: Mapped[int] = mapped_column(
        ForeignKey("matches.id"), primary_key=True, doc="The match (matches.id)."
    )
    step: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Which step of the match, from 0."
    )
    slot: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Number of the seat that decided, from 0."
    )
    action: Mapped[str] = mapped_column(
        OutsideText,
        doc="What was played; after a fault it was drawn by chance from what was legal.",
    )
    fault: Mapped[str | None] = mapped_column(
        doc="How the turn failed, such as illegal_action; NULL: it did not."
    )
    rationale: Mapped[str | None] = mapped_column(
        OutsideText, doc="The player's own explanation, unchecked; NULL: it gave none."
    )
    input_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens sent for this turn; NULL: unknown, as with bots."
    )
    output_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens received for this turn; NULL: unknown, as with bots."
    )
    cost: Mapped[Decimal | None] = mapped_column(
        Usd, doc="What the turn cost, in 1e-12 USD; NULL: unknown, as with bots."
    )
    decided_at: Mapped[datetime] = mapped_column(doc="When the decision came (UTC).")
    duration_ms: Mapped[float | None] = mapped_column(
        doc="How long the decision took, in ms; NULL: not measured."
    )
    extra: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        doc="Whatever else is known of the turn (JSON), such as why it failed.",
    )


class LlmCall(Base):
    """One HTTP attempt made for a turn. Billed and estimated cost apart; NULL is unknown."""

    __tablename__ = "llm_calls"
    __table_args__ = (
        UniqueConstraint("match_id", "step", "slot", "attempt"),
        ForeignKeyConstraint(["match_id", "slot"], ["participants.match_id", "participants.slot"]),
        Index("ix_llm_calls_gateway", "gateway", "started_at"),
        Index("ix_llm_calls_started_at", "started_at"),
        Index("ix_llm_calls_model_id", "model_id", "started_at"),
        Index("ix_llm_calls_evaluation_id", "evaluation_id"),
        Index(
            "ix_llm_calls_open",
            "gateway",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        CheckConstraint("cost_billed >= 0 AND cost_estimated >= 0", name="cost"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    match_id: Mapped[int] = mapped_column(doc="The match it was made in (matches.id).")
    step: Mapped[int] = mapped_column(doc="Which step of the match, from 0.")
    slot: Mapped[int] = mapped_column(doc="Number of the seat that asked, from 0.")
    attempt: Mapped[int] = mapped_column(doc="Which try of this turn, from 1.")
    question: Mapped[int] = mapped_column(
        default=0,
        server_default="0",
        doc="Which question of the turn it asked: 0 the first, 1 after a reminder.",
    )
    evaluation_id: Mapped[int | None] = mapped_column(
        doc="Evaluation whose budget pays for it (evaluations.id); NULL: none."
    )
    agent_id: Mapped[int | None] = mapped_column(
        doc="Agent that it was made for (agents.id); NULL: unknown."
    )
    model_id: Mapped[int | None] = mapped_column(
        doc="Model that was asked (models.id); NULL: unknown."
    )
    gateway: Mapped[str] = mapped_column(doc="The API that was called.")
    client_name: Mapped[str] = mapped_column(
        OutsideText, doc="What the gateway calls the model that was asked for."
    )
    host: Mapped[str | None] = mapped_column(
        OutsideText, doc="Machine room behind the gateway that answered; NULL: it did not say."
    )
    started_at: Mapped[datetime] = mapped_column(doc="When the request was sent (UTC).")
    settled_at: Mapped[datetime | None] = mapped_column(
        doc="When it was known what came of it (UTC); NULL: it is under way."
    )
    first_byte_ms: Mapped[float | None] = mapped_column(
        doc="Time until the answer began, in ms; NULL: none came, or not measured."
    )
    duration_ms: Mapped[float | None] = mapped_column(
        doc="Time until the answer was whole, in ms; NULL: it never was."
    )
    http_status: Mapped[int | None] = mapped_column(
        doc="Status code of the answer; NULL: none came."
    )
    error_kind: Mapped[str | None] = mapped_column(
        doc="In which way the call failed; NULL: it did not."
    )
    error: Mapped[str | None] = mapped_column(
        OutsideText,
        doc="What the gateway or the network said of the failure; NULL: it did not fail.",
    )
    request_id: Mapped[str | None] = mapped_column(
        OutsideText, doc="The gateway's own name for the call; NULL: it gave none."
    )
    prompt_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens sent; NULL: the gateway did not say."
    )
    cached_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens sent that the host had cached; NULL: the gateway did not say."
    )
    completion_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens received, reasoning included; NULL: the gateway did not say."
    )
    reasoning_tokens: Mapped[int | None] = mapped_column(
        doc="Tokens received that were reasoning; NULL: the gateway did not say."
    )
    reserved: Mapped[Decimal] = mapped_column(
        Usd,
        default=Decimal(0),
        server_default="0",
        doc="Most that it might cost, set aside before it was sent, in 1e-12 USD.",
    )
    cost_counted: Mapped[Decimal | None] = mapped_column(
        Usd,
        doc="What its budgets were charged, in 1e-12 USD: the bill, else the estimate, else what "
        "was reserved; NULL: it is under way.",
    )
    cost_estimated: Mapped[Decimal | None] = mapped_column(
        Usd, doc="Cost by the catalog's prices, in 1e-12 USD; NULL: price or tokens unknown."
    )
    cost_billed: Mapped[Decimal | None] = mapped_column(
        Usd, doc="Cost by the gateway's bill, in 1e-12 USD; NULL: it did not say."
    )
    finish_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="The gateway's word for why the reply ended; NULL: it did not say."
    )
    payload: Mapped[str | None] = mapped_column(
        doc="Request and answer in full (JSON); NULL: not kept, or no more kept here."
    )
    payload_at: Mapped[str | None] = mapped_column(
        doc="Where request and answer lie in full, such as a replay; NULL: here, or nowhere."
    )
