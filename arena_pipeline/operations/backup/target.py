"""The empty place into which an arena is restored, and how it gets there all at once.

Everything is put together in a folder of its own within the data folder. Then a marker is written
that says what is being moved, the folders are moved, and the store, without which there is no
arena, comes last. What a killed restore left is known by that folder, and by the marker if it had
come so far.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect

from arena_pipeline.masking import mask_secrets
from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.manifest import FOLDERS, MODELS_NAME
from arena_pipeline.operations.backup.placing import (
    clear_folder,
    move_folder,
    move_new,
    sync_file,
    sync_folder,
)
from arena_pipeline.operations.backup.unpacking import Progress
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.engine import normalise_url
from arena_pipeline.store.opening import RESTORING

IN_THE_WAY = (*FOLDERS, "warehouse", "exports", "dagster")
"""Folders of an arena: a place is empty if none of them has anything in it."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""Endings of the files that make up a SQLite store."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder in which the arena is put together."""

    folder: Path

    @property
    def store(self) -> Path:
        """The store, a SQLite file."""
        return self.folder / "store.sqlite3"

    @property
    def models(self) -> Path:
        """The models file."""
        return self.folder / MODELS_NAME

    @property
    def marker(self) -> Path:
        """Names what is being moved; not there before everything is checked and on the disk."""
        return self.folder / "moving.json"


class Target:
    """Where an arena goes: the data folder and the store that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.root = settings.root
        self.url = settings.store_url
        self.staging = Staging(self.root / RESTORING)
        address = normalise_url(self.url)
        self._file = (
            Path(str(address.database)).absolute() if address.drivername == "sqlite" else None
        )

    @property
    def address(self) -> str:
        """The store's, without its password."""
        return mask_secrets(self.url)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other restores out, and leave no new folder behind if there is nothing in it.

        Raises BackupError if another restore is at work.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise BackupError(
                f"Another restore into {self.root} is at work; wait for it"
            ) from error
        finally:
            os.close(lock)
            with suppress(OSError):
                self.root.rmdir()

    def clear_leftovers(self) -> bool:
        """Undo what a killed restore began. True if it had come to its end after all."""
        complete = self.staging.marker.exists() and self._has_store()
        self.undo(keep=complete)
        return complete

    def undo(self, *, keep: bool = False) -> None:
        """Take back what was moved, unless it is to be kept, and forget what was put together."""
        if self.staging.marker.exists() and not keep:
            for name in json.loads(self.staging.marker.read_text(encoding="ascii")):
                clear_folder(self.root / name)
        with suppress(FileNotFoundError):
            shutil.rmtree(self.staging.folder)

    def refuse_unless_empty(self) -> None:
        """Raise BackupError naming what is there already."""
        found = [str(self.root / name) for name in IN_THE_WAY if _has_entries(self.root / name)]
        if self._file is None:
            if tables := self._tables():
                named = ", ".join(tables[:3]) + (", ..." if len(tables) > 3 else "")
                found.append(f"{len(tables)} tables ({named}) in {self.address}")
        else:
            files = [self._file.with_name(self._file.name + ending) for ending in _BESIDE]
            found += [str(file) for file in files if file.exists()]
        if found:
            raise BackupError(
                f"A backup is restored into an empty place, and there is {' and '.join(found)}; "
                "set ARENA_DATA_DIR (and ARENA_DATABASE_URL) to a new one. Nothing was changed"
            )

    def move_in(self, progress: Progress | None = None) -> Path | None:
        """Move everything to where it belongs, the store last. Returns where the models file went.

        Safe to interrupt: `clear_leftovers` takes it back, or finds it complete.
        """
        staged = self.staging
        names = [name for name in FOLDERS if (staged.folder / name).is_dir()]
        os.sync()
        staged.marker.write_text(json.dumps(names), encoding="ascii")
        sync_file(staged.marker)
        sync_folder(staged.folder)
        for name in names:
            move_folder(staged.folder / name, self.root / name)
        models = self._move_models()
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            _move_store(staged.store, self._file)
            sync_folder(self._file.parent)
        else:
            self._copy_store(progress)
        sync_folder(self.root)
        shutil.rmtree(staged.folder)
        return models

    def _move_models(self) -> Path | None:
        """Put the models file beside what is there: under its name, or the first one free."""
        staged = self.staging.models
        if not staged.exists():
            return None
        content = staged.read_bytes()
        for name in (MODELS_NAME, *(f"models.restored-{n}.yaml" for n in range(1, 1000))):
            target = self.root / name
            with suppress(FileExistsError):
                move_new(staged, target)
                return target
            if target.is_file() and target.read_bytes() == content:
                return target
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.root / MODELS_NAME))

    def _copy_store(self, progress: Progress | None) -> None:
        """Fill the database in one transaction."""
        from arena_pipeline.store.copying import copy_store

        source, into = open_store(f"sqlite:///{self.staging.store}"), open_store(self.url)
        with closing(source), closing(into):
            copy_store(source, into, progress)

    def _has_store(self) -> bool:
        return self._file.exists() if self._file is not None else bool(self._tables())

    def _tables(self) -> list[str]:
        """Tables in the database, Dagster's too."""
        with closing(open_store(self.url)) as store:
            return _tables_of(store)


def _tables_of(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(inspect(connection).get_table_names())


def _move_store(source: Path, target: Path) -> None:
    try:
        move_new(source, target)
    except FileExistsError as error:
        raise BackupError(
            f"Somebody made a store {target} meanwhile; it was left as it is, nothing was restored"
        ) from error


def _has_entries(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise BackupError(f"Can't look into {folder}: {error.strerror}") from error
