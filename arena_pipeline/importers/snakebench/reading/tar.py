"""Tar archives read from front to back: each member's name and bytes, nothing put on disk.

Only plain files are handed on. What an archive can do to its reader is refused by name: links and
devices (which would be followed), headers and members too large to be what we look for. A name is
only ever a text to be told.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

BLOCK = 512
LARGEST_HEADER = 2**20
"""Bytes an extended header (long names) may have."""

_SKIPPED_AT_A_TIME = 2**20
_MOST_DIGITS = 19
"""Of a number of bytes; Python refuses to read one of thousands."""

_EXTENDED, _LONG_NAME = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE), tarfile.GNUTYPE_LONGNAME
_PASSED_OVER = (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK, tarfile.DIRTYPE)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_KINDS = {
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


class Readable(Protocol):
    """Whatever gives an archive's bytes, unpacked; fewer than asked for only at its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""


class CutShort(ValueError):
    """The archive ends or breaks where there should be more of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A plain file of an archive, or one that was `refused` for the reason given."""

    name: str
    content: bytes = b""
    refused: str | None = None


def members(archive: Readable, largest: int) -> Iterator[Member]:
    """The files of an archive as they come, those of more than `largest` bytes refused.

    Raises CutShort saying after which member the archive broke.
    """
    last, long_name, size_told = "", None, None
    while True:
        try:
            header = _header(archive)
            if header is None:
                return
            size = header.size if size_told is None else size_told
            if header.type in _EXTENDED or header.type == _LONG_NAME:
                content = _small(archive, size)
                if header.type == _LONG_NAME:
                    long_name = _text(content.rstrip(b"\0"))
                else:
                    named, size_told = _records(content)
                    long_name = named or long_name
                continue
            name = long_name or header.name
            long_name = size_told = None
            if header.type in _PASSED_OVER:
                _skip(archive, size)
                continue
            yield _member(archive, header, name, size, largest)
            last = name
        except CutShort as error:
            where = f"after {last}" if last else "at its beginning"
            raise CutShort(f"{error} {where}") from error


def _member(
    archive: Readable, header: tarfile.TarInfo, name: str, size: int, largest: int
) -> Member:
    if header.type not in _PLAIN:
        kind = _KINDS.get(header.type, "no plain file")
        if header.type not in _KINDS:
            _skip(archive, size)
        return Member(name, refused=f"it is {kind}, not a file")
    if size > largest:
        _skip(archive, size)
        return Member(name, refused=too_large(size, largest))
    content = _exactly(archive, size)
    _exactly(archive, -size % BLOCK)
    return Member(name, content)


def too_large(size: int | None, largest: int) -> str:
    """Why a document is refused that is larger than any game."""
    told = "more" if size is None else f"{size / 1e6:,.0f} MB"
    return f"it has {told}, and no game has more than {largest / 1e6:,.0f} MB"


def _header(archive: Readable) -> tarfile.TarInfo | None:
    """The next header; None at the archive's end."""
    block = archive.read(BLOCK)
    if len(block) < BLOCK:
        raise CutShort("it is cut off")
    if not any(block):
        return None
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError as error:
        raise CutShort("it is damaged") from error
    if header.size < 0:
        raise CutShort("it is damaged")
    return header


def _records(content: bytes) -> tuple[str | None, int | None]:
    """Name and size in an extended header, whose records are `LENGTH KEY=VALUE` and a newline."""
    name, size = None, None
    while content:
        length, _, _ = content.partition(b" ")
        if not len(length) < _number(length) <= len(content):
            raise CutShort("it is damaged")
        key, _, value = content[len(length) + 1 : int(length) - 1].partition(b"=")
        if key == b"path":
            name = _text(value)
        elif key == b"size":
            size = _number(value)
        content = content[int(length) :]
    return name, size


def _number(digits: bytes) -> int:
    """A number of bytes. Raises CutShort for one that no archive has."""
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise CutShort("it is damaged")
    return int(digits)


def _small(archive: Readable, size: int) -> bytes:
    if size > LARGEST_HEADER:
        raise CutShort(f"it has a name of {size:,} bytes")
    content = _exactly(archive, size)
    _exactly(archive, -size % BLOCK)
    return content


def _skip(archive: Readable, size: int) -> None:
    left = size + -size % BLOCK
    while left:
        left -= len(_exactly(archive, min(left, _SKIPPED_AT_A_TIME)))


def _exactly(archive: Readable, size: int) -> bytes:
    content = archive.read(size) if size else b""
    if len(content) != size:
        raise CutShort("it is cut off")
    return content


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
