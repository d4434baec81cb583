"""Files among the replays that belong to nothing, on each database."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.strays import Strays, find_strays, judge_strays, strays
from arena_pipeline.matches import replay
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def replay_dir(store: Store, recorder: Recorder) -> Path:
    """The replays of four recorded matches, and one whose recording was killed."""
    entrants = list(add_agents(store, "one", "two").values())
    recorder.record([finished_match(store, entrants, seed=seed) for seed in range(4)])
    killed = replay.seal(finished_match(store, entrants, seed=9))
    replay.write(recorder.replay_dir, [killed], sync=False)
    return recorder.replay_dir


def test_a_replay_of_no_match_is_found_and_the_others_are_not(
    store: Store, replay_dir: Path
) -> None:
    found = find_strays(store, replay_dir, LATER.timestamp())

    assert (found.looked_at, len(found.unknown), found.half_written) == (5, 1, ())
    assert (replay_dir / found.unknown[0]).is_file()


def test_a_half_written_file_is_found(store: Store, replay_dir: Path) -> None:
    whole = next(replay_dir.rglob("*.replay.zst"))
    whole.with_name(f".{whole.name}.4711").touch()

    (found,) = find_strays(store, replay_dir, LATER.timestamp()).half_written

    assert found.endswith(".replay.zst.4711")


def test_what_a_recording_may_be_at_work_on_is_left_alone(store: Store, replay_dir: Path) -> None:
    found = find_strays(store, replay_dir, (LATER - timedelta(days=2)).timestamp())

    assert (found.unknown, found.half_written) == ((), ())


def test_only_the_newest_files_are_looked_at(store: Store, replay_dir: Path) -> None:
    old = replay_dir / "1999" / "12" / "31" / "somebody.replay.zst"
    old.parent.mkdir(parents=True)
    old.touch()

    assert find_strays(store, replay_dir, LATER.timestamp(), most=5).looked_at == 5
    assert "1999" not in str(find_strays(store, replay_dir, LATER.timestamp(), most=5).unknown)
    assert "1999" in str(find_strays(store, replay_dir, LATER.timestamp()).unknown)


def test_the_finding_counts_them_and_names_one(store: Store, replay_dir: Path) -> None:
    settings = Settings.load(data_dir=replay_dir.parent)
    assert settings.replay_dir == replay_dir

    finding = strays(store, settings, LATER)

    assert finding.health is Health.WARN
    assert finding.what.startswith("1 of the newest 5 replay files belong to no match")
    assert str(replay_dir) in finding.what
    assert finding.advice is not None


def test_no_replays_are_no_finding(store: Store, tmp_path: Path) -> None:
    found = find_strays(store, tmp_path / "replays", LATER.timestamp())

    assert found == Strays(0, (), ())
    assert judge_strays(found, tmp_path).health is Health.OK


def test_a_file_whose_name_is_no_text_is_found_too(store: Store, replay_dir: Path) -> None:
    strange = replay_dir / os.fsdecode(b"\xff.replay.zst")
    strange.touch()

    assert len(find_strays(store, replay_dir, LATER.timestamp()).unknown) == 2
