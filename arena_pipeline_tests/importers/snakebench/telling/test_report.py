"""Every document is accounted for, and a second import finds nothing new."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.reading.sources import NothingToImport
from arena_pipeline.importers.snakebench.telling.report import (
    Counts,
    NotAccountedFor,
    last_report,
    report_file,
)
from arena_pipeline.registry.acts.audit import By, audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import AuditEntry, Match
from arena_pipeline_tests.importers.snakebench.conftest import Import
from arena_pipeline_tests.importers.snakebench.imported import everything
from arena_pipeline_tests.importers.snakebench.looking import count
from arena_pipeline_tests.importers.snakebench.makers import make, new_id
from arena_pipeline_tests.importers.snakebench.small_history import DOCUMENTS, write_history


def test_a_second_run_imports_nothing_and_changes_nothing(
    store: Store, replay_dir: Path, tmp_path: Path, take: Import
) -> None:
    folder = write_history(tmp_path / "history")
    first = take(folder)
    left = everything(store, replay_dir)
    acts = count(store, AuditEntry)

    again = take(folder)

    assert first.all_documents == Counts(found=DOCUMENTS, imported=DOCUMENTS - 2, rejected=2)
    assert again.all_documents == Counts(found=DOCUMENTS, already_present=DOCUMENTS - 2, rejected=2)
    assert again.all_participants == Counts(
        found=first.all_participants.found, already_present=first.all_participants.found
    )
    assert again.rejected == first.rejected
    assert not again.changed
    assert everything(store, replay_dir) == left
    assert count(store, AuditEntry) == acts


def test_an_import_is_in_the_audit_by_who_made_it(
    store: Store, tmp_path: Path, take: Import
) -> None:
    take(write_history(tmp_path / "history"), by=By("anna"))

    entry = audit(store)[0]
    assert (entry.actor, entry.action, entry.subject) == ("anna", "import", "snakebench")
    assert (entry.after or {})["imported"] == DOCUMENTS - 2


def test_a_dry_run_tells_the_same_and_writes_nothing(
    store: Store, replay_dir: Path, tmp_path: Path, take: Import
) -> None:
    folder = write_history(tmp_path / "history")
    left, files = everything(store, replay_dir), sorted(tmp_path.rglob("*"))

    foreseen = take(folder, dry_run=True)

    assert everything(store, replay_dir) == left
    assert [path for path in sorted(tmp_path.rglob("*")) if "-" not in path.suffix] == [
        path for path in files if "-" not in path.suffix
    ]
    done = take(folder)
    assert (foreseen.documents, foreseen.participants) == (done.documents, done.participants)
    assert (foreseen.verification, foreseen.flags) == (done.verification, done.flags)
    again = take(folder, dry_run=True)
    assert not again.all_documents.imported


def test_the_report_is_kept_as_the_document_it_is(
    replay_dir: Path, tmp_path: Path, take: Import
) -> None:
    assert last_report(replay_dir) is None

    report = take(write_history(tmp_path / "history"))

    kept = last_report(replay_dir)
    assert kept == json.loads(json.dumps(report.to_json()))
    assert kept is not None
    assert kept["documents"]["all"]["found"] == DOCUMENTS
    assert [path.name for path in report_file(replay_dir).parent.iterdir()] == ["snakebench.json"]


def test_a_file_of_lines_without_a_game_is_one_rejected_document(
    history: Path, take: Import
) -> None:
    (history / "rows.jsonl").write_text('{"a": 1}\n{"b": 2}\nno JSON\n')
    (history / "headers.jsonl").write_bytes(make("header", 1) + b'\n{"a": 1}\n')

    report = take(history)

    assert [Path(one.path).name for one in report.rejected] == ["headers.jsonl:2", "rows.jsonl"]
    assert report.all_documents == Counts(found=3, imported=1, rejected=2)
    assert "none of its 3 lines is a game" in report.rejected[1].reason


def test_where_nothing_can_be_read_the_import_says_so(history: Path, take: Import) -> None:
    (history / "x.json").write_text("[]")

    with pytest.raises(NothingToImport, match=r"Nothing could be read.*x\.json"):
        take(history)


def test_a_match_the_store_refuses_is_rejected_and_the_others_go_on(
    store: Store, history: Path, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (history / f"{number}.json").write_bytes(make("v0a", number))
    with store.write() as connection:
        connection.exec_driver_sql(_REFUSING[store.is_sqlite].replace("UUID", new_id(1)))

    report = take(history)

    assert report.all_documents == Counts(found=3, imported=2, rejected=1)
    assert "the store refuses it" in report.rejected[0].reason
    assert count(store, Match) == 2


_REFUSING = {
    True: "CREATE TRIGGER no BEFORE INSERT ON matches WHEN NEW.uuid = 'UUID' "
    "BEGIN SELECT RAISE(ABORT, 'no'); END",
    False: "ALTER TABLE matches ADD CONSTRAINT no CHECK (uuid <> 'UUID')",
}


def test_an_account_that_does_not_add_up_is_no_report(take: Import) -> None:
    from arena_pipeline.importers.snakebench.naming.people import NamesReport
    from arena_pipeline.importers.snakebench.telling.report import Account, Fate

    account = Account()
    account.found("v0a", 2)
    account.became(Fate.IMPORTED, "v0a", 1)

    with pytest.raises(NotAccountedFor, match="participants of layout v0a"):
        account.report(datetime.now(UTC), 1.0, dry_run=False, people=NamesReport({}))
