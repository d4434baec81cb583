"""The manifest of an export: which files are ours, of which ladder and state.

A folder somebody named may hold files of theirs. Only what a manifest of the same ladder names may
be overwritten or removed.
"""

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from arena_pipeline.leaderboard.board import Seal
from arena_pipeline.leaderboard.exports.played import ExportError

MANIFEST = "manifest.json"


class FileFacts(msgspec.Struct):
    """Of one file: how many entries it has, and its SHA-256 in hex."""

    rows: int
    sha256: str


class Restriction(msgspec.Struct):
    """That an export shows some matches alone: how many were asked for, how many of these are rated
    and how many are not in the ladder's scope; `sha256` (hex) is of the sorted ids asked for, a
    line each.
    """

    asked: int
    rated: int
    missing: int
    sha256: str

    @classmethod
    def of(cls, games: Collection[str], rated: int, missing: int) -> "Restriction":
        """The restriction to `games`."""
        lines = "".join(f"{game}\n" for game in sorted(games))
        digest = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
        return cls(len(games), rated, missing, digest)


class Manifest(msgspec.Struct):
    """What an export says of itself; its files show the first `sequence` rated matches of `epoch`,
    which `chain` seals (None in exports of earlier versions). With `games` they show only some of
    these, rated as if there were no others.
    """

    ladder: str
    epoch: int
    sequence: int
    updated_at: str | None
    replays: str
    files: dict[str, FileFacts]
    chain: Seal | None = None
    games: Restriction | msgspec.UnsetType = msgspec.UNSET


def published_names(folder: Path, ladder: str) -> frozenset[str]:
    """The files that an earlier export of `ladder` wrote into `folder`; none in a new folder.

    Raises ExportError for a folder whose manifest is somebody else's, or another ladder's.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return frozenset()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ExportError(
            f"{path} is not the manifest of an export; nothing was written. "
            "Name another folder, or move that file away"
        ) from error
    if manifest.ladder != ladder:
        raise ExportError(
            f"{folder} holds the export of ladder {manifest.ladder!r}; nothing was written. "
            f"Name another folder for {ladder!r}"
        )
    return frozenset(manifest.files)


def refuse_strangers(folder: Path, names: Iterable[str], ours: frozenset[str]) -> None:
    """Raise ExportError if writing `names` would overwrite a file in `folder` not among `ours`."""
    strangers = [name for name in names if name not in ours and _exists(folder / name)]
    if strangers:
        raise ExportError(
            f"{folder} holds {', '.join(strangers)}, which no export of this ladder wrote; nothing "
            "was written. Name another folder, or move what is there away"
        )


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()
