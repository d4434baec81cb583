"""Files of ours that are of no use any more: logs of an `arena up` of long ago, half-written files
of the archive. And the room that a SQLite file keeps after much was deleted from it.
"""

import fcntl
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from arena_pipeline.operations.purging.archive import CALLS, PART
from arena_pipeline.operations.purging.lots import Lot
from arena_pipeline.settings import Settings

LOGS = "logs of arena up"
HALF_WRITTEN = "half-written archive files"

LOCK = "arena.lock"
"""File in the data folder that `arena up` keeps locked."""

HALF_WRITTEN_AGE = timedelta(days=1)
"""A younger one may belong to a process at work."""

WORTH_COMPACTING = 0.25
"""Share of a SQLite file that must be unused before it is written anew."""

_PATIENCE_S = 5.0


def old_files(settings: Settings, before: datetime, *, delete: bool = False) -> tuple[Lot, ...]:
    """Logs last written before a moment and half-written archive files; deleted with `delete`.

    Logs stay while an `arena up` runs: its processes hold them open, however long they were quiet.
    """
    logs = [] if _is_running(settings.root) else (settings.root / "logs").glob("*.log")
    parts = settings.archive_dir.glob(f"{CALLS}/*/.*{PART}")
    young = datetime.now(UTC) - HALF_WRITTEN_AGE
    return (
        lot_of_files(LOGS, logs, before, delete=delete),
        lot_of_files(HALF_WRITTEN, parts, young, delete=delete),
    )


def lot_of_files(what: str, files: Iterable[Path], before: datetime, *, delete: bool) -> Lot:
    """The files last changed before a moment; with `delete` they are deleted.

    Safe to repeat, to interrupt and beside others: a file that is gone already is no fault, and one
    that can't be deleted is named while the others go.
    """
    count, size, oldest = 0, 0, before
    failed = []
    for file in sorted(files):
        try:
            state = file.lstat()
            if state.st_mtime >= before.timestamp():
                continue
            if delete:
                file.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(f"{file}: {error.strerror}")
            continue
        count, size = count + 1, size + state.st_size
        oldest = min(oldest, datetime.fromtimestamp(state.st_mtime, UTC))
    done = "are gone" if delete else "go for good"
    return Lot(what, count, done, oldest if count else None, size, tuple(failed))


def worth_compacting(file: Path) -> int:
    """Bytes within a SQLite file that hold nothing, if they are much of it; else 0, also for a file
    that is not there or can't be asked.
    """
    with suppress(sqlite3.Error):
        unused, size = _unused(file)
        return unused if unused >= size * WORTH_COMPACTING else 0
    return 0


def compact(file: Path) -> int:
    """Write a SQLite file of Dagster's anew if much of it is unused; returns the bytes given back.

    SQLite does it in a transaction: killed it leaves the file as it was. While others write, they
    wait; if they don't let it begin within seconds, it is left for the next time.
    """
    unused = worth_compacting(file)
    if not unused:
        return 0
    try:
        with closing(sqlite3.connect(file, timeout=_PATIENCE_S, isolation_level=None)) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return 0
    return unused


def _is_running(root: Path) -> bool:
    """Whether an `arena up` holds the data folder's lock."""
    with suppress(FileNotFoundError), (root / LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _unused(file: Path) -> tuple[int, int]:
    """Bytes unused, and in all."""
    if not file.is_file():
        return 0, 1
    with closing(sqlite3.connect(file, timeout=_PATIENCE_S)) as database:
        pages, free, size = (
            database.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
    return free * size, pages * size
