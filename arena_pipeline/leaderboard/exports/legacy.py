"""The three JSON files as SnakeBench itself writes them: key by key, digit by digit, and the same
bytes.

They differ from those of `stats` in their layout, in the file names of the index and in how an
import's rounds are counted.
"""

import json
import tempfile
from array import array
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from arena_pipeline.leaderboard.exports.played import Played, RatedMatch, whole
from arena_pipeline.leaderboard.exports.stats import SimpleStatsJson, StatsJson
from arena_pipeline.store.tables import Ordering


class LegacyStats(StatsJson):
    """`stats.json`: every competitor's totals and games, in order of first appearance."""

    _BEFORE_RECORD: ClassVar[bytes] = b"\n      "
    _AFTER_PAGE: ClassVar[bytes] = b"\n    ]\n  }"
    _END: ClassVar[bytes] = b"\n}"

    def finish(self) -> int:
        """Write the file; returns the number of competitors."""
        if self._ends:
            return super().finish()
        self._scratch.close()
        self._path.write_bytes(b"{}")
        return 0

    def _encoded(self, record: dict[str, Any]) -> bytes:
        return _indented(record, 3)

    def _page(self, name: str, totals: dict[str, Any]) -> bytes:
        entry = _indented({**totals, "games": []}, 1)
        return b"\n  %s: %s" % (_encode(name), entry.removesuffix(b"]\n  }"))


class LegacySimpleStats(SimpleStatsJson):
    """`stats_simple.json`: the totals with first and last start and the best score."""

    def finish(self) -> int:
        """Write the file; returns the number of competitors."""
        entries = dict(self._entries())
        self._path.write_bytes(_indented(entries, 0))
        return len(entries)


class LegacyGameIndex:
    """`game_index.json`: `{game_id, filename, start_time, total_score, actual_rounds}` by time of
    ending, unknown ones first.

    Entries wait in a scratch file, since only a ladder ordered by time brings them in this order.
    """

    def __init__(self, source: Played, path: Path) -> None:
        self._path = path
        self._in_order = source.ladder.ordering == Ordering.ENDED_AT.value
        self._scratch = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - closed by `finish` or with its owner
        self._starts = array("Q")
        self._endings = array("d")

    def add(self, match: RatedMatch) -> None:
        """Take down the match's entry."""
        entry = {
            "game_id": match.uuid,
            "filename": f"snake_game_{match.uuid}.json",
            "start_time": match.start_time,
            "total_score": whole(match.total_score),
            "actual_rounds": match.counted_rounds,
        }
        self._starts.append(self._scratch.tell())
        self._endings.append(-inf if match.ended_at is None else match.ended_at.timestamp())
        self._scratch.write(_indented(entry, 1))

    def finish(self) -> int:
        """Write the file; returns the number of matches."""
        count = len(self._starts)
        self._starts.append(self._scratch.tell())
        order: Sequence[int] = range(count)
        if not self._in_order:
            order = sorted(order, key=self._endings.__getitem__)
        with self._path.open("wb") as file, self._scratch:
            file.write(b"[")
            for number, at in enumerate(order):
                self._scratch.seek(self._starts[at])
                file.write(b",\n  " if number else b"\n  ")
                file.write(self._scratch.read(self._starts[at + 1] - self._starts[at]))
            file.write(b"\n]" if count else b"]")
        return count


def _indented(value: object, depth: int) -> bytes:
    """JSON as Python writes it with an indent of two, below the first line `depth` steps further
    in.
    """
    formatted: bytes = msgspec.json.format(_encode(value), indent=2)
    return formatted.replace(b"\n", b"\n" + b"  " * depth)


def _encode(value: object) -> bytes:
    # Python's own encoder: floats and letters beyond ASCII are written as in the published files.
    return json.dumps(value).encode("ascii")
