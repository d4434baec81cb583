"""Writing an export: every file from one view of the store, each moved into place whole.

Two exports into one folder wait for each other, and the later one has the newer view. A reader sees
whole files always; that they belong together it sees from `manifest.json`, which names each with
its SHA-256. The manifest goes into place first: an export killed after that has named its files as
its own, and the next one may put them right. The same state of the store gives the same bytes.
"""

import fcntl
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from arena_pipeline.leaderboard.board import Board, board_in
from arena_pipeline.leaderboard.exports.formats import (
    FORMATS,
    LEGACY,
    LEGACY_FILES,
    NEED_MATCHES,
    Writer,
    files_of,
)
from arena_pipeline.leaderboard.exports.manifest import (
    MANIFEST,
    FileFacts,
    Manifest,
    Restriction,
    published_names,
    refuse_strangers,
)
from arena_pipeline.leaderboard.exports.part import Part
from arena_pipeline.leaderboard.exports.played import ExportError, Source
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.logs import logger
from arena_pipeline.store import Store

__all__ = [
    "FORMATS",
    "LEGACY",
    "MANIFEST",
    "ExportReport",
    "ExportedFile",
    "digest_of_file",
    "export",
    "folder_of",
]

_LOCK = ".lock"
_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A published file: `rows` counts its entries, `digest` is its SHA-256 in hex."""

    name: str
    path: Path
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was published, and of which state: the first `matches` rated matches of `epoch`; if only
    some were asked for, how many of these were rated, and `missing`, those not in the ladder's
    scope.
    """

    ladder: str
    epoch: int
    matches: int
    files: tuple[ExportedFile, ...]
    missing: tuple[str, ...] = ()


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
    games: Collection[str] | None = None,
) -> ExportReport:
    """Publish a ladder into `out_dir`, made if it is not there: all of `FORMATS`, those named, or
    `LEGACY` alone.

    With `games` (uuids; legacy only) the ladder is rated again in memory with these matches alone,
    and the store stays as it is. Files of the export before that are not written this time are
    removed, since they would not belong to the manifest; nothing else in the folder is touched.
    Raises NotFound for an unknown ladder and ExportError for formats that there are not or that
    don't go together, or a folder that can't be written, is another ladder's or holds somebody
    else's file under the name of one of ours.
    """
    names = files_of(formats, games)
    is_legacy = LEGACY in (formats or ())
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with _locked(out_dir), ExitStack() as leftovers:
            earlier = published_names(out_dir, ladder)
            refuse_strangers(out_dir, names, earlier)
            beside = {name: out_dir / f".{name}.part" for name in [MANIFEST, *names]}
            for path in beside.values():
                leftovers.callback(path.unlink, missing_ok=True)
            paths = {name: beside[name] for name in names}
            written = _write(store, ladder, paths, is_legacy=is_legacy, games=games)
            files = tuple(
                ExportedFile(name, out_dir / name, written.rows[name], digest_of_file(beside[name]))
                for name in names
            )
            beside[MANIFEST].write_bytes(_manifest(written, files, is_legacy=is_legacy))
            for name in (earlier & FORMATS.keys()) - set(names):
                (out_dir / name).unlink(missing_ok=True)
            for name, path in beside.items():
                path.replace(out_dir / name)
    except OSError as error:
        raise ExportError(
            f"Can't write the export {error.filename or out_dir}: {error.strerror or error}; "
            "free space or permissions there are needed"
        ) from error
    _LOG.info("leaderboard exported", ladder=ladder, matches=written.matches, files=len(files))
    board = written.board
    return ExportReport(board.ladder, board.epoch, written.matches, files, written.missing)


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Written:
    """What the files show: the state of the ladder they were made from and their entries."""

    board: Board
    matches: int
    rows: dict[str, int]
    restriction: Restriction | None = None
    missing: tuple[str, ...] = ()


def _write(
    store: Store,
    ladder: str,
    paths: Mapping[str, Path],
    *,
    is_legacy: bool,
    games: Collection[str] | None,
) -> _Written:
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        source = Source(connection, row, board_in(connection, row))
        if games is not None:
            part = Part(connection, row, games)
            rows = _fill(part, {name: LEGACY_FILES[name](part, paths[name]) for name in paths})
            missing = tuple(sorted(part.missing))
            if not part.matches_seen:
                raise ExportError(
                    f"None of the {len(games)} matches asked for is rated on ladder {ladder}; "
                    "nothing was written"
                )
            restriction = Restriction.of(games, part.matches_seen, len(missing))
            return _Written(source.board, part.matches_seen, rows, restriction, missing)
        writers: dict[str, Writer] = {
            name: LEGACY_FILES[name](source, path) if is_legacy else FORMATS[name](source, path)
            for name, path in paths.items()
        }
        return _Written(source.board, source.board.matches, _fill(source, writers))


def _fill(source: Source | Part, writers: Mapping[str, Writer]) -> dict[str, int]:
    watching = [writer for writer in writers.values() if isinstance(writer, NEED_MATCHES)]
    for match in source.matches() if watching else ():
        for writer in watching:
            writer.add(match)
    return {name: writer.finish() for name, writer in writers.items()}


def _manifest(written: _Written, files: Sequence[ExportedFile], *, is_legacy: bool) -> bytes:
    board, part = written.board, written.restriction
    manifest = Manifest(
        ladder=board.ladder,
        epoch=board.epoch,
        sequence=board.matches,
        updated_at=None if board.updated_at is None else board.updated_at.isoformat(),
        replays="file names in game_index.json are "
        + (
            "SnakeBench's own, not those of this arena's replays"
            if is_legacy
            else "paths inside the arena's replay folder"
        ),
        files={file.name: FileFacts(file.rows, file.digest) for file in files},
        chain=board.chain,
        games=msgspec.UNSET if part is None else part,
    )
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
