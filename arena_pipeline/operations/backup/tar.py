"""The blocks of a backup's archive: plain tar (ustar) with nothing left to choice.

Each member is a regular file with mode 0644, owner 0 and the time of the backup; the end is two
blocks of zeros. A header therefore follows from name, size and time alone, and one that holds
anything else is damaged: so is any other bit of the archive, padding included. Every `tar` can list
and unpack it.

Which members there are and in which order is in `manifest`.
"""

from dataclasses import dataclass

BLOCK = 512
END = b"\0" * (2 * BLOCK)

LONGEST_NAME, LONGEST_PREFIX = 100, 155
_MOST_OCTAL = 8**11


class NameTooLong(ValueError):
    """A name that no header can hold."""


class BadHeader(ValueError):
    """A block that is no header of ours."""


@dataclass(frozen=True, slots=True)
class Header:
    """A member's name, size in bytes and time in seconds since 1970."""

    name: str
    size: int
    time: int

    def to_bytes(self) -> bytes:
        """The one block that says so. Raises NameTooLong."""
        prefix, name = _split(self.name.encode())
        size = (
            b"%011o\0" % self.size
            if self.size < _MOST_OCTAL
            else b"\x80" + self.size.to_bytes(11, "big")  # how GNU tar writes what is larger
        )
        start = b"%b0000644\x000000000\x000000000\x00%b%011o\0" % (
            name.ljust(LONGEST_NAME, b"\0"),
            size,
            self.time,
        )
        rest = b"0%b%b%b%b" % (
            b"\0" * 100,
            b"ustar\x0000".ljust(72, b"\0"),
            b"0000000\x000000000\x00",
            prefix.ljust(LONGEST_PREFIX, b"\0"),
        )
        checksum = sum(start) + sum(rest) + 8 * ord(" ")
        return (b"%b%06o\0 %b" % (start, checksum, rest)).ljust(BLOCK, b"\0")

    @classmethod
    def of(cls, block: bytes) -> "Header":
        """What a block says. Raises BadHeader unless it is exactly what `to_bytes` writes."""
        try:
            name = block[:100].rstrip(b"\0").decode()
            prefix = block[345:500].rstrip(b"\0").decode()
            size = (
                int.from_bytes(block[125:136], "big")
                if block[124] == 0x80
                else int(block[124:135], 8)
            )
            header = cls(f"{prefix}/{name}" if prefix else name, size, int(block[136:147], 8))
            if header.to_bytes() == block:
                return header
        except (ValueError, IndexError) as error:
            raise BadHeader from error
        raise BadHeader


def padding(size: int) -> int:
    """Zeros that follow `size` bytes of content, up to the next block."""
    return -size % BLOCK


def _split(name: bytes) -> tuple[bytes, bytes]:
    """The name cut at a slash so that both parts fit their fields."""
    if len(name) <= LONGEST_NAME:
        return b"", name
    cut = name.rfind(b"/", 0, LONGEST_PREFIX + 1)
    if cut < 1 or len(name) - cut - 1 > LONGEST_NAME:
        raise NameTooLong
    return name[:cut], name[cut + 1 :]
