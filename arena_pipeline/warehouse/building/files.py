"""The warehouse's folder: builds side by side, the link to the newest, leftovers, the lock.

    warehouse/arena.duckdb              the newest build as one file
    warehouse/parquet -> builds/ID/parquet
    warehouse/builds/ID/parquet/...     the last two builds; files that did not change are shared
    warehouse/builds/ID.partial/...     a build under way, or what a killed one left

What belongs here: names, links and their order. What is in the files is `building.parts` and
`building.database`.
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from arena_pipeline.warehouse.errors import WarehouseError

KEPT_BUILDS = 2
SPILL = "spill"
"""Folder of a build under way for what does not fit into memory."""

_PARTIAL = ".partial"
_BUILD = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of a warehouse lies; `root` is its folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The DuckDB file that people open."""
        return self.root / "arena.duckdb"

    @property
    def parquet(self) -> Path:
        """The link to the newest build's Parquet files."""
        return self.root / "parquet"

    @property
    def builds(self) -> Path:
        """The folder of all builds."""
        return self.root / "builds"

    def build(self, name: str) -> Path:
        """The folder of a finished build."""
        return self.builds / name

    def partial(self, name: str) -> Path:
        """The folder of the build `name` while it is being made."""
        return self.builds / f"{name}{_PARTIAL}"

    def current(self) -> Path | None:
        """The folder of the build that the link names; None: there is no such build."""
        try:
            target = self.parquet.readlink()
        except OSError:
            return None
        folder = self.builds / target.parent.name
        is_ours = target.name == "parquet" and _BUILD.fullmatch(folder.name) is not None
        return folder if is_ours and folder.is_dir() else None


@contextmanager
def locked(layout: Layout, waiting: Callable[[], None] | None) -> Iterator[None]:
    """Be the only one who builds; `waiting` is called once if somebody else does just now.

    The lock goes with its process, however that ends.
    """
    layout.builds.mkdir(parents=True, exist_ok=True)
    with (layout.root / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is not None:
                waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clear_leftovers(layout: Layout) -> None:
    """Remove what killed builds left; everything else in the folder is left alone."""
    for folder in layout.builds.iterdir():
        if folder.suffix == _PARTIAL and _BUILD.fullmatch(folder.stem):
            shutil.rmtree(folder)
    for name in (_beside(layout.database), _beside(layout.parquet)):
        name.unlink(missing_ok=True)


def publish(layout: Layout, name: str) -> None:
    """Put a finished build in place of the one before: its folder gets its name, then the link and
    the DuckDB file are each replaced in one step. Whoever has the old ones open keeps them.

    Killed in between, the link and the file are of two builds, both whole; the next build sees it.
    Raises WarehouseError if something else is in the way.
    """
    shutil.rmtree(layout.partial(name) / SPILL, ignore_errors=True)
    layout.partial(name).rename(layout.build(name))
    sync(layout.builds)
    link = _beside(layout.parquet)
    link.symlink_to(Path("builds") / name / "parquet")
    beside = _beside(layout.database)
    (layout.build(name) / layout.database.name).replace(beside)
    for new, place in ((link, layout.parquet), (beside, layout.database)):
        _remove_stale_wal(layout)
        try:
            new.replace(place)
        except (IsADirectoryError, NotADirectoryError) as error:
            raise WarehouseError(
                f"{place} is in the way: it was not made by a build. Move it away"
            ) from error
    _remove_stale_wal(layout)
    sync(layout.root)


def remove_old(layout: Layout) -> None:
    """Remove builds that are neither in use nor among the newest."""
    current = layout.current()
    finished = sorted(one for one in layout.builds.iterdir() if _BUILD.fullmatch(one.name))
    for folder in finished[:-KEPT_BUILDS]:
        if folder != current:
            shutil.rmtree(folder)


def share(source: Path, target: Path) -> None:
    """Have the same file under another name, or a copy where the file system has no such links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copyfile(source, target)
        sync(target)


def sync(path: Path) -> None:
    """Have a file or folder on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.next")


def _remove_stale_wal(layout: Layout) -> None:
    """A shell that opened the file for writing leaves a log that would be played into the next."""
    layout.database.with_name(f"{layout.database.name}.wal").unlink(missing_ok=True)
