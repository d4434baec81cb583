"""Which files an export can have, and which go together."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from arena_pipeline.leaderboard.exports.legacy import (
    LegacyGameIndex,
    LegacySimpleStats,
    LegacyStats,
)
from arena_pipeline.leaderboard.exports.played import ExportError, Played, RatedMatch, Source
from arena_pipeline.leaderboard.exports.stats import GameIndexJson, SimpleStatsJson, StatsJson
from arena_pipeline.leaderboard.exports.tables import (
    LeaderboardCsv,
    LeaderboardMarkdown,
    LeaderboardParquet,
    MatchesParquet,
)


class Writer(Protocol):
    """One file being made: sees each rated match in sequence, then writes what is left."""

    def add(self, match: RatedMatch) -> None:
        """See one match."""
        ...

    def finish(self) -> int:
        """Have the whole file at its path; returns the number of its entries."""
        ...


class Format(Writer, Protocol):
    """A file made from a ladder as it stands."""

    def __init__(self, source: Source, path: Path) -> None: ...


class LegacyFormat(Writer, Protocol):
    """A file made from rated matches, wherever they were rated."""

    def __init__(self, source: Played, path: Path) -> None: ...


FORMATS: Mapping[str, type[Format]] = MappingProxyType(
    {
        "stats.json": StatsJson,
        "stats_simple.json": SimpleStatsJson,
        "game_index.json": GameIndexJson,
        "leaderboard.csv": LeaderboardCsv,
        "leaderboard.md": LeaderboardMarkdown,
        "leaderboard.parquet": LeaderboardParquet,
        "matches.parquet": MatchesParquet,
    }
)
NEED_MATCHES = (StatsJson, SimpleStatsJson, MatchesParquet, LegacyGameIndex)

LEGACY = "legacy"
"""The format that is three files in SnakeBench's own layout."""

LEGACY_FILES: Mapping[str, type[LegacyFormat]] = MappingProxyType(
    {
        "stats.json": LegacyStats,
        "stats_simple.json": LegacySimpleStats,
        "game_index.json": LegacyGameIndex,
    }
)


def files_of(formats: Sequence[str] | None, games: Collection[str] | None) -> tuple[str, ...]:
    """The files that the formats asked for are (None: all of `FORMATS`).

    Raises ExportError for a format that there is not, and for what does not go together.
    """
    asked = tuple(dict.fromkeys(FORMATS if formats is None else formats))
    if unknown := [name for name in asked if name not in FORMATS and name != LEGACY]:
        raise ExportError(
            f"No export format {unknown[0]!r}; there are: {', '.join(FORMATS)}, {LEGACY}"
        )
    if LEGACY in asked and asked != (LEGACY,):
        raise ExportError(
            f"Format {LEGACY} has its own files and stands alone; export it by itself"
        )
    if asked == (LEGACY,):
        return tuple(LEGACY_FILES)
    if games is not None:
        raise ExportError(
            f"Only format {LEGACY} can be of some matches alone; the others show the whole ladder"
        )
    return asked
