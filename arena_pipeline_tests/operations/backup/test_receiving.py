"""A store that is unpacked says how large it is, and is held to it."""

import random
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.operations.backup import BackupError
from arena_pipeline.operations.backup.receiving import StoreUnpacker

SAYS, HOLDS = 1_000_000, 4_000_000
"""Bytes; more than the window that zstd keeps, within which it notices by itself."""


class Scales:
    """A place that only weighs what comes."""

    def __init__(self) -> None:
        self.weight = 0

    def write(self, chunk: bytes, /) -> None:
        self.weight += len(chunk)


def packed() -> bytes:
    content = random.Random(1).randbytes(HOLDS)
    return zstandard.ZstdCompressor(level=1).compress(content)


def bomb() -> bytes:
    """A frame whose header says less than it holds."""
    frame = packed()
    said = HOLDS.to_bytes(4, "little")
    assert frame[:20].count(said) == 1
    return frame.replace(said, SAYS.to_bytes(4, "little"), 1)


def test_a_store_that_unpacks_to_more_than_it_says_is_stopped_at_once() -> None:
    place = Scales()
    unpacker = StoreUnpacker(Path("x.tar"), place, 10 * HOLDS)

    with pytest.raises(BackupError, match=r"x\.tar.*unpacks to more than it says"):
        unpacker.write(bomb())

    assert place.weight <= SAYS


def test_a_store_that_says_more_than_is_free_is_not_begun() -> None:
    place = Scales()

    with pytest.raises(BackupError, match="make room"):
        StoreUnpacker(Path("x.tar"), place, HOLDS - 1).write(packed())

    assert place.weight == 0


def test_a_store_is_unpacked_as_it_was() -> None:
    place = Scales()
    unpacker = StoreUnpacker(Path("x.tar"), place, HOLDS)

    unpacker.write(packed())
    unpacker.finish()

    assert place.weight == HOLDS
