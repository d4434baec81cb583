"""`arena backup` and `arena restore`."""

from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.cli.conftest import MATCHES, MODELS_FILE, Arena


@pytest.fixture
def file(arena: Arena, played_dir: Path, tmp_path: Path) -> Path:
    """A backup of the arena in force."""
    assert arena("backup", tmp_path / "x.tar").code == 0
    return tmp_path / "x.tar"


def test_a_backup_tells_where_it_is_and_what_is_in_it(
    arena: Arena, played_dir: Path, tmp_path: Path
) -> None:
    ran = arena("backup", tmp_path / "x.tar")

    assert (ran.code, ran.err) == (0, "")
    assert f"The backup is {tmp_path / 'x.tar'}" in ran.out
    assert f"matches          {MATCHES}" in ran.out


def test_a_backup_nobody_named_goes_to_the_folder_for_backups(
    arena: Arena, played_dir: Path
) -> None:
    ran = arena("backup", "--json")

    [made] = (played_dir / "backups").iterdir()
    assert ran.document["file"] == str(made)
    assert ran.document["bytes"] == made.stat().st_size
    assert ran.document["manifest"]["store"]["matches"] == MATCHES


def test_a_file_that_is_there_is_kept_unless_told_otherwise(arena: Arena, file: Path) -> None:
    before = file.read_bytes()

    ran = arena("backup", file)

    assert ran.code == 1
    assert f"There is a {file} already" in ran.err
    assert file.read_bytes() == before
    assert arena("backup", file, "--overwrite").code == 0


def test_a_file_left_out_is_named(arena: Arena, played_store: Store, tmp_path: Path) -> None:
    with played_store.read() as connection:
        path = connection.scalar(select(Match.replay_path).limit(1))
    (Settings.load().replay_dir / str(path)).unlink()

    ran = arena("backup", tmp_path / "x.tar")

    assert ran.code == 0
    assert "1 file of the arena could not be taken along" in ran.err
    assert f"replays/{path}" in ran.out


def test_checking_reads_a_backup_and_writes_nothing(arena: Arena, file: Path) -> None:
    ran = arena("backup", "--check", file)

    assert ran.code == 0
    assert "is whole: every byte was checked" in ran.out
    assert arena("backup", "--check", file, "--json").document["sound"] is True


def test_checking_a_damaged_backup_fails_and_names_it(arena: Arena, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-3000] ^= 1
    file.write_bytes(content)

    ran = arena("backup", "--check", file, "--json")

    assert ran.code == 1
    assert f"The backup {file} is altered" in ran.document["error"]


def test_checking_needs_a_file(arena: Arena) -> None:
    ran = arena("backup", "--check")

    assert ran.code == 2
    assert "--check needs the FILE of a backup" in ran.err


def test_an_arena_that_is_not_there_has_no_backup(
    arena: Arena, fresh_dir: Path, tmp_path: Path
) -> None:
    ran = arena("backup", tmp_path / "x.tar")

    assert ran.code == 1
    assert "There is no arena in" in ran.err


def test_a_restored_arena_works_on(arena: Arena, file: Path, tmp_path: Path) -> None:
    before = arena("leaderboard", "--json").document

    ran = arena("restore", file, "--data-dir", tmp_path / "new")

    assert ran.code == 0
    assert str(tmp_path / "new") in ran.out
    assert "Dagster's own records" in ran.err
    there = ("--data-dir", tmp_path / "new")
    assert arena("leaderboard", "--json", *there).document == before
    assert f"{MATCHES} matches verified, 0 failed" in arena("verify", *there).out
    assert "Nothing changed" in arena("recompute", *there).out
    assert "restore" in arena("audit", *there).out


def test_a_restore_tells_its_result_as_json(arena: Arena, file: Path, tmp_path: Path) -> None:
    document = arena("restore", file, "--data-dir", tmp_path / "new", "--json").document

    assert document["folder"] == str(tmp_path / "new")
    assert document["manifest"]["store"]["matches"] == MATCHES
    assert document["models_file"] == str(tmp_path / "new" / "models.yaml")


def test_a_models_file_that_says_something_else_is_told_of(
    arena: Arena, file: Path, models_file: Path, tmp_path: Path
) -> None:
    assert "ARENA_MODELS_FILE" not in arena("restore", file, "--data-dir", tmp_path / "same").err
    models_file.write_text(MODELS_FILE + "  - {alias: flood, policy: flood, title: Flood}\n")

    ran = arena("restore", file, "--data-dir", tmp_path / "new")

    assert f"ARENA_MODELS_FILE={tmp_path / 'new' / 'models.yaml'}" in ran.err


def test_a_restore_into_the_arena_itself_is_refused(
    arena: Arena, file: Path, played_dir: Path
) -> None:
    ran = arena("restore", file)

    assert ran.code == 1
    assert f"there is {played_dir / 'replays'}" in ran.err
    assert "Nothing was changed" in ran.err
