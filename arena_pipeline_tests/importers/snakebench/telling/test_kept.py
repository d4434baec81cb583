"""The newest report, read back."""

from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.naming.people import NamesReport
from arena_pipeline.importers.snakebench.telling.kept import BadReport, kept_report
from arena_pipeline.importers.snakebench.telling.report import (
    Account,
    Fate,
    keep_report,
    report_file,
)
from arena_pipeline_tests.agents import NOON


@pytest.fixture
def replay_dir(tmp_path: Path) -> Path:
    return tmp_path / "replays"


def keep(replay_dir: Path) -> None:
    account = Account()
    for layout, participants in (("v0a", 2), ("v1_native", 3)):
        account.found(layout, participants)
        account.became(Fate.IMPORTED, layout, participants)
    account.found("unknown")
    account.reject("a.json", "it is none")
    keep_report(account.report(NOON, 1.5, dry_run=False, people=NamesReport({})), replay_dir)


def test_a_report_comes_back_as_it_was_kept(replay_dir: Path) -> None:
    keep(replay_dir)

    kept = kept_report(replay_dir)

    assert kept is not None
    assert kept.at == NOON
    assert (kept.documents["all"].found, kept.participants["all"].found) == (3, 5)
    assert kept.unaccounted == []


def test_a_report_whose_parts_are_not_the_whole_says_which(replay_dir: Path) -> None:
    keep(replay_dir)
    file = report_file(replay_dir)
    text = file.read_text()
    file.write_text(text.replace('"imported": 3', '"imported": 2'))

    kept = kept_report(replay_dir)

    assert kept is not None
    [sentence] = kept.unaccounted
    assert sentence == (
        "Participants of layout v1_native: 3 found, but 2 imported, 0 already present, "
        "0 superseded and 0 rejected"
    )


def test_where_nothing_was_imported_there_is_none(replay_dir: Path) -> None:
    assert kept_report(replay_dir) is None


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"at": 1}', b"\xff"])
def test_a_damaged_one_is_named_with_what_to_do(replay_dir: Path, content: bytes) -> None:
    file = report_file(replay_dir)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    with pytest.raises(BadReport, match=r"snakebench\.json can't be read .*writes a new report"):
        kept_report(replay_dir)
