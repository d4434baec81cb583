"""A file for what waits between reading and recording; nobody but this process can see it.

It has no name, so that nothing is left of it however the process ends.
"""

import errno
import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from arena_pipeline.errors import ArenaError
from arena_pipeline.importers.snakebench.recording.prepared import Prepared, Version


class NoRoom(ArenaError):
    """The disk is full while documents are read."""


class Scratch:
    """Prepared games on disk, by place."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file

    def put(self, version: Version) -> None:
        """Let a version's rows wait; without a file (a dry run) they are dropped. Raises NoRoom."""
        packed, version.packed = version.packed, b""
        if self._file is None:
            return
        try:
            version.place = (self._file.seek(0, 2), len(packed))
            if self._file.write(packed) != len(packed):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise NoRoom(
                f"What was read can't wait beside the replays: {error.strerror}; nothing of this "
                "import was recorded. Free space there and run the same import again"
            ) from error

    def get(self, version: Version) -> Prepared:
        """The rows that were put there."""
        assert self._file is not None
        offset, size = version.place
        self._file.seek(offset)
        prepared: Prepared = pickle.loads(self._file.read(size))  # noqa: S301 - written by put
        return prepared


@contextmanager
def scratch(beside: Path, *, dry_run: bool) -> Iterator[Scratch]:
    """A fresh one on the disk of the folder `beside`, made if need be. Raises OSError."""
    if dry_run:
        yield Scratch(None)
        return
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=beside, buffering=0) as file:
        yield Scratch(file)
