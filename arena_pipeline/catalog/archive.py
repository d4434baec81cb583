"""Keeping fetched catalogs as files: compressed, named by their content, whole or not there.

The name of a file is the SHA-256 of the bytes in it, so that the same catalog is kept once, and
refused ones too.
"""

import hashlib
import os
import re
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import zstandard

from arena_pipeline.catalog.errors import CatalogUnreadable
from arena_pipeline.errors import StoreError

SUFFIX = ".json.zst"

MOST_BYTES = 50_000_000
"""Largest catalog read from a file, where nobody says otherwise."""

_TIME_IN_NAME = re.compile(
    r"(?<![0-9A-Za-z])(20\d\d)([-_]?)(\d\d)\2(\d\d)(?!\d)(?:[T_ -](\d\d)[:_-]?(\d\d)(?!\d))?"
)


def keep(folder: Path, body: bytes) -> Path:
    """Write `body` into `folder` and return the file; the same bytes again change nothing.

    A process killed in between leaves a hidden temporary file at most, never half a catalog. Raises
    StoreError if the folder can't be written.
    """
    target = folder / f"{hashlib.sha256(body).hexdigest()}{SUFFIX}"
    if target.exists():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(target, zstandard.ZstdCompressor(level=3).compress(body))
    except OSError as error:
        raise StoreError(f"Can't keep the catalog in {folder}: {error.strerror}") from error
    return target


def load(file: Path, max_bytes: int = MOST_BYTES) -> bytes:
    """The bytes of a kept catalog, or of a plain JSON file: never more than `max_bytes` of either.

    Raises CatalogUnreadable naming what is wrong with it.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise CatalogUnreadable(f"The catalog {file} is not a regular file; save it as one")
        with file.open("rb") as opened:
            content = _limited(opened, file, max_bytes)
        return _unpacked(content, file, max_bytes) if file.name.endswith(".zst") else content
    except OSError as error:
        raise CatalogUnreadable(f"Can't read the catalog file {file}: {error.strerror}") from error
    except zstandard.ZstdError as error:
        raise CatalogUnreadable(f"The catalog file {file} is damaged: {error}") from error


def time_of(file: Path) -> datetime:
    """When the catalog in `file` was fetched: date (and hour and minute) in its name as UTC, else
    its own time stamp.
    """
    for year, _, month, day, hour, minute in _TIME_IN_NAME.findall(file.name):
        try:
            return datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC
            )
        except ValueError:
            continue
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        raise CatalogUnreadable(f"Can't read the catalog file {file}: {error.strerror}") from error


def _unpacked(packed: bytes, file: Path, max_bytes: int) -> bytes:
    content = _limited(zstandard.ZstdDecompressor().stream_reader(packed), file, max_bytes)
    # The reader takes the end of a file that was cut off for the end of its content.
    if zstandard.frame_content_size(packed) not in (-1, len(content)):
        raise CatalogUnreadable(f"The catalog file {file} is damaged: its end is missing")
    return content


def _limited(reader: BinaryIO, file: Path, max_bytes: int) -> bytes:
    content = reader.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise CatalogUnreadable(
            f"The catalog file {file} holds more than {max_bytes / 1e6:g} MB; "
            "a real one that is larger needs a higher ARENA_CATALOG_MAX_MB"
        )
    return content


def _write_whole(target: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".catalog-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
