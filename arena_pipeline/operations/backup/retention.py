"""Backups that are made by themselves: under which name, and which of them go when there are many.

What belongs here: the files in the folder for backups that carry our name and this arena's. Others
are never touched: neither those that a person made, nor those of another arena that shares the
folder.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.logs import logger
from arena_pipeline.operations.backup.making import STAMP, SUFFIX, Made, make_backup
from arena_pipeline.operations.backup.unpacking import Progress
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

_LOG = logger(__name__)
_PREFIX = "auto-"
_NAME_LENGTH = 8
"""Characters of an arena's name that its backups carry."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup made by itself, the older ones that went for it, oldest first, and those that could
    not, with the reason.
    """

    made: Made
    pruned: tuple[Path, ...]
    failed: tuple[str, ...]


def make_own_backup(
    store: Store,
    settings: Settings,
    arena: str,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Kept:
    """Make a backup in the folder for them, then remove the oldest beyond `backup_keep`. `arena` is
    a name that no other arena has, of letters and digits.

    A backup that fails removes nothing. Safe to repeat, to interrupt and beside others: see
    `make_backup`; one that was removed meanwhile is no fault. Raises BackupError.
    """
    now = now or datetime.now(UTC)
    file = settings.backups / f"{_begin(arena)}{now.astimezone(UTC).strftime(STAMP)}{SUFFIX}"
    made = make_backup(store, settings, file, now=now, progress=progress)
    pruned, failed = [], []
    for old in superfluous(own_backups(settings.backups, arena), settings.backup_keep, made.file):
        try:
            old.unlink(missing_ok=True)
            pruned.append(old)
            _LOG.info("old backup removed", file=old)
        except OSError as error:
            failed.append(f"{old}: {error.strerror}")
    return Kept(made, tuple(pruned), tuple(failed))


def own_backups(folder: Path, arena: str) -> list[Path]:
    """The backups in `folder` that this arena made by itself, oldest first."""
    name = re.compile(rf"{re.escape(_begin(arena))}\d{{8}}T\d{{6}}Z{re.escape(SUFFIX)}")
    return sorted(path for path in folder.iterdir() if name.fullmatch(path.name))


def _begin(arena: str) -> str:
    return f"{_PREFIX}{arena[:_NAME_LENGTH]}-"


def superfluous(backups: Iterable[Path], keep: int, newest: Path) -> list[Path]:
    """Those beyond the `keep` newest by name; never `newest`, whatever the clock said."""
    others = sorted(path for path in backups if path != newest)
    return others[: max(0, len(others) - (keep - 1))]
