"""What the store looks like after kills, many writers at once, and a full disk."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import abandoned, take_over
from arena_pipeline.matches.runner import RunnerOptions, play, play_on
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Match, RatingEvent, Standing, Turn
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.matches.looking import assert_sound, numbers
from arena_pipeline_tests.matches.seat import planned, steady
from arena_pipeline_tests.matches.writer import matches

SEED = 12
"""The seed of a journaled match that lasts fourteen rounds."""

AGENTS = ("anna", "bert", "cleo", "dora", "emil")


def start(module: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", f"arena_pipeline_tests.matches.{module}", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for_all(processes: list[subprocess.Popen[str]]) -> list[int]:
    for process in processes:
        process.communicate()
    return [process.returncode for process in processes]


@pytest.fixture
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of its own, in which the same matches are recorded without any trouble."""
    path = tmp_path_factory.mktemp("undisturbed") / "arena.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    add_agents(store, *AGENTS)
    yield store
    store.close()


def kill_while_recording(
    store_url: str, recorder: Recorder, batch: int, kills: int, last: int, seed: int
) -> None:
    """Record with a process that is killed again and again, each time a random while after its
    first batch.
    """
    dice = random.Random(seed)
    for _ in range(kills):
        with start("writer", store_url, recorder.replay_dir, 0, last, batch) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for _ in range(dice.randrange(1, 4)):
                process.stdout.readline()
            for _ in range(dice.randrange(20_000)):
                pass
            process.kill()


@pytest.mark.parametrize("batch", [1, 7])
def test_killed_in_the_middle_of_recording_and_recorded_again_gives_the_undisturbed_numbers(
    store: Store, store_url: str, recorder: Recorder, undisturbed: Store, batch: int
) -> None:
    add_agents(store, *AGENTS)
    kill_while_recording(store_url, recorder, batch, kills=3, last=60, seed=batch)
    with store.read() as connection:
        survived = connection.scalar(select(func.count()).select_from(Match))
    assert_sound(store, recorder, int(survived or 0))

    recorder.record(matches(store, 0, 60))

    Recorder(undisturbed, recorder.replay_dir.parent / "other").record(matches(undisturbed, 0, 60))
    assert numbers(store) == numbers(undisturbed)
    assert_sound(store, recorder, 60)


@pytest.mark.soak
@pytest.mark.parametrize("batch", [1, 10])
def test_killed_fifty_times_in_the_middle_of_recording(
    store: Store, store_url: str, recorder: Recorder, undisturbed: Store, batch: int
) -> None:
    add_agents(store, *AGENTS)
    kill_while_recording(store_url, recorder, batch, kills=50, last=600, seed=99)

    recorder.record(matches(store, 0, 600))

    Recorder(undisturbed, recorder.replay_dir.parent / "other").record(matches(undisturbed, 0, 600))
    assert numbers(store) == numbers(undisturbed)
    assert_sound(store, recorder, 600)


def record_from_eight_processes(
    store: Store, store_url: str, recorder: Recorder, each: int
) -> None:
    processes = [
        start("writer", store_url, recorder.replay_dir, n * each, (n + 1) * each, 1 + n % 2 * 9)
        for n in range(8)
    ]
    assert wait_for_all(processes) == [0] * 8

    with store.read() as connection:
        sequences = connection.scalars(
            select(RatingEvent.sequence).distinct().order_by(RatingEvent.sequence)
        ).all()
    assert sequences == list(range(1, 8 * each + 1))
    assert_sound(store, recorder, 8 * each)


def test_eight_processes_recording_into_one_ladder_lose_nothing(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    record_from_eight_processes(store, store_url, recorder, each=50)


@pytest.mark.soak
def test_eight_processes_recording_five_hundred_matches_each(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    record_from_eight_processes(store, store_url, recorder, each=500)


def test_a_ladder_rebuilt_again_and_again_beside_a_recorder_stays_right(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    recorder.record(matches(store, 0, 10))
    rebuilt = 0
    with start("writer", store_url, recorder.replay_dir, 0, 40, 4) as process:
        while process.poll() is None:
            with store.write() as connection:
                connection.execute(update(Standing).values(top_score=-1.0))
            rebuilt += recompute(store, "snake").mended > 0

    assert process.returncode == 0
    assert rebuilt > 0
    assert_sound(store, recorder, 40)


def test_eight_processes_recording_the_same_matches_count_each_once(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    processes = [start("writer", store_url, recorder.replay_dir, 0, 30, 1 + n) for n in range(8)]
    assert wait_for_all(processes) == [0] * 8

    assert_sound(store, recorder, 30)


@pytest.mark.parametrize("turns", [0, 1, 2, 7])
def test_a_journaled_match_killed_between_turns_is_resumed_without_asking_a_turn_again(
    store: Store, store_url: str, recorder: Recorder, turns: int
) -> None:
    add_agents(store, *AGENTS)
    expected = asyncio.run(play(recorder, planned(store, SEED), steady(planned(store, SEED))))
    with start("seat", store_url, recorder.replay_dir, SEED) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        for _ in range(turns):
            process.stdout.readline()
            process.stdin.write("go\n")
            process.stdin.flush()
        process.stdout.readline()
        process.kill()

    (left,) = abandoned(store)
    taken = take_over(store, left.uuid, "parent")
    assert taken is not None
    match, state = taken
    assert sum(len(step.turns) for step in match.steps) + len(match.pending) == turns
    players = steady(match.plan)
    finished = asyncio.run(play_on(match, state, players, RunnerOptions()))
    recorder.record([finished])

    asked = sum(len(player.asked) for player in players)
    assert asked + turns == sum(len(step.turns) for step in expected.steps)
    assert [step.state for step in finished.steps] == [step.state for step in expected.steps]
    assert finished.outcome == expected.outcome
    assert abandoned(store) == []
    assert_sound(store, recorder, 1)
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Turn)) == 0


def test_only_one_of_two_takes_an_abandoned_match_over(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    with start("seat", store_url, recorder.replay_dir, SEED) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    (left,) = abandoned(store)

    taken = [take_over(store, left.uuid, owner) for owner in ("first", "second")]

    assert [one is not None for one in taken] == [True, False]


def test_a_process_stopped_by_sigterm_leaves_a_sound_store(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    with start("writer", store_url, recorder.replay_dir, 0, 300, 1) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(signal.SIGTERM)

    with store.read() as connection:
        recorded = int(connection.scalar(select(func.count()).select_from(Match)) or 0)
    assert 4 <= recorded < 300
    assert_sound(store, recorder, recorded)
