import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena_pipeline.operations.backup.placing import clear_folder, move_folder, move_new
from arena_pipeline_tests.operations.backup.filled import files_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file and a folder in it."""
    folder = tmp_path / "source"
    (folder / "deep").mkdir(parents=True)
    (folder / "file").write_text("a")
    (folder / "deep" / "file").write_text("b")
    return folder


@contextmanager
def other_disk(folder: Path) -> Iterator[None]:
    """A file system of its own at `folder`. Skips where this process may not mount one."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_file_moves_to_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    move_new(tmp_path / "a", tmp_path / "b")

    assert files_in(tmp_path) == {"b": b"new"}


def test_a_file_never_moves_over_another(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")

    with pytest.raises(FileExistsError):
        move_new(tmp_path / "a", tmp_path / "b")

    assert files_in(tmp_path) == {"a": b"new", "b": b"old"}


def test_a_folder_moves_to_none_or_an_empty_one(folder: Path, tmp_path: Path) -> None:
    before = files_in(folder)
    (tmp_path / "empty").mkdir()

    move_folder(folder, tmp_path / "empty")
    move_folder(tmp_path / "empty", tmp_path / "none")

    assert files_in(tmp_path / "none") == before


def test_a_folder_never_moves_into_a_full_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")

    with pytest.raises(OSError, match="not empty"):
        move_folder(folder, tmp_path / "full")

    assert files_in(tmp_path / "full") == {"x": b"mine"}


def test_files_and_folders_move_onto_another_disk(folder: Path, tmp_path: Path) -> None:
    before = files_in(folder)
    (tmp_path / "a").write_text("new")
    with other_disk(tmp_path / "disk"):
        move_folder(folder, tmp_path / "disk")
        move_new(tmp_path / "a", tmp_path / "disk" / "b")
        assert files_in(tmp_path / "disk") == {**before, "b": b"new"}

        clear_folder(tmp_path / "disk")
        assert files_in(tmp_path / "disk") == {}


def test_clearing_a_folder_removes_it_and_what_links_lead_to_stays(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("mine")
    (folder / "link").symlink_to(tmp_path / "outside")

    clear_folder(folder)
    clear_folder(folder)

    assert files_in(tmp_path) == {"outside/x": b"mine"}
