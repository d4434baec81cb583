"""Tables of what other systems published: their ratings, to be compared with ours."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import Base
from arena_pipeline.store.types import OutsideText


class PublishedRating(Base):
    """A competitor's numbers as another arena published them in a statistics file; not ours, and
    never used for ours.
    """

    __tablename__ = "published_ratings"
    __table_args__ = (
        Index("ix_published_ratings_competitor", "ladder", "competitor"),
        {"sqlite_with_rowid": False},
    )

    source_digest: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="SHA-256 (hex) of the file that said so."
    )
    competitor: Mapped[str] = mapped_column(
        OutsideText, primary_key=True, doc="Name as the file has it."
    )
    source_path: Mapped[str] = mapped_column(
        OutsideText, doc="Where the file lay when it was first read."
    )
    ladder: Mapped[str] = mapped_column(
        Text, doc="Name of our ladder that its numbers are to be compared with (ladders.name)."
    )
    kind: Mapped[str] = mapped_column(
        doc="What kind of file it is: stats, stats_simple, trueskill or state."
    )
    position: Mapped[int] = mapped_column(doc="Place in the file, from 1.")
    elo: Mapped[float | None] = mapped_column(doc="Elo points; NULL: the file has none.")
    trueskill_mu: Mapped[float | None] = mapped_column(
        doc="TrueSkill mean, start 25; NULL: the file has none."
    )
    trueskill_sigma: Mapped[float | None] = mapped_column(
        doc="TrueSkill standard deviation, start 25/3; NULL: the file has none."
    )
    trueskill_exposed: Mapped[float | None] = mapped_column(
        doc="TrueSkill mean less three standard deviations; NULL: the file has none."
    )
    matches: Mapped[int | None] = mapped_column(doc="Matches played; NULL: the file has none.")
    wins: Mapped[int | None] = mapped_column(doc="Matches won; NULL: the file has none.")
    losses: Mapped[int | None] = mapped_column(doc="Matches lost; NULL: the file has none.")
    ties: Mapped[int | None] = mapped_column(doc="Matches tied; NULL: the file has none.")
    score_total: Mapped[float | None] = mapped_column(
        doc="Sum of all scores, in apples; NULL: the file has none."
    )
    imported_at: Mapped[datetime] = mapped_column(doc="When the file was first read (UTC).")
