"""What can be wrong with a backup or a restore."""

from pathlib import Path
from typing import Self

from arena_pipeline.errors import ArenaError


class BackupError(ArenaError):
    """A backup that can't be made, read or restored; nothing was changed."""

    @classmethod
    def damaged(cls, file: Path, what: str) -> Self:
        """An archive that is not what was written."""
        return cls(f"The backup {file} {what}; nothing of it was used. Take another backup")
