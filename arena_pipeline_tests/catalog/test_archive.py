import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.errors import CatalogUnreadable
from arena_pipeline.errors import StoreError


def test_a_catalog_is_kept_byte_for_byte(tmp_path: Path) -> None:
    content = b'{"data": []}' * 1000

    file = archive.keep(tmp_path / "catalog", content)

    assert archive.load(file) == content
    assert file.stat().st_size < len(content)


def test_the_same_catalog_is_kept_once_and_nothing_else_lies_there(tmp_path: Path) -> None:
    assert archive.keep(tmp_path, b"one") == archive.keep(tmp_path, b"one")
    archive.keep(tmp_path, b"two")

    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cant_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match=r"Can't keep the catalog in .*catalog"):
        archive.keep(tmp_path / "catalog", b"one")


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    file = archive.keep(tmp_path, b"one" * 100)
    file.write_bytes(file.read_bytes()[:10])

    with pytest.raises(CatalogUnreadable, match="is damaged"):
        archive.load(file)
    with pytest.raises(CatalogUnreadable, match="No such file"):
        archive.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize("name", ["large.json", "large.json.zst"])
def test_no_more_is_read_than_may_be(tmp_path: Path, name: str) -> None:
    content = b"x" * 1_000_000
    file = tmp_path / name
    file.write_bytes(zstandard.compress(content) if name.endswith(".zst") else content)

    assert archive.load(file, max_bytes=len(content)) == content
    with pytest.raises(CatalogUnreadable, match=r"more than 0.5 MB; .*ARENA_CATALOG_MAX_MB"):
        archive.load(file, max_bytes=500_000)


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_at_the_limit(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compressobj()
    bomb = b"".join(packed.compress(b" " * 1_000_000) for _ in range(200)) + packed.flush()
    (tmp_path / "bomb.json.zst").write_bytes(bomb)

    with pytest.raises(CatalogUnreadable, match="holds more than 50 MB"):
        archive.load(tmp_path / "bomb.json.zst")


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")

    for nothing_to_read in (Path("/dev/zero"), tmp_path / "pipe.json", tmp_path):
        with pytest.raises(CatalogUnreadable, match="is not a regular file"):
            archive.load(nothing_to_read)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2026-08-18.json", datetime(2026, 8, 18, tzinfo=UTC)),
        ("models_20260818.json", datetime(2026, 8, 18, tzinfo=UTC)),
        ("2026-01-15T22-18.json", datetime(2026, 1, 15, 22, 18, tzinfo=UTC)),
    ],
)
def test_the_time_of_a_catalog_is_in_its_name(name: str, moment: datetime) -> None:
    assert archive.time_of(Path(name)) == moment


@pytest.mark.parametrize("name", ["models.json", "2026-13-45.json", "a20260818b.json"])
def test_without_a_date_in_its_name_the_time_stamp_counts(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("{}")

    assert archive.time_of(file) == datetime.fromtimestamp(file.stat().st_mtime, UTC)
