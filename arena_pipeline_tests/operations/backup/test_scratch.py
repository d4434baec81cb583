from pathlib import Path

import pytest

from arena_pipeline.operations.backup import BackupError
from arena_pipeline.operations.backup.scratch import clear_leftovers, scratch


def test_the_folder_is_beside_the_file_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path / "x.tar") as place:
        assert place.folder == tmp_path / "x.tar.part"
        place.archive.write_text("half")

    assert list(tmp_path.iterdir()) == []


def test_it_is_gone_after_a_failure_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch(tmp_path / "x.tar") as place:
        place.store.write_text(str(1 // 0))

    assert list(tmp_path.iterdir()) == []


def test_only_one_makes_a_file_at_a_time(tmp_path: Path) -> None:
    with scratch(tmp_path / "x.tar") as place:
        place.archive.write_text("half")
        with pytest.raises(BackupError, match=r"written to .*x\.tar"), scratch(tmp_path / "x.tar"):
            pass
        with scratch(tmp_path / "y.tar"):
            pass
        assert place.archive.read_text() == "half"


def test_what_a_killed_one_left_is_found_empty(tmp_path: Path) -> None:
    leftover = tmp_path / "x.tar.part"
    leftover.mkdir()
    (leftover / "archive.tar").write_text("half")

    with scratch(tmp_path / "x.tar") as place:
        assert [path.name for path in place.folder.iterdir()] == ["lock"]


def test_leftovers_are_cleared_away_and_what_is_at_work_stays(tmp_path: Path) -> None:
    (tmp_path / "old.tar.part").mkdir()
    (tmp_path / "notes.part").mkdir()
    (tmp_path / "film.tar.part").mkdir()
    (tmp_path / "film.tar.part" / "mine").touch()

    with scratch(tmp_path / "new.tar") as place:
        assert clear_leftovers(tmp_path, "*.tar") == [tmp_path / "old.tar.part"]
        assert place.folder.is_dir()

    assert {path.name for path in tmp_path.iterdir()} == {"notes.part", "film.tar.part"}
    assert [path.name for path in (tmp_path / "film.tar.part").iterdir()] == ["mine"]
