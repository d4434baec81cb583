"""Reading an archive to its end: every byte is checked, each member is handed on as it comes.

What belongs here: whether an archive is whole and unaltered. Where its members go is the business
of a `Receiver`: see `receiving`.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from arena_pipeline.operations.backup.errors import BackupError
from arena_pipeline.operations.backup.manifest import (
    FORMAT,
    FORMAT_NAME,
    LARGEST_MANIFEST,
    MANIFEST_NAME,
    SUMS_NAME,
    VERSION,
    Manifest,
    is_name,
    place_in_order,
    read_manifest,
    sums_line,
)
from arena_pipeline.operations.backup.receiving import Receiver, Writable
from arena_pipeline.operations.backup.tar import BLOCK, END, BadHeader, Header, padding

Progress = Callable[[int, int | None], None]
"""Called with the work done so far and in all, None if unknown."""

_CHUNK = 2**20
_BEGIN = f"{FORMAT_NAME}\0".encode()


def read_archive(file: Path, receive: Receiver, progress: Progress | None = None) -> Manifest:
    """Read and check the whole archive; `receive` gets every member but the sums and the manifest.

    What it got may be used only once this has returned. Progress is in bytes. Raises BackupError
    naming file and member, and saying what is wrong with it.
    """
    with _opened(file) as opened:
        return _Reader(file, opened, progress).read(receive)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise BackupError(f"There is no backup {file}") from error
    except OSError as error:
        raise BackupError(f"The backup {file} can't be read: {error.strerror}") from error
    with opened:
        yield opened


class _Reader:
    def __init__(self, file: Path, opened: BinaryIO, progress: Progress | None) -> None:
        self._file, self._opened, self._progress = file, opened, progress
        self._size = file.stat().st_size
        self._time: int | None = None
        self._last = ""
        self._lines = bytearray()
        """SHA-256 of each line that `SHA256SUMS` must have."""
        self._counts: dict[str, int] = {}

    def read(self, receive: Receiver) -> Manifest:
        self._check_format()
        while (header := self._header()).name != SUMS_NAME:
            with receive(header.name) as place:
                digest = self._content(header, place)
            self._note(header.name, digest)
        sums, wrong = self._check_sums(header)
        manifest = self._manifest(sums)
        if wrong is not None:
            raise self._damaged(f"is altered: the content of {wrong} is not what was written")
        self._check_end(manifest)
        return manifest

    def _check_format(self) -> None:
        begin = self._exactly(min(self._size, len(_BEGIN)), "at its beginning")
        if begin != _BEGIN:
            raise BackupError(f"The file {self._file} is no backup of an arena")
        self._opened.seek(0)
        header = self._header()
        content = self._small(header, 100)
        program, _, version = content.decode("ascii", "replace").rstrip("\n").partition(" ")
        if program != FORMAT or not version.isdecimal():
            raise self._damaged(f"is altered: its {FORMAT_NAME} says {content!r}")
        if int(version) != VERSION:
            raise BackupError(
                f"The backup {self._file} is in format {version}, this program reads {VERSION}; "
                "restore it with the program that made it, or a newer one"
            )
        self._note(FORMAT_NAME, hashlib.sha256(content).hexdigest())

    def _header(self) -> Header:
        """The next member's header, which must come where its name belongs."""
        after = f"after {self._last}" if self._last else "at its beginning"
        block = self._exactly(BLOCK, f"{after}")
        if not any(block):
            raise self._damaged(f"ends {after}, without {MANIFEST_NAME}")
        try:
            header = Header.of(block)
        except BadHeader as error:
            raise self._damaged(
                f"is altered: the header {after} is not what was written"
            ) from error
        if self._time is None:
            self._time = header.time
        if header.time != self._time:
            raise self._damaged(f"is altered: {header.name} has another time than what is before")
        if not is_name(header.name):
            raise self._damaged(f"holds {header.name!r}, which no backup does")
        if self._last and place_in_order(header.name) <= place_in_order(self._last):
            raise self._damaged(f"is altered: {header.name} comes after {self._last}")
        self._last = header.name
        return header

    def _content(self, header: Header, place: Writable) -> str:
        """Hand a member's bytes on; returns their SHA-256."""
        found = hashlib.sha256()
        for chunk in self._chunks(header):
            found.update(chunk)
            place.write(chunk)
        return found.hexdigest()

    def _chunks(self, header: Header) -> Iterator[bytes]:
        left = header.size
        while left:
            chunk = self._exactly(min(left, _CHUNK), f"within {header.name}")
            left -= len(chunk)
            yield chunk
        gap = self._exactly(padding(header.size), f"after {header.name}")
        if any(gap):
            raise self._damaged(f"is altered: the gap after {header.name} is not empty")
        if self._progress is not None:
            self._progress(self._opened.tell(), self._size)

    def _small(self, header: Header, most: int) -> bytes:
        if header.size > most:
            raise self._damaged(f"is altered: {header.name} has {header.size} bytes")
        place = BytesIO()
        self._content(header, place)
        return place.getvalue()

    def _note(self, name: str, digest: str) -> None:
        self._lines += hashlib.sha256(sums_line(name, digest)).digest()
        folder = name.partition("/")[0]
        self._counts[folder] = self._counts.get(folder, 0) + 1

    def _check_sums(self, header: Header) -> tuple[str, str | None]:
        """The digest of `SHA256SUMS`, and the first member that is not as it says."""
        checker = _Sums(self._lines)
        digest = self._content(header, checker)
        return digest, checker.wrong(header.name)

    def _manifest(self, sums: str) -> Manifest:
        header = self._header()
        if header.name != MANIFEST_NAME:
            raise self._damaged(f"is altered: {header.name} comes where {MANIFEST_NAME} belongs")
        try:
            manifest = read_manifest(self._small(header, LARGEST_MANIFEST))
        except ValueError as error:
            raise self._damaged(f"is altered: {MANIFEST_NAME} is damaged ({error})") from error
        if manifest.sums != sums:
            raise self._damaged(f"is altered: {SUMS_NAME} is not the one of its {MANIFEST_NAME}")
        return manifest

    def _check_end(self, manifest: Manifest) -> None:
        if self._exactly(len(END), f"after {MANIFEST_NAME}") != END or self._opened.read(1):
            raise self._damaged("is altered: it goes on after its end")
        if self._time != int(manifest.made_at.timestamp()):
            raise self._damaged(f"is altered: its members are not of the time of {MANIFEST_NAME}")
        if self._counts != manifest.members:
            raise self._damaged("is altered: its files are not as many as its manifest says")

    def _exactly(self, size: int, where: str) -> bytes:
        try:
            chunk = self._opened.read(size)
        except OSError as error:
            raise BackupError(
                f"The backup {self._file} can't be read: {error.strerror}, {where}"
            ) from error
        if len(chunk) != size:
            raise self._damaged(f"is cut short {where}")
        return chunk

    def _damaged(self, what: str) -> BackupError:
        return BackupError.damaged(self._file, what)


class _Sums:
    """Compares `SHA256SUMS`, as it comes, with the lines it must have."""

    def __init__(self, expected: bytearray) -> None:
        self._expected = memoryview(bytes(expected))
        self._rest = b""
        self._number = 0
        self._wrong: str | None = None

    def write(self, chunk: bytes) -> None:
        """Look at some more lines."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            start = 32 * self._number
            self._number += 1
            if self._wrong is None and (
                hashlib.sha256(line + b"\n").digest() != self._expected[start : start + 32]
            ):
                self._wrong = line.decode("utf-8", "replace")[66:] or SUMS_NAME

    def wrong(self, name: str) -> str | None:
        """The first member that is not as it should be; None if all are."""
        complete = 32 * self._number == len(self._expected) and not self._rest
        return self._wrong or (None if complete else name)
