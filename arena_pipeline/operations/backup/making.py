"""A backup from beginning to end: what is packed, and how it gets to its place.

What belongs here: which files an arena must not lose. How they are written is in `packing`.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path

from sqlalchemy import func, select

from arena_pipeline.catalog import archive as catalogs
from arena_pipeline.catalog.errors import CatalogError
from arena_pipeline.errors import StoreError
from arena_pipeline.logs import logger
from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.manifest import (
    MODELS_NAME,
    MOST_NAMED,
    LeftOut,
    Manifest,
    StoreFacts,
    is_name,
)
from arena_pipeline.operations.backup.packing import Packer, Unfit
from arena_pipeline.operations.backup.placing import move_new, sync_folder
from arena_pipeline.operations.backup.scratch import Scratch, clear_leftovers, scratch
from arena_pipeline.operations.backup.snapshot import snapshot
from arena_pipeline.operations.backup.unpacking import Progress
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import version
from arena_pipeline.store.tables import CatalogSnapshot, Match

SUFFIX = ".tar"
STAMP = "%Y%m%dT%H%M%SZ"

_LOG = logger(__name__)
_SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: its file, the file's bytes, and what it says of itself."""

    file: Path
    bytes: int
    manifest: Manifest


def default_file(settings: Settings, now: datetime) -> Path:
    """Where a backup goes that nobody named."""
    return settings.backups / f"arena-{now.astimezone(UTC).strftime(STAMP)}{SUFFIX}"


def make_backup(
    store: Store,
    settings: Settings,
    file: Path,
    *,
    overwrite: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write everything the arena must not lose into `file`, while it goes on working.

    The store is taken at one moment, then the files it names at that moment, which never change.
    One that is missing or altered is left out, named and counted. Killed at any time there is no
    `file`, or a whole one; safe to repeat, and beside another backup. What killed ones left is
    cleared away, in the folder for backups whatever their name. Progress is in members.

    Raises BackupError: `file` is there and not to be overwritten, no room, no permission.
    """
    file = file.expanduser().absolute()
    if file.exists() and not overwrite:
        raise _taken(file)
    try:
        if file.parent == settings.backups:
            file.parent.mkdir(parents=True, exist_ok=True)
            clear_leftovers(file.parent, f"*{SUFFIX}")
        with scratch(file) as place:
            snapshot(store, place.store, progress)
            kind = "sqlite" if store.is_sqlite else "postgresql"
            manifest = _pack(settings, place, kind, now or datetime.now(UTC), progress)
            size = place.archive.stat().st_size
            _publish(place.archive, file, overwrite=overwrite)
    except (OSError, StoreError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupError(
            f"Can't write the backup {file}: {reason}; nothing was left of it. "
            "It needs a folder that is there, with room and permission"
        ) from error
    _LOG.info(
        "backup made",
        file=file,
        bytes=size,
        matches=manifest.store.matches,
        left_out=manifest.left_out,
    )
    return Made(file, size, manifest)


def _publish(archive: Path, file: Path, *, overwrite: bool) -> None:
    """Move the whole archive to its place."""
    if overwrite:
        archive.replace(file)
    else:
        try:
            move_new(archive, file)
        except FileExistsError as error:
            raise _taken(file) from error
    sync_folder(file.parent)


def _taken(file: Path) -> BackupError:
    return BackupError(f"There is a {file} already; name another file, or say --overwrite")


def _pack(
    settings: Settings, place: Scratch, kind: str, now: datetime, progress: Progress | None
) -> Manifest:
    """Write the archive and bring it to the disk."""
    taken = open_store(f"sqlite:///{place.store}")
    with place.archive.open("xb") as out, place.sums.open("x+b") as sums, closing(taken):
        packing = _Packing(Packer(out, sums, now), settings, taken, progress)
        packing.store(place.store)
        packing.everything()
        packer, left_out = packing.packer, packing.left_out
        manifest = Manifest(
            made_at=now,
            program=version_of("arena_pipeline"),
            store=StoreFacts(
                kind, str(version(taken)), place.store.stat().st_size, packing.matches
            ),
            members=dict(packer.counts),
            left_out=packing.left_out_count,
            named=tuple(left_out),
            sums=packer.finish_sums(),
        )
        packer.finish(manifest)
        out.flush()
        os.fsync(out.fileno())
    return manifest


class _Packing:
    """Puts one thing after the other into the archive, and remembers what could not be."""

    def __init__(
        self, packer: Packer, settings: Settings, taken: Store, progress: Progress | None
    ) -> None:
        self.packer = packer
        self.left_out: list[LeftOut] = []
        self.left_out_count = 0
        self._settings, self._taken, self._progress = settings, taken, progress
        with taken.read() as connection:
            self.matches = connection.scalar(select(func.count()).select_from(Match)) or 0
        self._done = 0

    def store(self, path: Path) -> None:
        """The store first: it says what else there is."""
        self.packer.add_store(path)
        self._advance()

    def everything(self) -> None:
        """All else, in the archive's order."""
        self._models_file()
        self._catalogs()
        self._archived()
        self._replays()

    def _models_file(self) -> None:
        try:
            self.packer.add_bytes(MODELS_NAME, self._settings.models_path.read_bytes())
        except FileNotFoundError:
            self._leave_out(MODELS_NAME, "missing")
        except OSError as error:
            self._leave_out(MODELS_NAME, f"can't be read: {error.strerror}")
        self._advance()

    def _catalogs(self) -> None:
        """Kept catalogs; their names are the digests of what is in them, unpacked."""
        files = select(CatalogSnapshot.file).where(CatalogSnapshot.file.is_not(None))
        with self._taken.read() as connection:
            names = sorted({str(name) for name in connection.scalars(files)})
        for name in names:
            if reason := self._catalog_fault(name):
                self._leave_out(f"catalog/{name}", reason)
            else:
                self._add("catalog", self._settings.catalog_dir, name)

    def _catalog_fault(self, name: str) -> str | None:
        path = self._settings.catalog_dir / name
        stem = name.removesuffix(catalogs.SUFFIX)
        if len(stem) != _SHA256_DIGITS or not path.is_file():
            return None
        most = max(int(self._settings.catalog_max_mb * 1e6), catalogs.MOST_BYTES)
        try:
            content = catalogs.load(path, most)
        except CatalogError as error:
            return str(error)
        is_right = hashlib.sha256(content).hexdigest() == stem
        return None if is_right else "altered: its content is not what its name says"

    def _archived(self) -> None:
        """Purged payloads. What is still being written has a name with a dot in front."""
        folder = self._settings.archive_dir
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        names = (path.as_posix() for path in paths if not any(p[0] == "." for p in path.parts))
        for name in sorted(names):
            self._add("archive", folder, name)

    def _replays(self) -> None:
        statement = (
            select(Match.replay_path, Match.replay_digest)
            .where(Match.replay_path.is_not(None))
            .order_by(Match.replay_path)
        )
        with self._taken.read() as connection:
            rows = connection.execution_options(yield_per=1000).execute(statement)
            for path, digest in _once((row.replay_path, row.replay_digest) for row in rows):
                self._add("replays", self._settings.replay_dir, path, digest)

    def _add(self, folder: str, root: Path, name: str, digest: str | None = None) -> None:
        member = f"{folder}/{name}"
        try:
            if not is_name(member):
                raise Unfit("its name leads out of its folder, or can't be shown")
            self.packer.add_file(member, root / name, digest)
        except Unfit as reason:
            self._leave_out(member, str(reason))
        self._advance()

    def _leave_out(self, name: str, why: str) -> None:
        self.left_out_count += 1
        if len(self.left_out) < MOST_NAMED:
            self.left_out.append(LeftOut(name, why))

    def _advance(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, max(self._done, self.matches + 2))


def _once(rows: Iterable[tuple[str | None, str | None]]) -> Iterator[tuple[str, str | None]]:
    """Each path once, whichever matches name it."""
    last = None
    for path, digest in rows:
        if path is not None and path != last:
            yield path, digest
        last = path
