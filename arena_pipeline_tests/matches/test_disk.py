"""Full disks, half-written and damaged replays: named, and nothing half recorded."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.matches import replay
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.replay import SealedReplay, seal, write
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.matches.looking import assert_sound, numbers
from arena_pipeline_tests.matches.writer import matches

AGENTS = ("anna", "bert", "cleo", "dora", "emil")


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


def test_the_first_writers_of_a_day_may_make_its_folder_together(tmp_path: Path) -> None:
    sealed = [SealedReplay(f"{day:04}/a.zst", "0" * 64, b"replay") for day in range(300)]

    def write_all(_: int) -> None:
        for one in sealed:
            write(tmp_path, [one], sync=False)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write_all, range(8)))

    assert {path.read_bytes() for path in tmp_path.rglob("*.zst")} == {b"replay"}
    assert len(list(tmp_path.rglob("*"))) == 2 * len(sealed)


@pytest.mark.parametrize("system_can", [True, False])
def test_many_replays_are_synced_at_once_or_else_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_can: bool
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(replay, "_IS_LINUX", system_can and replay._IS_LINUX)
    monkeypatch.setattr(replay, "_sync", synced.append)
    many = [
        replay.SealedReplay(f"2026/{number % 7}/{number}.replay.zst", "", b"x")
        for number in range(replay._MANY)
    ]

    replay.write(tmp_path, many, sync=True)

    assert len(list(tmp_path.rglob("*.zst"))) == replay._MANY
    one_by_one = replay._MANY + 7
    assert len(synced) == (0 if replay._IS_LINUX else one_by_one)
