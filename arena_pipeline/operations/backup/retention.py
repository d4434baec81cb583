"""Backups that are made by themselves: under which name, and which of them go when there are many.

What belongs here: the files in the folder for backups that carry our name. Others are never
touched, and neither are those that a person made.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.operations.backup.making import STAMP, SUFFIX, Made, make_backup
from arena_pipeline.operations.backup.unpacking import Progress
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

_PREFIX = "auto-"
_NAME = re.compile(rf"{_PREFIX}(\d{{8}}T\d{{6}}Z){re.escape(SUFFIX)}")


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
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Kept:
    """Make a backup in the folder for them, then remove the oldest beyond `backup_keep`.

    A backup that fails removes nothing. Safe to repeat, to interrupt and beside others: see
    `make_backup`; one that was removed meanwhile is no fault. Raises BackupError.
    """
    now = now or datetime.now(UTC)
    file = settings.backups / f"{_PREFIX}{now.astimezone(UTC).strftime(STAMP)}{SUFFIX}"
    made = make_backup(store, settings, file, now=now, progress=progress)
    pruned, failed = [], []
    for old in superfluous(own_backups(settings.backups), settings.backup_keep, made.file):
        try:
            old.unlink(missing_ok=True)
            pruned.append(old)
        except OSError as error:
            failed.append(f"{old}: {error.strerror}")
    return Kept(made, tuple(pruned), tuple(failed))


def own_backups(folder: Path) -> list[Path]:
    """The backups in `folder` that were made by themselves, oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*{SUFFIX}") if _NAME.fullmatch(path.name))


def superfluous(backups: Iterable[Path], keep: int, newest: Path) -> list[Path]:
    """Those beyond the `keep` newest by name; never `newest`, whatever the clock said."""
    others = sorted(path for path in backups if path != newest)
    return others[: max(0, len(others) - (keep - 1))]
