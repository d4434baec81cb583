import random
from datetime import UTC, datetime

import pytest

from arena_pipeline.operations.backup.manifest import (
    LeftOut,
    Manifest,
    StoreFacts,
    is_name,
    place_in_order,
    read_manifest,
)

MANIFEST = Manifest(
    made_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    program="0.1.0",
    store=StoreFacts("sqlite", "0004", 4096, 3),
    members={"FORMAT": 1, "replays": 3},
    left_out=1,
    named=(LeftOut("replays/x", "missing"),),
    sums="0" * 64,
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    found = read_manifest(MANIFEST.to_bytes())

    assert found.to_bytes() == MANIFEST.to_bytes()
    assert (found.store, found.named) == (MANIFEST.store, MANIFEST.named)


def test_no_byte_of_a_manifest_can_be_another() -> None:
    content = MANIFEST.to_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1

        with pytest.raises(
            ValueError, match=r"digest|JSON|expected|Expected|invalid|Invalid|missing|truncated"
        ):
            read_manifest(bytes(changed))


@pytest.mark.parametrize(
    "name",
    [
        "replays/../../etc/passwd", "/etc/passwd", "replays//x", "replays/./x", "replays", "other",
        "replays/a\\b", "replays/\x1b[2J", "catalog/", "store.sqlite3", "FORMAT/x", "",
    ],
)  # fmt: skip
def test_names_that_lead_out_or_belong_to_nothing_are_none(name: str) -> None:
    assert not is_name(name)


def test_members_come_in_one_order() -> None:
    ordered = [
        "FORMAT", "store.sqlite3.zst", "models.yaml", "catalog/a", "archive/a/b", "replays/2026/a",
        "replays/2026/b", "SHA256SUMS", "manifest.json",
    ]  # fmt: skip

    shuffled = random.Random(1).sample(ordered, len(ordered))

    assert sorted(shuffled, key=place_in_order) == ordered
    assert all(is_name(name) for name in ordered)
