"""What the store looks like after kills, many writers at once, and a full disk."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from arena_pipeline.leaderboard.recompute import compare
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.replay import seal
from arena_pipeline.matches.resuming import abandoned, take_over
from arena_pipeline.matches.runner import RunnerOptions, play, play_on
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Match, RatingEvent, Standing, Turn
from arena_pipeline_tests.agents import add_agents
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


def numbers(store: Store) -> tuple[object, ...]:
    """Everything rated, as it stands in the store."""
    with store.read() as connection:
        return tuple(
            tuple(map(tuple, connection.execute(select(table.__table__).order_by(*keys))))
            for table, keys in (
                (Standing, (Standing.ladder_id, Standing.competitor)),
                (RatingEvent, (RatingEvent.sequence, RatingEvent.competitor)),
            )
        )


def assert_sound(store: Store, recorder: Recorder, recorded: int) -> None:
    found = list(verify_matches(store, recorder.replay_dir))
    assert len(found) == recorded
    assert [one for one in found if one.status != "verified"] == []
    assert compare(store, "snake") == []


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


LIMITED = """
import resource, sys
from pathlib import Path
from arena_pipeline.errors import ReplayError
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import open_store
from arena_pipeline_tests.matches.writer import matches
store = open_store(sys.argv[1])
played = matches(store, 0, 3)
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
try:
    Recorder(store, Path(sys.argv[2])).record(played)
except ReplayError as error:
    print(error)
"""


def test_no_room_for_a_replay_records_nothing_and_says_so(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)

    said = subprocess.run(
        [sys.executable, "-c", LIMITED, store_url, recorder.replay_dir],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "Can't write the replay" in said
    assert "nothing was recorded" in said
    assert numbers(store) == ((), ())
    assert [path for path in recorder.replay_dir.rglob("*") if path.is_file()] == []
    assert len(recorder.record(matches(store, 0, 3))) == 3
    assert_sound(store, recorder, 3)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 64 KiB at `folder`. Skips the test where this process may not mount one."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_records_nothing_and_the_next_try_with_room_records_all(
    store: Store, tmp_path: Path
) -> None:
    add_agents(store, *AGENTS)
    played = matches(store, 0, 200)
    with small_disk(tmp_path / "small"):
        recorder = Recorder(store, tmp_path / "small")
        with pytest.raises(Exception, match="No space left on device; nothing was recorded"):
            recorder.record(played)
        assert numbers(store) == ((), ())

        recorder.record(played[:10])
        assert_sound(store, recorder, 10)


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def damage_flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (damage_cut, "was altered"),
        (damage_flip, "was altered"),
        (Path.unlink, "is missing"),
        (lambda path: path.write_bytes(b""), "was altered"),
    ],
)
def test_a_damaged_replay_is_named_and_recording_again_repairs_it(
    store: Store, recorder: Recorder, damage: Callable[[Path], object], complaint: str
) -> None:
    add_agents(store, *AGENTS)
    played = matches(store, 0, 3)
    recorder.record(played)
    with store.read() as connection:
        path = connection.scalar(select(Match.replay_path).where(Match.uuid == played[1].uuid))
    damage(recorder.replay_dir / str(path))

    found = {one.uuid: one for one in verify_matches(store, recorder.replay_dir)}

    bad = found.pop(played[1].uuid)
    assert bad.status == "failed"
    assert complaint in str(bad.detail)
    assert str(path) in str(bad.detail)
    assert {one.status for one in found.values()} == {"verified"}

    recorder.record(played)
    assert_sound(store, recorder, 3)


def test_half_a_replay_left_by_a_killed_writer_is_no_obstacle(
    store: Store, recorder: Recorder
) -> None:
    add_agents(store, *AGENTS)
    (match,) = matches(store, 0, 1)
    sealed = seal(match)
    target = recorder.replay_dir / sealed.path
    target.parent.mkdir(parents=True)
    target.write_bytes(sealed.content[: len(sealed.content) // 2])

    recorder.record([match])

    assert_sound(store, recorder, 1)


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
