"""The JSON files older clients of snake leaderboards read: `stats.json`, `stats_simple.json`,
`game_index.json`.

Their keys are those clients' words: a match is a game, a score is apples eaten, and `elo` is the
ladder's rating, whatever system it has. Floats are written so that reading them back gives the same
bits.
"""

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import msgspec
from sqlalchemy import select

from arena_pipeline.leaderboard.exports.played import (
    Played,
    RatedMatch,
    RatedSeat,
    Source,
    Totals,
    rated,
    time_text,
    whole,
)
from arena_pipeline.store.tables import LadderMatch, Match

_UNRATED_OPPONENT = 1500
"""What `opponent_elo` says where there is not exactly one opponent."""

_CHUNK = 5_000


class StatsJson:
    """`{competitor: {wins, losses, ties, apples_eaten, elo, games: [...]}}`, in order of first
    appearance.

    Records wait in a scratch file until their competitor's turn comes: memory holds one number per
    record.
    """

    _BEFORE_RECORD: ClassVar[bytes] = b"\n  "
    _AFTER_PAGE: ClassVar[bytes] = b"\n]}"
    _END: ClassVar[bytes] = b"\n}\n"

    def __init__(self, source: Played, path: Path) -> None:
        self._source, self._path = source, path
        self._ends: dict[str, array[int]] = {}
        self._scratch = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - closed by `finish` or with its owner

    def add(self, match: RatedMatch) -> None:
        """Take down one record for each seat."""
        for seat in match.seats:
            start = self._scratch.tell()
            self._scratch.write(self._encoded(game_record(match, seat)))
            spans = self._ends.setdefault(seat.competitor, array("Q"))
            spans.extend((start, self._scratch.tell()))

    def finish(self) -> int:
        """Write the file; returns the number of competitors."""
        with self._path.open("wb") as file, self._scratch:
            file.write(b"{")
            for number, (name, spans) in enumerate(self._ends.items()):
                file.write(b"," * (number > 0))
                file.write(self._page(name, totals_of(self._source.totals(name))))
                for at in range(0, len(spans), 2):
                    self._scratch.seek(spans[at])
                    file.write(b"," * (at > 0) + self._BEFORE_RECORD)
                    file.write(self._scratch.read(spans[at + 1] - spans[at]))
                file.write(self._AFTER_PAGE)
            file.write(self._END)
        return len(self._ends)

    def _encoded(self, record: dict[str, Any]) -> bytes:
        return _encode(record)

    def _page(self, name: str, totals: dict[str, Any]) -> bytes:
        """A competitor's entry up to its first record."""
        return b'\n%s: %s, "games": [' % (_encode(name), _encode(totals)[:-1])


class SimpleStatsJson:
    """The same without `games`, with `first_game_time`, `last_game_time` (both of start times) and
    `top_score`.
    """

    def __init__(self, source: Played, path: Path) -> None:
        self._source, self._path = source, path
        self._times: dict[str, tuple[str | None, str | None]] = {}

    def add(self, match: RatedMatch) -> None:
        """Widen each competitor's span of start times, by their texts, as those clients do."""
        started = match.start_time
        for seat in match.seats:
            first, last = self._times.get(seat.competitor, (None, None))
            if started is not None:
                first, last = min(first or started, started), max(last or started, started)
            self._times[seat.competitor] = first, last

    def finish(self) -> int:
        """Write the file; returns the number of competitors."""
        lines = (b"%s: %s" % (_encode(name), _encode(entry)) for name, entry in self._entries())
        with self._path.open("wb") as file:
            return _write_lines(file, b"{", lines, b"}")

    def _entries(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, (first, last) in self._times.items():
            totals = self._source.totals(name)
            times = {"first_game_time": first, "last_game_time": last}
            yield name, {**totals_of(totals), **times, "top_score": whole(totals.top_score)}


class GameIndexJson:
    """`[{game_id, filename, start_time, total_score, actual_rounds}]` of the rated matches, by time
    of ending.

    `filename` is the replay's path inside the arena's replay folder, `replays/` in the data folder;
    null where only the header of a match is known.
    """

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path

    def add(self, match: RatedMatch) -> None:
        """Nothing: the index has an order of its own and is read when it is written."""

    def finish(self) -> int:
        """Write the file; returns the number of matches."""
        rows = self._source.connection.execute(
            select(
                Match.uuid, Match.replay_path, Match.started_at_text, Match.started_at,
                Match.total_score, Match.rounds,
            )
            .join(LadderMatch, LadderMatch.match_id == Match.id)
            .where(rated(self._source.ladder))
            .order_by(Match.ended_at.is_not(None), Match.ended_at, LadderMatch.sequence)
            .execution_options(yield_per=_CHUNK)
        )  # fmt: skip
        entries = (
            _encode(
                {
                    "game_id": row.uuid,
                    "filename": row.replay_path,
                    "start_time": time_text(row.started_at_text, row.started_at),
                    "total_score": whole(row.total_score),
                    "actual_rounds": row.rounds,
                }
            )
            for row in rows
        )
        with self._path.open("wb") as file:
            return _write_lines(file, b"[", entries, b"]")


def game_record(match: RatedMatch, seat: RatedSeat) -> dict[str, Any]:
    """One entry of `games`: the match as one seat saw it. The opponent's rating is the one after
    the match.
    """
    others = [other for other in match.seats if other.slot != seat.slot]
    opponent = others[0] if len(others) == 1 else None
    record: dict[str, Any] = {
        "game_id": match.uuid,
        "my_score": whole(seat.score),
        "opponent_score": whole(opponent.score) if opponent else None,
        "opponent_model": opponent.competitor if opponent else None,
        "opponent_elo": opponent.rating_after if opponent else _UNRATED_OPPONENT,
        "result": seat.result,
        "start_time": match.start_time,
        "end_time": match.end_time,
    }
    if seat.death_reason is not None or seat.death_round is not None:
        record["death_info"] = {"reason": seat.death_reason, "round": seat.death_round}
    return record


def totals_of(totals: Totals) -> dict[str, Any]:
    """A competitor's entry without matches, in the order of its keys."""
    return {
        "wins": totals.wins,
        "losses": totals.losses,
        "ties": totals.ties,
        "apples_eaten": whole(totals.score_total),
        "elo": totals.rating,
    }


def _write_lines(file: BinaryIO, opening: bytes, items: Iterable[bytes], closing: bytes) -> int:
    file.write(opening)
    count = 0
    for count, item in enumerate(items, 1):
        file.write(b",\n" if count > 1 else b"\n")
        file.write(item)
    file.write(b"\n" + closing + b"\n")
    return count


_encode = msgspec.json.Encoder().encode
