"""`arena import snakebench`: tables that account for everything, or one document; exit codes."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.importers.snakebench.makers import make, new_id
from arena_pipeline_tests.importers.snakebench.small_history import DOCUMENTS, write_history


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return write_history(tmp_path / "history")


def test_a_history_comes_in_from_an_empty_data_folder(
    arena: Arena, fresh_dir: Path, history: Path
) -> None:
    ran = arena("import", "snakebench", history, "--workers", 1)

    assert ran.code == 0
    assert f"{DOCUMENTS - 2} documents of {DOCUMENTS} imported" in ran.out
    assert "damaged.json" in ran.out
    assert "Rejected" in ran.out
    assert "header_only" in ran.out


def test_a_second_import_says_that_there_is_nothing_new(
    arena: Arena, fresh_dir: Path, history: Path
) -> None:
    arena("import", "snakebench", history, "--workers", 1)

    ran = arena("import", "snakebench", history, "--workers", 1)

    assert ran.code == 0
    assert f"Nothing new: {DOCUMENTS} documents read" in ran.out


def test_with_json_the_report_is_the_document_and_adds_up(
    arena: Arena, fresh_dir: Path, history: Path
) -> None:
    report = arena("import", "snakebench", history, "--json", "--workers", 1).document

    for what in ("documents", "participants"):
        for counts in report[what].values():
            assert counts.pop("found") == sum(counts.values())
    assert report["names"]["by_rule"]["unresolved"] > 0
    assert len(report["rejected"]) == 2


def test_a_dry_run_leaves_the_arena_as_it_is(arena: Arena, played_dir: Path, history: Path) -> None:
    def files() -> set[Path]:
        return {path for path in played_dir.rglob("*") if path.is_file() and "-" not in path.suffix}

    before = files()

    ran = arena("import", "snakebench", history, "--dry-run", "--workers", 1)

    assert ran.code == 0
    assert "would be imported; nothing was written" in ran.out
    assert files() == before
    assert arena("import", "snakebench", history, "--json").document["documents"]["all"][
        "imported"
    ] == (DOCUMENTS - 2)


def test_what_is_not_there_is_one_sentence(arena: Arena, fresh_dir: Path, tmp_path: Path) -> None:
    ran = arena("import", "snakebench", tmp_path / "nowhere")

    assert (ran.code, ran.out) == (1, "")
    assert f"There is no file or folder {tmp_path / 'nowhere'}" in ran.err


def test_without_a_path_it_is_a_wrong_call(arena: Arena, fresh_dir: Path) -> None:
    assert arena("import", "snakebench").code == 2


def test_hostile_names_reach_the_screen_harmless(
    arena: Arena, fresh_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "a.json").write_bytes(make("v0a", 1, names=("\x1b[31mred", "[bold]b[/bold]")))
    (folder / "\x1b[2J.json").write_text("[]")

    ran = arena("import", "snakebench", folder, "--workers", 1)

    assert ran.code == 0
    assert "\x1b[2J" not in ran.out + ran.err
    assert "\x1b[31m" not in ran.out + ran.err
    assert new_id(1) not in ran.err
