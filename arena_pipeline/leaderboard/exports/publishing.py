"""Writing an export: every file from one view of the store, each moved into place whole.

Two exports into one folder wait for each other, and the later one has the newer view. A reader sees
whole files always; that they belong together it sees from `manifest.json`, which names each with
its SHA-256. The manifest goes into place first: an export killed after that has named its files as
its own, and the next one may put them right. The same state of the store gives the same bytes.
"""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import msgspec

from arena_pipeline.leaderboard.board import Board, board_in
from arena_pipeline.leaderboard.exports.manifest import (
    MANIFEST,
    FileFacts,
    Manifest,
    published_names,
    refuse_strangers,
)
from arena_pipeline.leaderboard.exports.played import ExportError, RatedMatch, Source
from arena_pipeline.leaderboard.exports.stats import GameIndexJson, SimpleStatsJson, StatsJson
from arena_pipeline.leaderboard.exports.tables import (
    LeaderboardCsv,
    LeaderboardMarkdown,
    LeaderboardParquet,
    MatchesParquet,
)
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.logs import logger
from arena_pipeline.store import Store

__all__ = [
    "FORMATS",
    "MANIFEST",
    "ExportReport",
    "ExportedFile",
    "digest_of_file",
    "export",
    "folder_of",
]

_LOCK = ".lock"
_LOG = logger(__name__)


class Format(Protocol):
    """One file being made: sees each rated match in sequence, then writes what is left."""

    def __init__(self, source: Source, path: Path) -> None: ...

    def add(self, match: RatedMatch) -> None:
        """See one match."""
        ...

    def finish(self) -> int:
        """Have the whole file at its path; returns the number of its entries."""
        ...


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
_NEED_MATCHES = (StatsJson, SimpleStatsJson, MatchesParquet)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A published file: `rows` counts its entries, `digest` is its SHA-256 in hex."""

    name: str
    path: Path
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was published, and of which state: the first `matches` rated matches of `epoch`."""

    ladder: str
    epoch: int
    matches: int
    files: tuple[ExportedFile, ...]


def folder_of(export_dir: Path, ladder: str) -> Path:
    """The folder of a ladder's exports. Raises ExportError for a name that is no folder's."""
    if ladder in ("", ".", "..") or ladder.startswith(".") or any(c in ladder for c in "/\\\0"):
        raise ExportError(
            f"Ladder {ladder!r} has a name that can't be a folder; name a folder for its export"
        )
    return export_dir / ladder


def export(
    store: Store,
    out_dir: Path,
    ladder: str = DEFAULT_LADDER,
    formats: Sequence[str] | None = None,
) -> ExportReport:
    """Publish a ladder into `out_dir`, made if it is not there: all of `FORMATS`, or those named.

    Files of the export before that are not written this time are removed, since they would not
    belong to the manifest; nothing else in the folder is touched. Raises NotFound for an unknown
    ladder and ExportError for an unknown format, or a folder that can't be written, is another
    ladder's or holds somebody else's file under the name of one of ours.
    """
    names = list(dict.fromkeys(FORMATS if formats is None else formats))
    if unknown := [name for name in names if name not in FORMATS]:
        raise ExportError(f"No export format {unknown[0]!r}; there are: {', '.join(FORMATS)}")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with _locked(out_dir), ExitStack() as leftovers:
            earlier = published_names(out_dir, ladder)
            refuse_strangers(out_dir, names, earlier)
            beside = {name: out_dir / f".{name}.part" for name in [MANIFEST, *names]}
            for path in beside.values():
                leftovers.callback(path.unlink, missing_ok=True)
            board, rows = _write(store, ladder, {name: beside[name] for name in names})
            files = tuple(
                ExportedFile(name, out_dir / name, rows[name], digest_of_file(beside[name]))
                for name in names
            )
            beside[MANIFEST].write_bytes(_manifest(board, files))
            for name in (earlier & FORMATS.keys()) - set(names):
                (out_dir / name).unlink(missing_ok=True)
            for name, path in beside.items():
                path.replace(out_dir / name)
    except OSError as error:
        raise ExportError(
            f"Can't write the export {error.filename or out_dir}: {error.strerror or error}; "
            "free space or permissions there are needed"
        ) from error
    _LOG.info("leaderboard exported", ladder=ladder, matches=board.matches, files=len(files))
    return ExportReport(board.ladder, board.epoch, board.matches, files)


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(store: Store, ladder: str, paths: Mapping[str, Path]) -> tuple[Board, dict[str, int]]:
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        source = Source(connection, row, board_in(connection, row))
        writers = {name: FORMATS[name](source, path) for name, path in paths.items()}
        watching = [writer for writer in writers.values() if isinstance(writer, _NEED_MATCHES)]
        for match in source.matches() if watching else ():
            for writer in watching:
                writer.add(match)
        return source.board, {name: writer.finish() for name, writer in writers.items()}


def _manifest(board: Board, files: Sequence[ExportedFile]) -> bytes:
    manifest = Manifest(
        ladder=board.ladder,
        epoch=board.epoch,
        sequence=board.matches,
        updated_at=None if board.updated_at is None else board.updated_at.isoformat(),
        replays="file names in game_index.json are paths inside the arena's replay folder",
        files={file.name: FileFacts(file.rows, file.digest) for file in files},
        chain=board.chain,
    )
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
