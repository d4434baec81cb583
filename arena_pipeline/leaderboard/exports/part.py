"""Some matches of a ladder rated as if there were no others, for the files that can show that.

The rating is `leaderboard.restricted`'s; here it gets what files tell beside the numbers. Nothing
is stored.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from arena_pipeline.leaderboard.exports.played import (
    MATCH,
    SEAT,
    TOLD,
    ExportError,
    RatedMatch,
    Totals,
    rated_match,
    rated_seat,
)
from arena_pipeline.leaderboard.history import JudgedMatch
from arena_pipeline.leaderboard.restricted import Restricted
from arena_pipeline.matches.standings import Move, Tally
from arena_pipeline.store.tables import GameConfig, Match, Participant

_CHUNK = 1_000


class Part:
    """The matches in `games` (uuids; None: all of the ladder), rated in the ladder's order."""

    def __init__(
        self, connection: Connection, ladder: Row[Any], games: Collection[str] | None
    ) -> None:
        self.ladder = ladder
        self.matches_seen = 0
        self._connection = connection
        self._restricted = Restricted(connection, ladder, games)

    @property
    def missing(self) -> frozenset[str]:
        """Those asked for that are not in the ladder's scope; complete after `matches`."""
        return self._restricted.missing

    @property
    def competitors(self) -> tuple[str, ...]:
        """Who played, in order of first appearance; complete after `matches`."""
        return tuple(self._restricted.tallies)

    def matches(self) -> Iterator[RatedMatch]:
        """The rated ones, in order, numbered from 1; goes through them once."""
        judged = self._restricted.matches()
        while chunk := list(islice(judged, _CHUNK)):
            rows = self._rows([match.facts.id for match, _ in chunk])
            for match, moves in chunk:
                self.matches_seen += 1
                yield self._rated(match, moves, rows[match.facts.id])

    def tally(self, competitor: str) -> Tally:
        """What these matches come to for somebody who played, once they were gone through. Raises
        ExportError for anybody else.
        """
        try:
            return self._restricted.tallies[competitor]
        except KeyError:
            raise ExportError(f"{competitor!r} has no rated match on {self.ladder.name}") from None

    def totals(self, competitor: str) -> Totals:
        """The same as files say it."""
        tally = self.tally(competitor)
        rating = tally.mean_score if tally.elo is None else tally.elo
        return Totals(
            self._restricted.rule.initial if rating is None else rating,
            tally.wins,
            tally.losses,
            tally.ties,
            tally.score_total,
            tally.top_score,
        )

    def _rated(
        self, match: JudgedMatch, moves: Sequence[Move], rows: Sequence[Row[Any]]
    ) -> RatedMatch:
        ratings = {move.competitor: (move.before, move.after) for move in moves}
        names = [str(self._restricted.rule.competitor_of(seat)) for seat in match.facts.seats]
        seats = [
            rated_seat(row, name, ratings[name]) for row, name in zip(rows, names, strict=True)
        ]
        return rated_match(rows[0], seats, self.matches_seen, None)

    def _rows(self, matches: Sequence[int]) -> dict[int, list[Row[Any]]]:
        """By match: a row for each seat, by slot."""
        found: dict[int, list[Row[Any]]] = {match: [] for match in matches}
        query: Any = (
            select(Match.id, *MATCH, *SEAT, *TOLD)
            .join(GameConfig, GameConfig.id == Match.config_id)
            .join(Participant, Participant.match_id == Match.id)
            .where(Match.id.in_(matches))
            .order_by(Match.id, Participant.slot)
        )
        for row in self._connection.execute(query):
            found[row.id].append(row)
        return found
