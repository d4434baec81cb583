"""Going through matches beside what a published file says of each, up to where they part.

Pure: rated matches come in, in their order; nothing is read.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arena_pipeline.leaderboard.exports.played import RatedMatch
from arena_pipeline.leaderboard.exports.stats import game_record
from arena_pipeline.leaderboard.published.values import GameRecord, Published

ALWAYS = ("result", "my_score", "opponent_model", "opponent_score")
"""What every version of such a file tells of a match."""

RATED = "opponent_elo"
"""What tells the ratings on the way: the opponent's after the match."""

ELO_ROUNDING = 5e-13
"""Points by which a rating may differ and count as the same but for rounding: two units in the last
place of a rating of 1,500, as another order of adding up the same sums gives.
"""


@dataclass(frozen=True, slots=True)
class Disparity:
    """A number or word of a competitor that is published otherwise than it is here; None: it is not
    there at all.
    """

    competitor: str
    field: str
    published: Any
    ours: Any

    @property
    def gap(self) -> float:
        """How far apart the two are: infinitely, unless both are numbers."""
        both = (self.published, self.ours)
        if all(isinstance(one, int | float) for one in both):
            return abs(float(self.published) - float(self.ours))
        return math.inf


@dataclass(frozen=True, slots=True)
class Parting:
    """The first match, in the ladder's order, that is not told as it was rated here.

    `sequence` is its place among the matches compared, None for one that is not rated here.
    """

    uuid: str
    sequence: int | None
    ended: str | None
    competitors: tuple[str, ...]
    differences: tuple[Disparity, ...]


class Trajectory:
    """What a file tells of each match, held against the matches as they are rated here."""

    def __init__(self, published: Published) -> None:
        self.is_told = bool(published.records)
        self._tells = published.tells
        self._first: Parting | None = None
        self._met: set[str] = set()
        self._records: dict[str, list[GameRecord]] = {}
        for record in published.records:
            self._records.setdefault(record.game_id, []).append(record)

    def follow(self, match: RatedMatch) -> None:
        """Go on by one match."""
        self._met.add(match.uuid)
        if not self.is_told or self._first is not None:
            return
        found = tuple(self._differences(match, self._records.get(match.uuid, [])))
        if found:
            names = tuple(seat.competitor for seat in match.seats)
            self._first = Parting(match.uuid, match.sequence, match.end_time, names, found)

    def parting(self) -> Parting | None:
        """Where the two parted, all matches gone through: at a match told otherwise, or before it
        at one that the file tells and that is not rated here.
        """
        unmet = self._records.keys() - self._met
        if not unmet:
            return self._first
        ended, game = min((self._records[game][0].end_time or "", game) for game in unmet)
        if self._first is not None and (self._first.ended or "") < ended:
            return self._first
        told = self._records[game]
        names = tuple(record.competitor for record in told)
        differences = tuple(Disparity(name, "match", game, None) for name in names)
        return Parting(game, None, ended or None, names, differences)

    def _differences(self, match: RatedMatch, told: list[GameRecord]) -> Iterator[Disparity]:
        left = list(told)
        for seat in match.seats:
            record = next((one for one in left if one.competitor == seat.competitor), None)
            if record is None:
                yield Disparity(seat.competitor, "match", None, match.uuid)
                continue
            left.remove(record)
            yield from self._of_seat(record, game_record(match, seat))
        for record in left:
            yield Disparity(record.competitor, "match", match.uuid, None)

    def _of_seat(self, record: GameRecord, ours: dict[str, Any]) -> Iterator[Disparity]:
        told = {name: getattr(record, name) for name in (*ALWAYS, RATED, "start_time", "end_time")}
        death = ours.get("death_info")
        told["death_info"] = record.death
        ours = {**ours, "death_info": None if death is None else (death["reason"], death["round"])}
        for name, published in told.items():
            if name not in ALWAYS and name not in self._tells:
                continue
            disparity = Disparity(record.competitor, name, published, ours[name])
            rounding = ELO_ROUNDING if name == RATED else 0.0
            if published != ours[name] and disparity.gap > rounding:
                yield disparity
