"""Two ladders side by side: who stands where on each, by how much that differs, and why.

Their competitors are joined through the seats both of them judged: a name on a ladder of names
belongs to the model it stands for on a ladder of models. All counts are of seats, as `matches` of a
standing is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select
from sqlalchemy.orm import aliased

from arena_pipeline.errors import ArenaError
from arena_pipeline.leaderboard.board import Board, BoardRow, board_in
from arena_pipeline.leaderboard.exports.played import competitor_column
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    CompetitorKind,
    LadderMatch,
    Match,
    Model,
    Participant,
)

OUT_OF_SCOPE = "out_of_scope"
"""Why a match does not count on a ladder that never judged it; the others are `Reason`s."""


class NotComparable(ArenaError):
    """Two ladders whose numbers mean different things."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a competitor stands on one ladder."""

    competitor: str
    rank: int
    rating: float
    matches: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A competitor on the first ladder (`one`) and who it counts for on the second (`other`); None
    where it has no place there.

    `change` is by how much the rating is higher on the second, `climbed` by how many ranks it
    stands better there. Why: `not_counted` are the seats of `one` that do not count on the second,
    by reason; `joined_with` the other competitors of the first that are one with it there; `more`
    the seats of `other` that count on the second only.
    """

    one: Place | None
    other: Place | None
    not_counted: dict[str, int] = field(default_factory=dict)
    joined_with: tuple[str, ...] = ()
    more: int = 0

    @property
    def change(self) -> float | None:
        """Rating on the second ladder less that on the first."""
        if self.one is None or self.other is None:
            return None
        return self.other.rating - self.one.rating

    @property
    def climbed(self) -> int | None:
        """Rank on the first ladder less that on the second."""
        return None if self.one is None or self.other is None else self.one.rank - self.other.rank

    def to_json(self) -> dict[str, Any]:
        """As JSON, floats exact."""
        joined = list(self.joined_with)
        moved = {"change": self.change, "climbed": self.climbed}
        return {**asdict(self), "joined_with": joined, **moved}


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Both ladders by name and title, with the number of matches rated on each, and everybody on
    either, in the order of the first, then of the second.
    """

    one: str
    other: str
    titles: tuple[str, str]
    matches: tuple[int, int]
    rows: tuple[Moved, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON, floats exact."""
        return {
            "one": {"ladder": self.one, "title": self.titles[0], "matches": self.matches[0]},
            "other": {"ladder": self.other, "title": self.titles[1], "matches": self.matches[1]},
            "rows": [row.to_json() for row in self.rows],
        }


def side_by_side(store: Store, one: str, other: str) -> SideBySide:
    """The ladders `one` and `other` side by side, from one view of the store.

    Raises NotFound for an unknown ladder, NotComparable for two of different games or systems.
    """
    with store.read() as connection:
        first, second = ladder_row(connection, one), ladder_row(connection, other)
        boards = board_in(connection, first), board_in(connection, second)
        _check(*boards)
        seats = _Seats(connection, first, second)
    return SideBySide(
        one=one,
        other=other,
        titles=(boards[0].title, boards[1].title),
        matches=(boards[0].matches, boards[1].matches),
        rows=tuple(_rows(*boards, seats)),
    )


def _check(one: Board, other: Board) -> None:
    for what in ("game", "system"):
        mine, theirs = getattr(one, what), getattr(other, what)
        if mine != theirs:
            raise NotComparable(
                f"Ladders {one.ladder} and {other.ladder} can't be compared: their {what}s are "
                f"{mine} and {theirs}"
            )


class _Seats:
    """How the seats of the first ladder's rated matches count on the second: `others` by
    competitor, and `reasons` why they do not; `more` counts those that count on the second only.
    """

    def __init__(self, connection: Connection, first: Row[Any], second: Row[Any]) -> None:
        self.others: dict[str, list[str]] = {}
        self.reasons: dict[tuple[str, str | None], Counter[str]] = {}
        here, there = aliased(LadderMatch), aliased(LadderMatch)
        one, other = _competitor(first), _competitor(second)
        rated_here, rated_there = here.sequence.is_not(None), there.sequence.is_not(None)
        reason = func.coalesce(there.reason, OUT_OF_SCOPE)
        query = (
            _seats(here, first, there, second)
            .add_columns(one, other, rated_there, reason, func.count())
            .where(rated_here)
            .group_by(one, other, rated_there, reason)
            .order_by(one, other)
        )
        for mine, theirs, counts, why, number in connection.execute(query):
            if theirs is not None and theirs not in self.others.setdefault(mine, []):
                self.others[mine].append(theirs)
            known = self.reasons.setdefault((mine, theirs), Counter())
            if not counts:
                known[why] += number
        more = (
            _seats(there, second, here, first)
            .add_columns(other, func.count())
            .where(rated_there, here.sequence.is_(None))
            .group_by(other)
        )
        self.more: dict[str, int] = dict(connection.execute(more).all())


def _seats(base: Any, ladder: Row[Any], joined: Any, with_: Row[Any]) -> Any:
    """The seats that `ladder` judged, with their places (if any) on the ladder in `with_`."""
    return (
        select()
        .select_from(base)
        .join(Match, Match.id == base.match_id)
        .join(Participant, Participant.match_id == Match.id)
        .outerjoin(Agent, Agent.id == Participant.agent_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .outerjoin(
            joined,
            and_(
                joined.match_id == base.match_id,
                joined.ladder_id == with_.id,
                joined.epoch == with_.epoch,
            ),
        )
        .where(base.ladder_id == ladder.id, base.epoch == ladder.epoch)
    )


def _competitor(ladder: Row[Any]) -> Any:
    return competitor_column(CompetitorKind(ladder.competitor))


def _rows(first: Board, second: Board, seats: _Seats) -> Iterable[Moved]:
    others = {row.competitor: row for row in second.rows}
    names: dict[str, list[str]] = {}
    for row in first.rows:
        for theirs in seats.others.get(row.competitor, ()):
            names.setdefault(theirs, []).append(row.competitor)
    met: set[str] = set()
    for row in first.rows:
        mine = row.competitor
        met.update(seats.others.get(mine, ()))
        if mine not in seats.others:
            why = seats.reasons.get((mine, None), Counter())
            yield Moved(one=_place(row), other=None, not_counted=dict(why.most_common()))
        for theirs in seats.others.get(mine, ()):
            place = others.get(theirs)
            yield Moved(
                one=_place(row),
                other=None if place is None else _place(place),
                not_counted=dict(seats.reasons[mine, theirs].most_common()),
                joined_with=tuple(name for name in names[theirs] if name != mine),
                more=seats.more.get(theirs, 0),
            )
    for row in second.rows:
        if row.competitor not in met:
            more = seats.more.get(row.competitor, 0)
            yield Moved(one=None, other=_place(row), more=more)


def _place(row: BoardRow) -> Place:
    return Place(row.competitor, row.rank, row.rating, row.matches)
