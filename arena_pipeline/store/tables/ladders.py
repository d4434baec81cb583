"""Tables of rankings: ladders, which match counts where, the ledger of rating events, standings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText


class CompetitorKind(StrEnum):
    """Who competes on a ladder: agents (by alias), models (by slug), or names as played."""

    AGENT = "agent"
    MODEL = "model"
    NAME = "name"


class Ordering(StrEnum):
    """What numbers a ladder's matches: the order of finishing here, or an original time stamp."""

    FINISHED = "finished"
    ENDED_AT = "ended_at"


class Ladder(Base):
    """A ranking: filter on matches, competitor, ordering, policy. `epoch` and `next_sequence`
    number its ledger.
    """

    __tablename__ = "ladders"
    __table_args__ = (
        one_of("competitor", CompetitorKind),
        one_of("ordering", Ordering),
        Index(
            "uq_ladders_default_of_game",
            "game",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
        Index("ix_ladders_live", "live", "game"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str]
    game: Mapped[str]
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    competitor: Mapped[str]
    ordering: Mapped[str]
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    live: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=1)
    next_sequence: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class LadderMatch(Base):
    """A match's place in a ladder's ledger, or the reason why it is not rated there."""

    __tablename__ = "ladder_matches"
    __table_args__ = (
        CheckConstraint("(sequence IS NULL) = (reason IS NOT NULL)", name="sequence_or_reason"),
        Index(
            "uq_ladder_matches_sequence",
            "ladder_id",
            "epoch",
            "sequence",
            unique=True,
            sqlite_where=text("sequence IS NOT NULL"),
            postgresql_where=text("sequence IS NOT NULL"),
        ),
        Index("ix_ladder_matches_match_id", "match_id"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladders.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    sequence: Mapped[int | None]
    reason: Mapped[str | None]


class RatingEvent(Base):
    """One line of the append-only ledger: this match moved this competitor from `before` to
    `after`.
    """

    __tablename__ = "rating_events"
    __table_args__ = (
        Index("ix_rating_events_competitor", "ladder_id", "competitor", "epoch", "sequence"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladders.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    competitor: Mapped[str] = mapped_column(OutsideText, primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    before: Mapped[float]
    after: Mapped[float]


class Standing(Base):
    """A competitor's present place on a ladder: ratings and totals.

    `elo` is kept on every pairwise ladder; the other systems' columns are NULL on ladders that do
    not keep them.
    """

    __tablename__ = "standings"
    __table_args__ = (
        CheckConstraint("matches = wins + losses + ties", name="totals"),
        Index("ix_standings_elo", "ladder_id", "elo"),
        Index("ix_standings_agent_id", "agent_id"),
        Index("ix_standings_model_id", "model_id"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladders.id"), primary_key=True)
    competitor: Mapped[str] = mapped_column(OutsideText, primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    elo: Mapped[float | None]
    bt: Mapped[float | None]
    bt_deviation: Mapped[float | None]
    live_mu: Mapped[float | None]
    live_sigma: Mapped[float | None]
    mean_score: Mapped[float | None]
    matches: Mapped[int] = mapped_column(default=0)
    wins: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    ties: Mapped[int] = mapped_column(default=0)
    score_total: Mapped[float] = mapped_column(default=0.0)
    top_score: Mapped[float | None]
    first_match_at: Mapped[datetime | None]
    last_match_at: Mapped[datetime | None]
