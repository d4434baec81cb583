"""The folder in which a backup grows: `FILE.part` beside FILE, so that FILE is whole or not there.

A folder that a killed backup left is known by nobody holding its lock, and is cleared away by the
next backup into the same place.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from arena_pipeline.operations.backup.errors import BackupError

SUFFIX = ".part"
_LOCK = "lock"
_ARCHIVE, _STORE, _SUMS = "archive.tar", "store.sqlite3", "sums"
_OURS = {_LOCK, _ARCHIVE, _SUMS, *(_STORE + end for end in ("", "-journal", "-wal", "-shm"))}


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where the parts of a backup are made."""

    folder: Path

    @property
    def archive(self) -> Path:
        """The archive, until it is whole."""
        return self.folder / _ARCHIVE

    @property
    def store(self) -> Path:
        """The store as a SQLite file."""
        return self.folder / _STORE

    @property
    def sums(self) -> Path:
        """Digests of what is in the archive."""
        return self.folder / _SUMS


@contextmanager
def scratch(file: Path) -> Iterator[Scratch]:
    """A fresh folder to make `file` in, gone after the block. Raises BackupError if another backup
    is being made there, OSError.
    """
    folder = file.with_name(file.name + SUFFIX)
    with _locked(folder) as is_free:
        if not is_free:
            raise BackupError(
                f"Another backup is being written to {file}; wait for it or name another file"
            )
        _clear(folder)
        try:
            yield Scratch(folder)
        finally:
            _remove(folder)


def clear_leftovers(folder: Path, pattern: str) -> list[Path]:
    """Remove what killed backups left in `folder` for files of this pattern; returns what it
    removed. What a backup at work needs stays, and so does a folder with anything else in it.
    """
    removed = []
    for leftover in sorted(folder.glob(pattern + SUFFIX)):
        with contextlib.suppress(OSError):
            if not {path.name for path in leftover.iterdir()} <= _OURS:
                continue
            with _locked(leftover) as is_free:
                if not is_free:
                    continue
                _remove(leftover)
                removed.append(leftover)
    return removed


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock while the block runs; False if somebody else does."""
    lock = _lock(folder)
    if lock is None:
        yield False
        return
    try:
        yield True
    finally:
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """The descriptor of the folder's lock, held; None if somebody else holds it."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            continue  # whoever cleared up was faster
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        if _is_still(folder / _LOCK, lock):
            return lock
        os.close(lock)


def _is_still(path: Path, opened: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(opened))
    except FileNotFoundError:
        return False


def _clear(folder: Path) -> None:
    for leftover in folder.iterdir():
        if leftover.name != _LOCK:
            leftover.unlink()


def _remove(folder: Path) -> None:
    """The lock goes last: whoever takes a new one finds nothing that is still to be removed."""
    _clear(folder)
    (folder / _LOCK).unlink()
    with contextlib.suppress(OSError):  # somebody has begun the next backup in it
        folder.rmdir()
