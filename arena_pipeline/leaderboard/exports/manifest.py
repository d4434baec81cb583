"""The manifest of an export: which files are ours, of which ladder and state.

A folder somebody named may hold files of theirs. Only what a manifest of the same ladder names may
be overwritten or removed.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from arena_pipeline.leaderboard.board import Seal
from arena_pipeline.leaderboard.exports.played import ExportError

MANIFEST = "manifest.json"


class FileFacts(msgspec.Struct):
    """Of one file: how many entries it has, and its SHA-256 in hex."""

    rows: int
    sha256: str


class Manifest(msgspec.Struct):
    """What an export says of itself; its files show the first `sequence` rated matches of `epoch`,
    which `chain` seals (None in exports of earlier versions).
    """

    ladder: str
    epoch: int
    sequence: int
    updated_at: str | None
    replays: str
    files: dict[str, FileFacts]
    chain: Seal | None = None


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
