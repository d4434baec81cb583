"""Files that are not those of the manifest, and folders that are no warehouse."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from arena_pipeline.warehouse.auditing import AuditError, audit
from arena_pipeline.warehouse.auditing.folder import published_folder


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    (folder / "prompts" / "part-0.parquet").unlink()

    found = audit(folder)

    assert found.faults == ("prompts/part-0.parquet is missing",)
    assert not found.is_sound


def test_an_altered_file_is_named_though_no_number_differs(folder: Path) -> None:
    with (folder / "agents" / "part-0.parquet").open("ab") as file:
        file.write(b"\0")

    found = published_folder(folder)

    assert found.faults == [
        "agents/part-0.parquet was altered: its SHA-256 is not the one in manifest.json"
    ]


def test_a_file_that_the_manifest_does_not_name_is_told_and_not_read(folder: Path) -> None:
    strange = folder / "matches" / "month=1999-01" / "part-0.parquet"
    strange.parent.mkdir()
    strange.write_bytes(b"no Parquet at all")

    found = audit(folder)

    assert found.faults == ("matches/month=1999-01/part-0.parquet is not in manifest.json",)
    assert all(one.parted == 0 for one in found.ladders)


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "matches/x", "", "a\0b"])
def test_a_manifest_that_names_what_is_no_file_of_a_table_leads_nowhere(
    folder: Path, name: str
) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"]["agents"][0]["file"] = name
    (folder / "manifest.json").write_text(json.dumps(manifest))

    found = audit(folder)

    assert found.faults == (
        f"manifest.json names {name!r}, which is no file of agents",
        "agents/part-0.parquet is not in manifest.json",
    )


@pytest.mark.parametrize("month", ["../../..", "2026-11/../../x"])
def test_a_month_that_is_a_path_leads_nowhere(folder: Path, month: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    part = manifest["tables"]["matches"][0]
    part["month"], part["file"] = month, f"matches/month={month}/part-0.parquet"
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert "which is no file of matches" in audit(folder).faults[0]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"format": "other"}'])
def test_a_damaged_manifest_is_a_fault_and_the_numbers_are_looked_at(
    folder: Path, content: bytes
) -> None:
    (folder / "manifest.json").write_bytes(content)

    found = audit(folder)

    assert "manifest.json can't be used" in found.faults[0]
    assert {one.parted for one in found.ladders} == {0}


def test_a_manifest_of_another_time_is_a_fault(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["built_at"] = "yesterday"
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert "manifest.json can't be used" in audit(folder).faults[0]


def _empty(path: Path) -> None:
    path.mkdir()


def _file(path: Path) -> None:
    path.write_text("not a folder")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _stranger(path: Path) -> None:
    (path / "photos").mkdir(parents=True)
    (path / "photos" / "cat.parquet").write_bytes(b"")


@pytest.mark.parametrize("make", [lambda path: None, _empty, _file, _loop, _stranger])
def test_what_is_no_published_warehouse_is_refused_in_a_sentence(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "published"
    make(path)

    with pytest.raises(AuditError, match="published"):
        audit(path)


def test_without_the_ladders_nothing_can_be_said(folder: Path) -> None:
    (folder / "ladders" / "part-0.parquet").unlink()

    with pytest.raises(AuditError, match="without the ladders there are no rules"):
        audit(folder)
