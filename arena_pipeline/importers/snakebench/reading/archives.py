"""Packed files opened for reading: zstd, gzip or plain, with a limit on what they may unpack to.

A few bytes can stand for terabytes. Nothing of an archive is kept, so that only a single member
could fill the memory (`tar.members` bounds it); but reading such a thing would never end, and it
is broken off once it unpacks to far more than any history does.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import zstandard

from arena_pipeline.importers.snakebench.reading.tar import CutShort, Readable

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")

BOMB_BYTES, BOMB_RATIO = 2 * 2**30, 1_000
"""An archive that unpacks to more than both so many bytes and so many times its own is broken off.

Published archives unpack to about fifty times their size.
"""

_LARGEST_WINDOW = 2**27
"""Bytes a zstd file may ask to be remembered; more would fill the memory."""


class Unpacking:
    """The unpacked bytes of an open file; says how many of its packed ones were read so far."""

    def __init__(self, packed: BinaryIO, stream: Readable) -> None:
        self._packed, self._stream = packed, stream
        self._given = 0

    @property
    def consumed(self) -> int:
        """Bytes of the file itself read so far."""
        return self._packed.tell()

    def read(self, size: int, /) -> bytes:
        """The next bytes, fewer only at the end. Raises CutShort for a file that is damaged, cut
        off or a bomb.
        """
        parts, left = [], size
        while left:
            part = self._part(left)
            if not part:
                break
            parts.append(part)
            left -= len(part)
        self._given += size - left
        if self._given > max(BOMB_BYTES, BOMB_RATIO * self.consumed):
            raise CutShort(f"it unpacks to more than {BOMB_RATIO} times its size; broken off")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _part(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise CutShort("it is cut off") from error
        except (zstandard.ZstdError, zlib.error, gzip.BadGzipFile) as error:
            raise CutShort(f"it is damaged ({error})") from error


@contextmanager
def unpacking(path: Path) -> Iterator[Unpacking]:
    """Open the archive at `path` by the end of its name. Raises OSError."""
    with path.open("rb") as packed:
        if path.name.endswith(".zst"):
            decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
            with decompressor.stream_reader(packed, read_across_frames=True) as stream:
                yield Unpacking(packed, stream)
        elif path.name.endswith((".gz", ".tgz")):
            with gzip.GzipFile(fileobj=packed) as stream:
                yield Unpacking(packed, stream)
        else:
            yield Unpacking(packed, packed)
