"""Tables of where everybody stands on a ladder, now and day by day."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import Base
from arena_pipeline.store.types import OutsideText


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

    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("ladders.id"), primary_key=True, doc="The ladder it is a place on (ladders.id)."
    )
    competitor: Mapped[str] = mapped_column(
        OutsideText,
        primary_key=True,
        doc="Who stands there: agent alias, model slug or name as played.",
    )
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("agents.id"),
        doc="Agent first met under this name (agents.id); NULL: none is known.",
    )
    model_id: Mapped[int | None] = mapped_column(
        ForeignKey("models.id"),
        doc="Model first met under this name (models.id); NULL: none, or not known.",
    )
    elo: Mapped[float | None] = mapped_column(
        doc="Elo points; NULL: the ladder ranks by mean score."
    )
    bt: Mapped[float | None] = mapped_column(
        doc="Bradley-Terry rating in Elo points; NULL: not kept on this ladder."
    )
    bt_deviation: Mapped[float | None] = mapped_column(
        doc="Standard error of the Bradley-Terry rating in Elo points; NULL: not kept."
    )
    live_mu: Mapped[float | None] = mapped_column(
        doc="TrueSkill mean, start 25, where the policy asks for it; NULL: not kept."
    )
    live_sigma: Mapped[float | None] = mapped_column(
        doc="TrueSkill standard deviation, start 25/3; NULL: not kept on this ladder."
    )
    mean_score: Mapped[float | None] = mapped_column(
        doc="Mean score per seat in the game's unit; NULL: the ladder ranks by Elo."
    )
    matches: Mapped[int] = mapped_column(
        default=0, doc="Rated seats taken: wins, losses and ties together."
    )
    wins: Mapped[int] = mapped_column(default=0, doc="Rated seats that won.")
    losses: Mapped[int] = mapped_column(default=0, doc="Rated seats that lost.")
    ties: Mapped[int] = mapped_column(default=0, doc="Rated seats that tied.")
    score_total: Mapped[float] = mapped_column(
        default=0.0, doc="Sum of all scores in rated matches, in the game's unit."
    )
    top_score: Mapped[float | None] = mapped_column(
        doc="Best score in a rated match, in the game's unit; NULL: none played yet."
    )
    first_match_at: Mapped[datetime | None] = mapped_column(
        doc="When the earliest rated match started (UTC); NULL: unknown, or none yet."
    )
    last_match_at: Mapped[datetime | None] = mapped_column(
        doc="When the latest rated match started (UTC); NULL: unknown, or none yet."
    )


class StandingDay(Base):
    """A standing as it was published last on a day (UTC): the past as people saw it then."""

    __tablename__ = "standing_days"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        Index("ix_standing_days_competitor", "ladder_id", "competitor", "day"),
        {"sqlite_with_rowid": False},
    )

    ladder_id: Mapped[int] = mapped_column(
        ForeignKey("ladders.id"), primary_key=True, doc="The ladder (ladders.id)."
    )
    day: Mapped[date] = mapped_column(primary_key=True, doc="The day (UTC).")
    competitor: Mapped[str] = mapped_column(
        OutsideText, primary_key=True, doc="Agent alias, model slug or name as played."
    )
    taken_at: Mapped[datetime] = mapped_column(doc="When this was so, last on that day (UTC).")
    epoch: Mapped[int] = mapped_column(doc="Numbering of the ladder in force then.")
    sequence: Mapped[int] = mapped_column(doc="Number of the newest match rated then; 0: none was.")
    position: Mapped[int] = mapped_column(doc="Place on the board, from 1.")
    elo: Mapped[float | None] = mapped_column(
        doc="Elo points; NULL: the ladder ranks by mean score."
    )
    bt: Mapped[float | None] = mapped_column(
        doc="Bradley-Terry rating in Elo points; NULL: not kept on this ladder."
    )
    bt_deviation: Mapped[float | None] = mapped_column(
        doc="Standard error of the Bradley-Terry rating in Elo points; NULL: not kept."
    )
    mean_score: Mapped[float | None] = mapped_column(
        doc="Mean score per seat in the game's unit; NULL: the ladder ranks by Elo."
    )
    matches: Mapped[int] = mapped_column(doc="Rated seats taken until then.")
    wins: Mapped[int] = mapped_column(doc="Rated seats that had won.")
    losses: Mapped[int] = mapped_column(doc="Rated seats that had lost.")
    ties: Mapped[int] = mapped_column(doc="Rated seats that had tied.")
    score_total: Mapped[float] = mapped_column(
        doc="Sum of all scores in rated matches until then, in the game's unit."
    )
