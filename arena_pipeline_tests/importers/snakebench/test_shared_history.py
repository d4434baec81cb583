"""The whole published history comes in: every document and participant is accounted for."""

from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.telling.report import Counts, ImportReport
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "snakebench"


@pytest.fixture(scope="module")
def imported(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> "tuple[Store, Path, ImportReport]":
    root = tmp_path_factory.mktemp("history")
    store = open_store(f"sqlite:///{root / 'arena.sqlite3'}")
    migrate(store)
    ensure_defaults(store)
    replays = root / "replays"
    return store, replays, import_history(store, replays, [folder])


def test_every_document_and_participant_is_accounted_for(
    imported: tuple[Store, Path, ImportReport],
) -> None:
    report = imported[2]

    assert report.all_documents == Counts(
        found=7571, imported=3761, already_present=1, superseded=3804, rejected=5
    )
    assert report.all_participants.rejected == report.all_participants.already_present == 0
    assert report.all_participants.found == 15_114
    assert [Path(one.path).name for one in report.rejected] == [
        "golden_normalised_3577.jsonl",
        "legacy_name_mapping.json",
        "model_list.yaml",
        "INDEX.json",
        "malformed_concatenated__97c1dad4-3905-4d29-a781-f7a9691f063d.json",
    ]


def test_no_game_is_left_without_a_verdict_and_none_is_unexplained(
    imported: tuple[Store, Path, ImportReport],
) -> None:
    report = imported[2]

    assert sum(report.verification.values()) == report.all_documents.imported - 14
    assert "unexplained" not in report.verification
    assert report.verification["header_only"] == 2


def test_the_ladders_are_what_their_matches_give(
    imported: tuple[Store, Path, ImportReport],
) -> None:
    store = imported[0]

    assert compare(store, "snakebench") == compare(store, "snake") == []


def test_a_second_import_finds_nothing_new(
    imported: tuple[Store, Path, ImportReport], folder: Path
) -> None:
    store, replays, first = imported

    again = import_history(store, replays, [folder])

    assert not again.changed
    assert again.all_documents.found == first.all_documents.found
    assert again.all_participants.found == first.all_participants.found
