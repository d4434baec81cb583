"""Tables of rankings: ladders, which match counts where, the ledger of rating events. Where
everybody stands is in `standings`.
"""

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

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which other tables name the ladder."
    )
    name: Mapped[str] = mapped_column(
        Text, unique=True, doc="Unique short name, as commands and addresses use it."
    )
    title: Mapped[str] = mapped_column(doc="What people call it.")
    game: Mapped[str] = mapped_column(doc="Name of the game whose matches it ranks.")
    filter: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        doc="Which matches count (JSON): configs, purposes, self_play, gateway_faults, "
        "placeholders.",
    )
    competitor: Mapped[str] = mapped_column(
        doc="Who is ranked: agent (by alias), model (by slug; a bot, having none, by its alias) or "
        "name (as played)."
    )
    ordering: Mapped[str] = mapped_column(
        doc="What numbers its matches: finished (as recorded here) or ended_at (by time)."
    )
    policy: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        doc="How it rates (JSON): system, k, initial (absent: Elo, K = 32, from 1500); clock, "
        "trueskill.",
    )
    live: Mapped[bool] = mapped_column(
        default=True, doc="Whether matches are rated as they finish; false: only by a rebuild."
    )
    is_default: Mapped[bool] = mapped_column(
        default=False, doc="Whether it is the main one of its game; there is one at most."
    )
    epoch: Mapped[int] = mapped_column(
        default=1,
        doc="Which numbering of its matches is in force, from 1; a rebuild starts the next.",
    )
    next_sequence: Mapped[int] = mapped_column(
        default=1, doc="Number that the next rated match will get, from 1."
    )
    next_position: Mapped[int] = mapped_column(
        default=1, doc="Place that the next judged match will get, rated or not, from 1."
    )
    chain_head: Mapped[str | None] = mapped_column(
        doc="Digest of the newest rated match in the chain; NULL: none is rated in this epoch, or "
        "the chain was not begun."
    )
    created_at: Mapped[datetime] = mapped_column(doc="When it was made (UTC).")


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
        Index(
            "ix_ladder_matches_reason",
            "ladder_id",
            "epoch",
            "reason",
            sqlite_where=text("reason IS NOT NULL"),
            postgresql_where=text("reason IS NOT NULL"),
        ),
        Index("ix_ladder_matches_match_id", "match_id"),
        Index("ix_ladder_matches_ended_at", "ladder_id", "epoch", "ended_at"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("ladders.id"),
        primary_key=True,
        doc="The ladder that judged the match (ladders.id).",
    )
    epoch: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        doc="Numbering of the ladder that this place belongs to, from 1.",
    )
    match_id: Mapped[int] = mapped_column(
        ForeignKey("matches.id"), primary_key=True, doc="The match that was judged (matches.id)."
    )
    sequence: Mapped[int | None] = mapped_column(
        doc="Place among the rated matches, from 1 without gaps; NULL: not rated."
    )
    reason: Mapped[str | None] = mapped_column(
        doc="Why it is not rated: no_competitor, gateway_faults, self_play, placeholder or void; "
        "NULL: it is."
    )
    position: Mapped[int] = mapped_column(
        doc="Place among all judged matches, rated or not, from 1: where a voided one comes back."
    )
    digest: Mapped[str | None] = mapped_column(
        doc="Link of the chain: SHA-256 (hex) over the previous link, the sequence and the match; "
        "NULL: not rated, or rated before there were chains."
    )
    ended_at: Mapped[datetime | None] = mapped_column(
        doc="When the match was over (UTC), as in matches; NULL: unknown."
    )


class RatingEvent(Base):
    """One line of the append-only ledger: this match moved this competitor from `before` to
    `after`.
    """

    __tablename__ = "rating_events"
    __table_args__ = (
        Index("ix_rating_events_competitor", "ladder_id", "competitor", "epoch", "sequence"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("ladders.id"),
        primary_key=True,
        doc="The ladder whose ledger this is a line of (ladders.id).",
    )
    epoch: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        doc="Numbering of the ladder that the line belongs to, from 1.",
    )
    sequence: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        doc="Number of the rated match that moved the rating, from 1.",
    )
    competitor: Mapped[str] = mapped_column(
        OutsideText,
        primary_key=True,
        doc="Who was moved: agent alias, model slug or name as played.",
    )
    system: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="Which number was moved: elo or mean_score."
    )
    before: Mapped[float] = mapped_column(
        doc="Number before the match: Elo points, or mean score in the game's unit."
    )
    after: Mapped[float] = mapped_column(
        doc="Number after the match: Elo points, or mean score in the game's unit."
    )
