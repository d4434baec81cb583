"""Backups: one archive with all that an arena must not lose, made while it runs, and the way back.

The archive's format is in `tar` (blocks) and `manifest` (what an archive says of itself); `packing`
and `unpacking` are the two directions. `making` is a backup from beginning to end, `restoring` a
restore, `retention` says which old backups go.
"""

from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.making import Made, default_file, make_backup
from arena_pipeline.operations.backup.manifest import LeftOut, Manifest
from arena_pipeline.operations.backup.restoring import Restored, check_backup, restore_backup
from arena_pipeline.operations.backup.retention import Kept, make_own_backup, own_backups

__all__ = [
    "BackupError",
    "Kept",
    "LeftOut",
    "Made",
    "Manifest",
    "Restored",
    "check_backup",
    "default_file",
    "make_backup",
    "make_own_backup",
    "own_backups",
    "restore_backup",
]
