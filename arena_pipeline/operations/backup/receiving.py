"""Where an archive's members go: nowhere when it is only checked, a folder when it is restored.

What belongs here: taking bytes. Whether they are the right ones is known at the archive's end only,
and is the business of `unpacking`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.manifest import STORE_NAME

_PIECE = 2**12


class Writable(Protocol):
    """What takes the bytes of a member."""

    def write(self, chunk: bytes, /) -> object:
        """Take some more."""
        ...


Receiver = Callable[[str], AbstractContextManager[Writable]]
"""Opens the place for a member's bytes, by the member's name."""


class StoreUnpacker:
    """Unpacks a store while its bytes come, and hands what it unpacks to `place`.

    `room`: bytes it may unpack to. Raises BackupError if it is damaged, or unpacks to more than
    that or than it says of itself.
    """

    def __init__(self, file: Path, place: Writable, room: int | None = None) -> None:
        import zstandard

        self._file, self._place, self._room = file, place, room
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()
        self._size: int | None = None
        self._written = 0

    def write(self, chunk: bytes) -> None:
        """Take some more of the compressed store."""
        import zstandard

        try:
            if self._size is None:
                self._size = zstandard.get_frame_parameters(chunk).content_size
                self._check_room(self._size)
            # Bit by bit, since a hostile one unpacks to ten thousand times its size.
            for start in range(0, len(chunk), _PIECE):
                piece = self._unpacker.decompress(chunk[start : start + _PIECE])
                # zstd itself compares at the very end only.
                self._written += len(piece)
                if self._written > self._size:
                    raise self._damaged("unpacks to more than it says")
                self._place.write(piece)
        except zstandard.ZstdError as error:
            raise self._damaged(f"is damaged ({error})") from error

    def finish(self) -> None:
        """Make sure that nothing is missing. Raises BackupError."""
        if not self._unpacker.eof or self._unpacker.unused_data:
            raise self._damaged("does not end where it should")

    def _check_room(self, size: int) -> None:
        if self._room is not None and size > self._room:
            raise BackupError(
                f"The store in the backup {self._file} unpacks to {size / 1e6:,.1f} MB, but only "
                f"{self._room / 1e6:,.1f} MB are free; make room. Nothing was restored"
            )

    def _damaged(self, what: str) -> BackupError:
        return BackupError.damaged(self._file, f"is altered: {STORE_NAME} {what}")


@contextmanager
def nowhere(file: Path, name: str) -> Iterator[Writable]:
    """A place for bytes that nobody wants; that the store can be unpacked is tried all the same."""
    if name != STORE_NAME:
        yield _Nowhere()
        return
    unpacker = StoreUnpacker(file, _Nowhere())
    yield unpacker
    unpacker.finish()


class _Nowhere:
    def write(self, chunk: bytes, /) -> None:
        """Forget it."""
