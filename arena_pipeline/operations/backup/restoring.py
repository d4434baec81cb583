"""A restore from beginning to end: everything is read and checked before anything is in its place.

What belongs here: the order of things. Reading is in `unpacking`, the place in `target`.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from arena_pipeline.errors import StoreError
from arena_pipeline.logs import logger
from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.manifest import FORMAT_NAME, STORE_NAME, Manifest
from arena_pipeline.operations.backup.receiving import StoreUnpacker, Writable, nowhere
from arena_pipeline.operations.backup.target import Staging, Target
from arena_pipeline.operations.backup.unpacking import Progress, read_archive
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store
from arena_pipeline.store.migrate import migrate, version

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: from which file, into which folder and store (without password), what the
    backup says of itself, the migrations applied to it, and where its models file went.
    """

    file: Path
    folder: Path
    store: str
    manifest: Manifest
    applied: tuple[str, ...]
    models_file: Path | None


def check_backup(file: Path, progress: Progress | None = None) -> Manifest:
    """Read a whole backup and check every byte of it; nothing is written.

    Raises BackupError naming file and member, and saying what is wrong.
    """

    def forget(name: str) -> AbstractContextManager[Writable]:
        return nowhere(file, name)

    return read_archive(file, forget, progress)


def restore_backup(
    file: Path, settings: Settings, by: By, progress: Progress | None = None
) -> Restored:
    """Make the arena in `file` anew in the data folder and store of the settings, both empty.

    The whole backup is unpacked and checked beside first; then it is moved in, the store last. A
    killed restore leaves no arena or all of it; safe to repeat, since the next one clears away what
    it left. Two at once: the second is refused. The restore is in the arena's audit.

    Raises BackupError: a backup that is damaged or from a newer version, a place that is not empty,
    no room; StoreError for a database that can't be reached. Nothing is changed then.
    """
    target = Target(settings)
    try:
        with target.locked():
            if target.clear_leftovers():
                raise BackupError(
                    f"An earlier restore into {target.root} had come to its end before it could "
                    "say so: the arena is there, nothing is left to be done"
                )
            target.refuse_unless_empty()
            try:
                return _restore(file.expanduser(), target, by, progress)
            except BaseException:
                target.undo()
                raise
    except OSError as error:
        raise BackupError(
            f"Can't restore into {target.root}: {error.strerror or error} "
            f"({error.filename or target.root}); nothing was restored"
        ) from error


def _restore(file: Path, target: Target, by: By, progress: Progress | None) -> Restored:
    target.staging.folder.mkdir()
    manifest = _unpack(file, target.staging, progress)
    applied = _prepare_store(file, target.staging.store, manifest, by)
    models = target.move_in(progress)
    _LOG.info(
        "backup restored",
        file=file,
        folder=target.root,
        store=target.address,
        matches=manifest.store.matches,
        by=by.actor,
    )
    return Restored(file, target.root, target.address, manifest, tuple(applied), models)


def _unpack(file: Path, staging: Staging, progress: Progress | None) -> Manifest:
    """Unpack everything, then believe it."""

    def receive(name: str) -> AbstractContextManager[Writable]:
        if name == FORMAT_NAME:
            return nowhere(file, name)
        return _store(file, staging) if name == STORE_NAME else _member(file, staging, name)

    manifest = read_archive(file, receive, progress)
    if staging.store.stat().st_size != manifest.store.bytes:
        raise BackupError.damaged(
            file, "is altered: its store is not as large as its manifest says"
        )
    return manifest


@contextmanager
def _store(file: Path, staging: Staging) -> Iterator[Writable]:
    with staging.store.open("xb") as place:
        unpacker = StoreUnpacker(file, place, disk_usage(staging.folder).free)
        yield unpacker
        unpacker.finish()


@contextmanager
def _member(file: Path, staging: Staging, name: str) -> Iterator[Writable]:
    path = staging.folder / name
    try:
        place = path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path.open("xb")
    except FileExistsError as error:  # on a disk that takes two names for the same
        raise BackupError(f"The backup {file} has {name} twice on this disk") from error
    with place:
        yield place


def _prepare_store(file: Path, path: Path, manifest: Manifest, by: By) -> list[str]:
    """Bring the store to this program's version and write down who restored it."""
    try:
        with closing(open_store(f"sqlite:///{path}")) as store:
            if version(store) != manifest.store.revision:
                raise StoreError("it is not of the version its manifest says")
            with store.read() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise StoreError(f"it is damaged ({found})")
            applied = migrate(store)
            with store.write() as connection:
                write_audit(
                    connection,
                    by,
                    "restore",
                    SubjectKind.STORE,
                    file.name,
                    after={
                        "made_at": manifest.made_at,
                        "matches": manifest.store.matches,
                        "left_out": manifest.left_out,
                    },
                )
    except StoreError as error:
        raise BackupError(f"The store in the backup {file} can't be used: {error}") from error
    return applied
