"""The leaderboard day by day: what it was at the end of each past day, as people saw it then.

A rebuild or a voided match changes what the ratings of old matches are; what was published on a day
stays what it was. A day on which nothing was rated has no rows of its own: the newest day before it
says the same.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.board import board_in
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_names, ladder_row
from arena_pipeline.matches.ladder_rules import System
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Standing, StandingDay

_KEPT = (
    "competitor", "elo", "bt", "bt_deviation", "mean_score", "matches", "wins", "losses", "ties",
    "score_total",
)  # fmt: skip
"""Columns of `standings` that are kept of each day."""


@dataclass(frozen=True, slots=True)
class DayTaken:
    """What became of a ladder's day: so many `competitors` written, None where there was nothing
    new since the newest day.
    """

    ladder: str
    day: date
    competitors: int | None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One competitor's line; equal ratings share a rank. Scores are in the game's unit."""

    rank: int
    competitor: str
    rating: float
    matches: int
    wins: int
    losses: int
    ties: int
    score_total: float


@dataclass(frozen=True, slots=True)
class DayBoard:
    """A ladder as it stood at the end of `asked`: taken on `day`, the newest one by then.

    `taken_at` is when it was so, `matches` how many were rated by then in `epoch`.
    """

    ladder: str
    title: str
    asked: date
    day: date
    taken_at: datetime
    epoch: int
    matches: int
    rows: tuple[DayRow, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON: floats exact, days and times ISO 8601 (UTC)."""
        plain = asdict(self)
        for name in ("asked", "day", "taken_at"):
            plain[name] = plain[name].isoformat()
        return plain | {"rows": list(plain["rows"])}


def take_day(store: Store, ladder: str = DEFAULT_LADDER, now: datetime | None = None) -> DayTaken:
    """Write down how a ladder stands now as the standings of this day (UTC).

    One transaction under the ladder's lock replaces the day's rows as a whole: repeated it changes
    nothing, interrupted it leaves what was there, and a match that is finished meanwhile is on all
    of its rows or on none. Nothing is written if nothing was rated since the newest day up to this
    one, if this day has rows and a later one too (the clock was put back: a past day stays what it
    was), or if nobody has played. Raises NotFound.
    """
    moment = now or datetime.now(UTC)
    day = moment.astimezone(UTC).date()
    with store.write() as connection:
        ladder_row(connection, ladder)
        row = connection.execute(
            select(Ladder.__table__).where(Ladder.name == ladder).with_for_update(key_share=True)
        ).one()
        newest = _newest(connection, row.id, day)
        stands = (row.epoch, row.next_sequence - 1)
        if newest and (newest.epoch, newest.sequence) == stands:
            return DayTaken(ladder, day, None)
        latest = _newest(connection, row.id, date.max)
        if newest and latest and newest.day == day < latest.day:
            return DayTaken(ladder, day, None)
        rows = _rows(connection, row, day, moment)
        if not rows:
            return DayTaken(ladder, day, None)
        connection.execute(
            delete(StandingDay).where(StandingDay.ladder_id == row.id, StandingDay.day == day)
        )
        connection.execute(insert(StandingDay), rows)
    return DayTaken(ladder, day, len(rows))


def take_days(store: Store, now: datetime | None = None) -> tuple[DayTaken, ...]:
    """`take_day` for every ladder, each in a transaction of its own."""
    return tuple(take_day(store, ladder, now) for ladder in ladder_names(store))


def standings_on(store: Store, ladder: str, day: date) -> DayBoard:
    """How a ladder stood at the end of a day (UTC), or when it was last taken on that day.

    Raises NotFound for an unknown ladder, and for a day before the first that was taken.
    """
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        newest = _newest(connection, row.id, day)
        if newest is None:
            raise NotFound(_too_early(connection, row, day))
        rating = StandingDay.elo if rule_of(row).system is System.ELO else StandingDay.mean_score
        found = connection.execute(
            select(
                StandingDay.position,
                StandingDay.competitor,
                rating,
                *(getattr(StandingDay, name) for name in _KEPT[5:]),
            )
            .where(StandingDay.ladder_id == row.id, StandingDay.day == newest.day)
            .order_by(StandingDay.position, StandingDay.competitor)
        ).all()
    return DayBoard(
        ladder=row.name,
        title=row.title,
        asked=day,
        day=newest.day,
        taken_at=newest.taken_at,
        epoch=newest.epoch,
        matches=newest.sequence,
        rows=tuple(DayRow(*line) for line in found),
    )


def _newest(connection: Connection, ladder: int, day: date) -> Row[date, datetime, int, int] | None:
    """The newest day taken that is not after `day`.

    Not the newest at all: where a clock ran ahead for a while, the days it made up say nothing of
    the days before them.
    """
    return connection.execute(
        select(StandingDay.day, StandingDay.taken_at, StandingDay.epoch, StandingDay.sequence)
        .where(StandingDay.ladder_id == ladder, StandingDay.day <= day)
        .order_by(StandingDay.day.desc())
        .limit(1)
    ).first()


def _rows(
    connection: Connection, ladder: Row[Any], day: date, moment: datetime
) -> list[dict[str, Any]]:
    """The rows of a day: who is on the board, with the place it gives them."""
    ranks = {row.competitor: row.rank for row in board_in(connection, ladder).rows}
    standings = connection.execute(
        select(*(getattr(Standing, name) for name in _KEPT)).where(
            Standing.ladder_id == ladder.id, Standing.competitor.in_(ranks)
        )
    )
    same = {
        "ladder_id": ladder.id,
        "day": day,
        "taken_at": moment,
        "epoch": ladder.epoch,
        "sequence": ladder.next_sequence - 1,
    }
    return [{**same, **row._asdict(), "position": ranks[row.competitor]} for row in standings]


def _too_early(connection: Connection, ladder: Row[Any], day: date) -> str:
    first = connection.scalar(
        select(func.min(StandingDay.day)).where(StandingDay.ladder_id == ladder.id)
    )
    if first is None:
        return (
            f"Ladder {ladder.name} has no standings by day yet; arena up takes them, and so does "
            "every day that it runs"
        )
    return f"Ladder {ladder.name} has no standings of {day} or before; the first are of {first}"
