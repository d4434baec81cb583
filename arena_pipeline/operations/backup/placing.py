"""Moving what is whole to where it belongs, never over something that is there."""

import errno
import os
import shutil
from pathlib import Path

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_ELSEWHERE = {errno.EXDEV, errno.EBUSY, errno.ENOTDIR}


def move_new(source: Path, target: Path) -> None:
    """Move a file in one step. Raises FileExistsError if there is one at `target`."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            beside = target.with_name(f".{target.name}.new")
            shutil.copyfile(source, beside)
            sync_file(beside)
            move_new(beside, target)
        elif error.errno in _NO_LINKS:
            if target.exists():
                raise FileExistsError(
                    errno.EEXIST, os.strerror(errno.EEXIST), str(target)
                ) from error
            source.rename(target)
            return
        else:
            raise
    source.unlink()


def move_folder(source: Path, target: Path) -> None:
    """Move a folder to where there is none, or an empty one, perhaps with a disk of its own.

    Raises OSError (ENOTEMPTY) if there is something in it.
    """
    try:
        source.rename(target)
    except OSError as error:
        if error.errno not in _ELSEWHERE:
            raise
        if any(target.iterdir()):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(target)) from error
        shutil.copytree(source, target, dirs_exist_ok=True)


def clear_folder(folder: Path) -> None:
    """Remove a folder with all in it; one that is a disk of its own stays, empty."""
    for entry in list(folder.iterdir()) if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    try:
        folder.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in _ELSEWHERE:
            raise


def sync_file(path: Path) -> None:
    """Bring a file to the disk."""
    sync_folder(path)


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
