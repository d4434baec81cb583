"""Putting a finished folder where the one before was, in one step.

The new folder is made beside its place, as `.NAME.part`. On Linux the two then change places at
once. Where that can't be done, there is a moment in which nothing is there; if somebody is killed
in it, the next export first puts the old folder back from `.NAME.old`.
"""

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2)."""


@contextmanager
def made_beside(folder: Path) -> Iterator[Path]:
    """An empty folder to make `folder` in, which takes its place once the block is done; a block
    that fails, or is killed, leaves `folder` as it was.

    Two of them for folders side by side wait for each other. What killed ones left is cleared away.
    Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside, old = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "old"))
    with _locked(folder.parent):
        if old.exists() and not folder.exists():
            old.rename(folder)
        for leftover in (beside, old):
            shutil.rmtree(leftover, ignore_errors=True)
        beside.mkdir()
        try:
            yield beside
            for path in (*_folders(beside), beside):
                _sync(path)
            if not folder.exists():
                beside.rename(folder)
            elif not _exchanged(beside, folder):
                folder.rename(old)
                beside.rename(folder)
            _sync(folder.parent)
        finally:
            for leftover in (beside, old):
                shutil.rmtree(leftover, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places; False where the system can't."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    failed = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    return not failed


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that is there; it goes with its process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_dir())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
