"""`arena import snakebench`: tables that account for everything, or one document; exit codes."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.importers.snakebench.makers import make, new_id
from arena_pipeline_tests.importers.snakebench.small_history import DOCUMENTS, NAMES, write_history


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
    assert f"It would be: {DOCUMENTS - 2} documents of {DOCUMENTS} imported." in ran.out
    assert "Nothing was written" in ran.out
    assert files() == before
    assert arena("import", "snakebench", history, "--json").document["documents"]["all"][
        "imported"
    ] == (DOCUMENTS - 2)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_dry_run_needs_no_arena_and_makes_none(
    arena: Arena, tmp_path: Path, history: Path, is_there: bool
) -> None:
    folder = tmp_path / "no arena"
    if is_there:
        folder.mkdir()
        (folder / "arena.sqlite3").touch()
    before = sorted(folder.rglob("*"))

    ran = arena("import", "snakebench", history, "--dry-run", "--workers", 1, "--data-dir", folder)

    assert ran.code == 0
    assert f"{DOCUMENTS - 2} documents of {DOCUMENTS}" in ran.out
    assert "no arena yet" in ran.err
    assert (sorted(folder.rglob("*")), folder.exists()) == (before, is_there)
    assert all(path.stat().st_size == 0 for path in before)


def test_documents_are_called_as_they_were_named(
    arena: Arena, fresh_dir: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(history.parent)
    alone = arena("import", "snakebench", history, "--dry-run", "--workers", 1)
    (history.parent / "other.txt").touch()

    several = arena("import", "snakebench", "history", "other.txt", "--dry-run", "--workers", 1)

    assert " notes.md " in alone.out
    assert " history/notes.md " in several.out
    assert " other.txt " in several.out
    assert str(history) not in alone.out + several.out


def test_superseded_documents_are_counted_by_what_took_their_place(
    arena: Arena, fresh_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "h.jsonl").write_bytes(make("header", 1))
    for name, layout in (("a", "v0b_native"), ("b", "v0b_native"), ("c", "v1_migrated")):
        (folder / f"{name}.json").write_bytes(make(layout, 1, start="2025-06-20T09:15:00.000003"))
    call = ("import", "snakebench", folder, "--dry-run", "--workers", 1)

    ran, document = arena(*call), arena(*call, "--json").document

    table = ran.out.partition("Superseded")[2]
    rows = [tuple(line.split("  ")) for line in map(str.strip, table.splitlines()) if "v0b" in line]
    assert [tuple(cell.strip() for cell in row if cell.strip()) for row in rows] == [
        ("header", "v0b_native", "1"),
        ("v0b_native", "same bytes", "1"),
        ("v1_migrated", "v0b_native", "1"),
    ]
    assert f"{folder}" not in ran.out
    assert {(Path(one["path"]).name, one["same_bytes"]) for one in document["superseded"]} == {
        ("h.jsonl:1", False), ("b.json", True), ("c.json", False),
    }  # fmt: skip


def test_a_run_that_only_moves_names_says_what_moved(
    arena: Arena, fresh_dir: Path, history: Path, tmp_path: Path
) -> None:
    arena("import", "snakebench", history, "--workers", 1)
    listed = tmp_path / "list.yaml"
    listed.write_text(
        f"models:\n- {{name: {NAMES[0]}, model_name: vendor-a/mini-1, provider: openrouter}}\n",
        encoding="utf-8",
    )
    call = ("import", "snakebench", history, "--models", listed, "--workers", 1)

    foreseen = arena(*call, "--dry-run")
    ran = arena(*call)

    assert "1 name moved to another model. Nothing was written" in foreseen.out
    assert f"No new document among {DOCUMENTS}; 1 name moved to another model with 6 match" in (
        ran.out
    )
    assert "Nothing new" in arena(*call).out


def test_a_list_of_models_that_is_not_there_is_named(
    arena: Arena, fresh_dir: Path, history: Path, tmp_path: Path
) -> None:
    ran = arena("import", "snakebench", history, "--models", tmp_path / "none.yaml")

    assert ran.code == 1
    assert f"{tmp_path / 'none.yaml'}" in ran.err
    assert "ARENA_MODELS_FILE" not in ran.err


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
