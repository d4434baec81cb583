"""Tables of what was played: matches, participants, and the turns and calls of matches that cost
time or money.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText, Usd


class MatchState(StrEnum):
    """Where a match stands. Only `finished` ones are rated; a `void` one stays on record."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    VOID = "void"


class Purpose(StrEnum):
    """What a match was played for."""

    PLACEMENT = "placement"
    LEAGUE = "league"
    MANUAL = "manual"
    GAUNTLET = "gauntlet"
    BENCHMARK = "benchmark"
    IMPORT = "import"


class MatchResult(StrEnum):
    """How a match ended for one participant."""

    WON = "won"
    LOST = "lost"
    TIED = "tied"


class Match(Base):
    """One contest. Written when it finishes; earlier (state running, with turns) if it costs money
    or time.
    """

    __tablename__ = "matches"
    __table_args__ = (
        one_of("state", MatchState),
        one_of("purpose", Purpose),
        CheckConstraint("state <> 'finished' OR rounds IS NOT NULL", name="finished"),
        CheckConstraint(
            "state <> 'finished' OR (replay_digest IS NULL) = (replay_missing IS NOT NULL)",
            name="replay_or_reason",
        ),
        CheckConstraint("cost >= 0", name="cost"),
        Index("ix_matches_ended_at", "ended_at"),
        Index("ix_matches_started_at", "started_at"),
        Index("ix_matches_config_id", "config_id", "ended_at"),
        Index("ix_matches_evaluation_id", "evaluation_id"),
        Index("ix_matches_instance_id", "instance_id"),
        Index("ix_matches_group", "group"),
        Index(
            "ix_matches_open",
            "lease_until",
            sqlite_where=text("state IN ('running', 'paused')"),
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    uuid: Mapped[str] = mapped_column(Text, unique=True)
    config_id: Mapped[int] = mapped_column(ForeignKey("game_configs.id"))
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"))
    evaluation_id: Mapped[int | None] = mapped_column(ForeignKey("evaluations.id"))
    group: Mapped[str | None]
    purpose: Mapped[str]
    state: Mapped[str]
    seed: Mapped[int | None] = mapped_column(BigInteger)
    rule_version: Mapped[str]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    rounds: Mapped[int | None]
    ended_by: Mapped[str | None]
    winning_team: Mapped[str | None]
    total_score: Mapped[float | None]
    replay_path: Mapped[str | None]
    replay_digest: Mapped[str | None]
    replay_missing: Mapped[str | None]
    cost: Mapped[Decimal | None] = mapped_column(Usd)
    source_path: Mapped[str | None] = mapped_column(OutsideText)
    source_digest: Mapped[str | None]
    started_at_text: Mapped[str | None] = mapped_column(OutsideText)
    ended_at_text: Mapped[str | None] = mapped_column(OutsideText)
    crashed: Mapped[bool] = mapped_column(default=False)
    void_reason: Mapped[str | None] = mapped_column(OutsideText)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Participant(Base):
    """An agent's seat in a match; `result` and what follows are NULL until it is finished."""

    __tablename__ = "participants"
    __table_args__ = (
        one_of("result", MatchResult),
        CheckConstraint("slot >= 0", name="slot"),
        CheckConstraint("placement >= 1", name="placement"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("agent_faults >= 0 AND gateway_faults >= 0", name="faults"),
        Index("ix_participants_agent_id", "agent_id", "match_id"),
        Index("ix_participants_model_id", "model_id", "match_id"),
        Index("ix_participants_name", "name", "match_id"),
        {"sqlite_with_rowid": False},
    )

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    name: Mapped[str] = mapped_column(OutsideText)
    team: Mapped[str | None]
    role: Mapped[str | None]
    score: Mapped[float | None]
    reward: Mapped[float | None]
    result: Mapped[str | None]
    placement: Mapped[int | None]
    death_round: Mapped[int | None]
    death_reason: Mapped[str | None]
    agent_faults: Mapped[int] = mapped_column(default=0)
    gateway_faults: Mapped[int] = mapped_column(default=0)
    faults: Mapped[dict[str, Any]] = mapped_column(default=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    input_tokens: Mapped[int | None] = mapped_column(BigInteger)
    output_tokens: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[Decimal | None] = mapped_column(Usd)


class Turn(Base):
    """One decision of one seat in a match that is journaled; sealed into the replay when the match
    finishes.
    """

    __tablename__ = "turns"
    __table_args__ = ({"sqlite_with_rowid": False},)

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(OutsideText)
    fault: Mapped[str | None]
    rationale: Mapped[str | None] = mapped_column(OutsideText)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(Usd)
    decided_at: Mapped[datetime]
    duration_ms: Mapped[float | None]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)


class LlmCall(Base):
    """One HTTP attempt made for a turn. Billed and estimated cost apart; NULL is unknown."""

    __tablename__ = "llm_calls"
    __table_args__ = (
        UniqueConstraint("match_id", "step", "slot", "attempt"),
        ForeignKeyConstraint(["match_id", "slot"], ["participants.match_id", "participants.slot"]),
        Index("ix_llm_calls_gateway", "gateway", "started_at"),
        Index("ix_llm_calls_started_at", "started_at"),
        CheckConstraint("cost_billed >= 0 AND cost_estimated >= 0", name="cost"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    match_id: Mapped[int]
    step: Mapped[int]
    slot: Mapped[int]
    attempt: Mapped[int]
    gateway: Mapped[str]
    client_name: Mapped[str] = mapped_column(OutsideText)
    host: Mapped[str | None] = mapped_column(OutsideText)
    started_at: Mapped[datetime]
    first_byte_ms: Mapped[float | None]
    duration_ms: Mapped[float | None]
    http_status: Mapped[int | None]
    error_kind: Mapped[str | None]
    error: Mapped[str | None] = mapped_column(OutsideText)
    request_id: Mapped[str | None] = mapped_column(OutsideText)
    prompt_tokens: Mapped[int | None]
    cached_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    cost_estimated: Mapped[Decimal | None] = mapped_column(Usd)
    cost_billed: Mapped[Decimal | None] = mapped_column(Usd)
    finish_reason: Mapped[str | None] = mapped_column(OutsideText)
    payload: Mapped[str | None]
