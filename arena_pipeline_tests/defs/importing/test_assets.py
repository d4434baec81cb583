"""The asset that takes in a history, over a small folder of its own."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from arena_pipeline.defs.resources import Arena
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED
from arena_pipeline.leaderboard.board import board
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Purpose
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import checks, failures, metadata
from arena_pipeline_tests.importers.snakebench.small_history import (
    DAMAGED,
    DOCUMENTS,
    NAMES,
    NO_GAME,
    REPLAYS,
    write_history,
)

MATCHES = REPLAYS + 1

SQLITE = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small history, in the folder that the settings name."""
    monkeypatch.setenv("ARENA_IMPORT_DIR", str(tmp_path / "history"))
    return write_history(tmp_path / "history")


def imported(store: Store) -> int:
    with store.read() as connection:
        query = select(func.count()).where(Match.purpose == Purpose.IMPORT)
        return connection.scalar(query) or 0


@SQLITE
def test_without_a_folder_it_says_which_setting_to_set_and_does_nothing(
    materialize: Materialize, store: Store
) -> None:
    result = materialize("imported_history")

    told = metadata(result, "imported_history")
    assert result.success
    assert "set ARENA_IMPORT_DIR" in told["notice"]
    assert told["dagster/row_count"] == 0
    assert set(checks(result).values()) == {(True, "Nothing was imported yet.")}
    assert imported(store) == 0


def test_a_history_comes_in_and_every_document_is_accounted_for(
    materialize: Materialize, store: Store, history: Path, arena: Arena
) -> None:
    result = materialize("imported_history")

    told = metadata(result, "imported_history")
    assert imported(store) == told["dagster/row_count"] == MATCHES
    assert {
        fate: told[f"documents {fate}"]
        for fate in ("found", "imported", "already present", "superseded", "rejected")
    } == {
        "found": DOCUMENTS, "imported": MATCHES + 1, "already present": 0, "superseded": 0,
        "rejected": 2,
    }  # fmt: skip
    assert told["participants found"] == told["participants imported"] == 2 * MATCHES
    rejected = told["rejected files"].splitlines()[2:]
    assert [line.partition(" | ")[0] for line in rejected] == [f"| {DAMAGED}", f"| {NO_GAME}"]
    assert "notice" not in told
    report = json.loads(Path(told["whole report"]).read_text(encoding="utf-8"))
    assert report["documents"]["all"]["found"] == DOCUMENTS


def test_it_shows_games_per_month_whose_names_they_are_and_both_ladders(
    materialize: Materialize, store: Store, history: Path
) -> None:
    told = metadata(materialize("imported_history"), "imported_history")

    assert told["games per month"].startswith("![chart](data:image/svg+xml;base64,")
    assert f"| verified | {REPLAYS} |" in told["verification"]
    assert "| header&#95;only | 1 |" in told["verification"]
    assert f"| unresolved | {len(NAMES)} |" in told["names by rule"]
    assert all(name in told["unresolved names"] for name in NAMES)
    for ladder in (AS_PUBLISHED, "snake"):
        seal = board(store, ladder).chain
        assert f"| {ladder} | {seal.epoch} | {seal.sequence} | {seal.head} |" in told["ladders"]
    assert "| snake | gateway&#95;faults | 1 |" in told["not rated"]


@SQLITE
def test_its_checks_pass_on_a_sound_history(materialize: Materialize, history: Path) -> None:
    found = checks(materialize("imported_history"))

    assert {name: passed for name, (passed, _) in found.items()} == {
        "every_document_accounted": True,
        "imported_matches_verified": True,
        "published_ladder_equals_recomputed": True,
    }
    assert f"{DOCUMENTS} documents and {2 * MATCHES} participants" in str(
        found["every_document_accounted"][1]
    )
    assert f"{REPLAYS} verified, 1 header_only" in str(found["imported_matches_verified"][1])


def test_a_second_run_finds_everything_present(
    materialize: Materialize, store: Store, history: Path
) -> None:
    materialize("imported_history")

    told = metadata(materialize("imported_history"), "imported_history")

    assert told["documents imported"] == 0
    assert told["documents already present"] == MATCHES + 1
    assert imported(store) == told["dagster/row_count"] == MATCHES


def test_what_lies_behind_the_matches_shows_imported_ones_too(
    materialize: Materialize, history: Path
) -> None:
    result = materialize("imported_history", "matches", "participants", "elo_ratings")

    assert result.success
    assert f"| import | {MATCHES} |" in metadata(result, "matches")["by purpose"]
    assert metadata(result, "participants")["dagster/row_count"] == 2 * MATCHES
    assert all(passed for passed, _ in checks(result).values())


@SQLITE
def test_a_folder_that_is_not_there_fails_with_a_sentence(
    materialize: Materialize, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARENA_IMPORT_DIR", str(tmp_path / "gone"))

    said = failures(materialize("imported_history"))["imported_history"]

    assert f"There is no file or folder {tmp_path / 'gone'}" in said


@SQLITE
def test_a_list_of_models_that_can_not_be_read_fails_with_a_sentence(
    materialize: Materialize,
    store: Store,
    history: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "list.yaml").write_text("models: [{name: 1", encoding="utf-8")
    monkeypatch.setenv("ARENA_IMPORT_MODELS", str(tmp_path / "list.yaml"))

    said = failures(materialize("imported_history"))["imported_history"]

    assert "list.yaml" in said
    assert imported(store) == 0


@SQLITE
def test_a_list_of_models_tells_whose_the_names_are(
    materialize: Materialize, history: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listed = f"models:\n- {{name: {NAMES[0]}, model_name: vendor-a/mini-1, provider: openrouter}}\n"
    (tmp_path / "list.yaml").write_text(listed, encoding="utf-8")
    before = metadata(materialize("imported_history"), "imported_history")
    monkeypatch.setenv("ARENA_IMPORT_MODELS", str(tmp_path / "list.yaml"))

    told = metadata(materialize("imported_history"), "imported_history")

    assert "| yaml | 1 |" in told["names by rule"]
    assert NAMES[0] not in told["unresolved names"]
    assert before["names that moved"] == "None."
    assert "| vendor-a/mini-1 | 6 |" in told["names that moved"]
