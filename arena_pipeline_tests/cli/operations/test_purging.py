"""`arena purge`: shown first, done with --yes."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.leaderboard.board import board
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.purging.lots import Cutoffs
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.operations.purging.called import days_before, payloads, record_calls


@pytest.fixture
def called(played_store: Store, played_dir: Path) -> Store:
    """The store of an arena that made two calls long ago and one just now."""
    settings = Settings.load(data_dir=played_dir)
    times = days_before(datetime.now(UTC), 200, 100, 0)
    record_calls(played_store, Recorder(played_store, settings.replay_dir), times)
    return played_store


def test_what_is_old_is_shown_and_nothing_changed(arena: Arena, called: Store) -> None:
    before = payloads(called)

    ran = arena("purge")

    assert ran.code == 0
    line = next(line for line in ran.out.splitlines() if "payloads of calls" in line)
    assert line.split()[3] == "2"
    assert "move to the archive" in line
    assert "arena purge --yes" in ran.out
    assert payloads(called) == before
    assert arena("audit", "--json").document == {"audit": []}


def test_with_yes_it_is_done_and_written_down(arena: Arena, called: Store) -> None:
    before, shown = payloads(called), board(called)

    document = arena("purge", "--yes", "--json").document

    assert document["done"]
    [calls] = [lot for lot in document["lots"] if lot["what"] == "payloads of calls"]
    assert (calls["count"], calls["failed"]) == (2, [])
    assert payloads(called) == {3: before[3]}
    assert board(called) == shown
    [act] = arena("audit", "--json").document["audit"]
    assert (act["action"], act["subject_kind"], act["subject"]) == ("purge", "store", "arena")
    assert f"calls before {act['after']['calls_before'][:10]}" in arena("audit").out


def test_days_on_the_command_line_win_over_the_settings(arena: Arena, called: Store) -> None:
    def old(*options: object) -> int:
        lots = arena("purge", "--json", *options).document["lots"]
        return int(next(lot["count"] for lot in lots if lot["what"] == "payloads of calls"))

    assert [old(), old("--older-than", 150), old("--older-than", 365)] == [2, 1, 0]
    assert arena("purge", "--older-than", 0).code == 2


def test_dagsters_records_are_told_by_a_process_that_knows_them(
    arena: Arena, played_dir: Path
) -> None:
    with open_instance(Settings.load(data_dir=played_dir)) as instance:
        lost = Path(instance.root_directory) / "storage" / "00000000-0000-4000-8000-000000000000"
    (lost / "compute_logs").mkdir(parents=True)
    os.utime(lost, (0, 0))

    looked = arena("purge", "--json").document["lots"]
    assert lost.exists()
    done = arena("purge", "--yes", "--json").document["lots"]

    counts = [
        next(lot["count"] for lot in lots if lot["what"] == "output of runs that are gone")
        for lots in (looked, done)
    ]
    assert counts == [1, 1]
    assert not lost.exists()


def test_what_cant_be_purged_is_named_and_the_rest_is_done(
    arena: Arena, called: Store, played_dir: Path
) -> None:
    before = payloads(called)
    (played_dir / "archive").write_text("in the way")
    log = played_dir / "logs" / "launch.log"
    log.parent.mkdir()
    log.touch()
    os.utime(log, (0, 0))

    ran = arena("purge", "--yes")

    assert ran.code == 1
    assert "2 left; Payloads of calls can't be archived" in ran.err
    assert payloads(called) == before
    assert not log.exists()


def test_a_dagster_that_cant_be_read_is_a_sentence(arena: Arena, played_dir: Path) -> None:
    home = played_dir / "dagster"
    home.mkdir()
    (home / "dagster.yaml").touch()
    (home / "history").write_text("in the way")

    ran = arena("purge")

    assert ran.code == 1
    assert "Dagster's records can't be gone through" in ran.err
    assert "payloads of calls" in ran.out


def test_limits_are_those_of_the_settings() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    settings = Settings.load(purge_runs_days=10, purge_calls_days=20)

    assert Cutoffs.of(settings, now=now) == Cutoffs(
        datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)
    )
