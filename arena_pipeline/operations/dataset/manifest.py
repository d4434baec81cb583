"""`manifest.json` of a dataset: its files with their digests, by which a folder is known to be one
of ours.
"""

from pathlib import Path

import msgspec

from arena_pipeline.operations.dataset.errors import DatasetError

MANIFEST = "manifest.json"
CARD = "README.md"
LICENSE = "LICENSE"
"""A file of the owner's that every later export keeps."""

FORMAT = "arena-dataset"
VERSION = 1


class DatasetFile(msgspec.Struct, frozen=True):
    """One file: its path within the folder, rows (0 for the card), bytes, SHA-256 in hex."""

    file: str
    table: str | None
    rows: int
    bytes: int
    sha256: str


class DatasetManifest(msgspec.Struct, frozen=True):
    """What a dataset says of itself; `tables` has the rows of each."""

    format: str
    version: int
    store_revision: str
    tables: dict[str, int]
    files: tuple[DatasetFile, ...]


def write_manifest(folder: Path, manifest: DatasetManifest) -> Path:
    """Write the manifest into a folder that nobody reads yet; returns the file."""
    path = folder / MANIFEST
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    return path


def refuse_strangers(folder: Path) -> None:
    """Raise DatasetError unless `folder` is not there, empty, or a dataset with nothing of somebody
    else's in it but a licence.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise DatasetError(f"{folder} is a file; name a folder for the dataset")
    if not any(folder.iterdir()):
        return
    known = _files_of(folder)
    strangers = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir())
        and path.relative_to(folder).as_posix() not in known
    )
    if strangers:
        others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        raise DatasetError(
            f"{folder} holds {strangers[0]!r}{others}, which no export of the dataset wrote; "
            "nothing was written. Move what is yours away, or name another folder"
        )


def _files_of(folder: Path) -> frozenset[str]:
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=DatasetManifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        manifest = None
    if manifest is None or manifest.format != FORMAT:
        raise DatasetError(
            f"{folder} is not empty and no dataset of an arena; nothing was written. "
            "Name another folder, or empty this one"
        )
    return frozenset({MANIFEST, LICENSE, *(one.file for one in manifest.files)})
