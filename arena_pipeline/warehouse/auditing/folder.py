"""The files of a published warehouse: which there are, and whether they are those that its manifest
names. What is in them is read by `reading`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from arena_pipeline.warehouse.auditing.report import AuditError
from arena_pipeline.warehouse.building.parts import file_of
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.manifest import (
    MANIFEST,
    ChainFacts,
    PartFacts,
    WarehouseManifest,
    read_manifest,
)

_ANCHOR = file_of("ladders", None)
"""The file without which there is nothing to go by."""


@dataclass(slots=True)
class PublishedFolder:
    """A folder of Parquet: its files by table, what its manifest says of the chains by ladder.

    `checked` counts the files whose digest is the manifest's; `faults` and `notes` are sentences.
    """

    folder: Path
    built_at: datetime | None = None
    files: dict[str, list[Path]] = field(default_factory=dict)
    chains: Mapping[str, ChainFacts] | None = None
    checked: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def published_folder(folder: Path) -> PublishedFolder:
    """Look at a folder's files. Raises AuditError if there is no warehouse in it.

    A link to a build is followed once, so that all files are of one build even if the link is
    moved to another meanwhile.
    """
    try:
        found = PublishedFolder(folder.resolve(strict=True))
        there = set(_layout(found.folder))
    except (OSError, RuntimeError) as error:
        raise AuditError(
            f"{folder} can't be read: {getattr(error, 'strerror', None) or error}"
        ) from error
    if not there:
        raise AuditError(
            f"{folder} holds no published warehouse; name the folder with "
            f"{MANIFEST} and {_ANCHOR} in it"
        )
    manifest = _manifest(found)
    if manifest is not None:
        there = set(_named(found, manifest, there))
    for file in sorted(there):
        found.files.setdefault(file.split("/", 1)[0], []).append(found.folder / file)
    if _ANCHOR not in there:
        raise AuditError(f"{folder / _ANCHOR} is missing; without the ladders there are no rules")
    return found


def _layout(folder: Path) -> Iterator[str]:
    """The files that lie where a warehouse has its tables."""
    for pattern in ("*/part-0.parquet", "*/month=*/part-0.parquet"):
        for path in folder.glob(pattern):
            yield path.relative_to(folder).as_posix()


def _manifest(found: PublishedFolder) -> WarehouseManifest | None:
    if not (found.folder / MANIFEST).exists():
        found.notes.append(
            f"{MANIFEST} is missing: whether a file was exchanged or left out can't be checked."
        )
        return None
    try:
        manifest = read_manifest(found.folder)
        found.built_at = datetime.fromisoformat(manifest.built_at)
    except (WarehouseError, ValueError) as error:
        found.faults.append(f"{MANIFEST} can't be used: {error}")
        return None
    found.chains = {one.ladder: one for one in manifest.chains}
    return manifest


def _named(found: PublishedFolder, manifest: WarehouseManifest, there: set[str]) -> Iterator[str]:
    """Those files that the manifest names, altered ones included; others are told and left out."""
    named = set()
    for table, part in manifest.parts():
        if part.file != file_of(table, part.month) or ".." in part.file:
            found.faults.append(f"{MANIFEST} names {part.file!r}, which is no file of {table}")
            continue
        named.add(part.file)
        if part.file not in there:
            found.faults.append(f"{part.file} is missing")
        else:
            _check(found, part)
            yield part.file
    found.faults += [f"{file} is not in {MANIFEST}" for file in sorted(there - named)]


def _check(found: PublishedFolder, part: PartFacts) -> None:
    try:
        with (found.folder / part.file).open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        found.faults.append(f"{part.file} can't be read: {error.strerror}")
        return
    if digest == part.sha256:
        found.checked += 1
    else:
        found.faults.append(f"{part.file} was altered: its SHA-256 is not the one in {MANIFEST}")
