"""Writing an archive: members one after the other into an open file, each with its digest.

What belongs here: how content gets in. What is packed is decided in `making`, the format is in
`manifest` and `tar`.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from arena_pipeline.operations.backup.manifest import (
    FORMAT_NAME,
    MANIFEST_NAME,
    STORE_NAME,
    SUMS_NAME,
    Manifest,
    format_line,
    sums_line,
)
from arena_pipeline.operations.backup.tar import BLOCK, END, Header, padding

_CHUNK = 2**20

_LEVEL = 1
"""Of zstd, for the store: a quarter of its size at 500 MB/s; level 3 takes twice as long."""

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class Unfit(Exception):
    """A file that can't be taken along, and why; the archive is as it was before."""


class Packer:
    """An archive being written. `sums` is a file of its own, open for reading and writing, in which
    the digests wait for the end.
    """

    def __init__(self, out: BinaryIO, sums: BinaryIO, made_at: datetime) -> None:
        self._out, self._sums = out, sums
        self._time = int(made_at.timestamp())
        self._position = 0
        self.counts: dict[str, int] = {}
        """Members so far, per folder or by name."""

        self.add_bytes(FORMAT_NAME, format_line())

    def add_bytes(self, name: str, content: bytes) -> None:
        """A member with this content."""
        self._out.write(Header(name, len(content), self._time).to_bytes())
        self._out.write(content)
        self._end_member(name, len(content), hashlib.sha256(content).hexdigest())

    def add_file(self, name: str, path: Path, digest: str | None = None) -> None:
        """A member with the content of a file, which is read once.

        Raises Unfit, and leaves the archive as it was, if the file can't be read, or is not what
        `digest` (SHA-256 in hex) says.
        """
        with _opened(path) as file:
            size = os.fstat(file).st_size
            header = _header(name, size, self._time)
            found = hashlib.sha256()
            self._out.write(header)
            try:
                for chunk in _chunks(file, size):
                    found.update(chunk)
                    self._out.write(chunk)
                if digest is not None and found.hexdigest() != digest:
                    raise Unfit("altered: its SHA-256 is not the one in the store")
            except Unfit:
                self._out.seek(self._position)
                self._out.truncate()
                raise
        self._end_member(name, size, found.hexdigest())

    def add_store(self, path: Path) -> None:
        """The store, a SQLite file, compressed."""
        import zstandard

        size = path.stat().st_size
        packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=-1)
        self._out.write(bytes(BLOCK))
        found, packed = hashlib.sha256(), 0
        with path.open("rb") as file:
            for chunk in packer.read_to_iter(file, size=size, read_size=_CHUNK, write_size=_CHUNK):
                found.update(chunk)
                packed += self._out.write(chunk)
        self._out.seek(self._position)
        self._out.write(Header(STORE_NAME, packed, self._time).to_bytes())
        self._out.seek(packed, os.SEEK_CUR)
        self._end_member(STORE_NAME, packed, found.hexdigest())

    def finish_sums(self) -> str:
        """Add the digests of all members so far; returns the digest of those."""
        size = self._sums.tell()
        self._sums.seek(0)
        found = hashlib.sha256()
        self._out.write(Header(SUMS_NAME, size, self._time).to_bytes())
        while chunk := self._sums.read(_CHUNK):
            found.update(chunk)
            self._out.write(chunk)
        self._out.write(bytes(padding(size)))
        return found.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest and the archive's end."""
        content = manifest.to_bytes()
        self._out.write(Header(MANIFEST_NAME, len(content), self._time).to_bytes())
        self._out.write(content)
        self._out.write(bytes(padding(len(content))) + END)

    def _end_member(self, name: str, size: int, digest: str) -> None:
        self._out.write(bytes(padding(size)))
        self._sums.write(sums_line(name, digest))
        top = name.partition("/")[0]
        self.counts[top] = self.counts.get(top, 0) + 1
        self._position += BLOCK + size + padding(size)


def _header(name: str, size: int, time: int) -> bytes:
    try:
        return Header(name, size, time).to_bytes()
    except ValueError as error:
        raise Unfit("its name is longer than an archive can hold, or no text") from error


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A descriptor of a regular file. Raises Unfit."""
    try:
        file = os.open(path, _FLAGS)
    except FileNotFoundError as error:
        raise Unfit("missing") from error
    except (OSError, ValueError) as error:
        raise Unfit(f"can't be read: {getattr(error, 'strerror', error)}") from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Unfit("no regular file")
        yield file
    finally:
        os.close(file)


def _chunks(file: int, size: int) -> Iterator[bytes]:
    """Exactly `size` bytes of a file, bit by bit. Raises Unfit."""
    left = size
    while left:
        try:
            chunk = os.read(file, min(left, _CHUNK))
        except OSError as error:
            raise Unfit(f"can't be read: {error.strerror}") from error
        if not chunk:
            raise Unfit("became shorter while it was read")
        left -= len(chunk)
        yield chunk
