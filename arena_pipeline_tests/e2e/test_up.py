"""`arena up` as a person meets it: what it prints, how it stops, what it refuses."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from arena_pipeline_tests.e2e.conftest import LONGEST_STOP_S, UpProcess, processes_of, until

ArenaUp = Callable[..., UpProcess]


@pytest.fixture
def nobody(models_file: Path) -> None:
    """No bots: the arena is up sooner."""
    models_file.write_text("bots: []\n", encoding="utf-8")


def refusal(up: UpProcess) -> str:
    """The one sentence of an `arena up` that refuses."""
    assert up.process.wait(timeout=60) == 1
    up.close()
    assert "Traceback" not in up.output
    [sentence] = up.output.strip().splitlines()
    return sentence


def test_no_serve_ends_with_leaderboard_and_exports(arena_up: ArenaUp, folder: Path) -> None:
    up = arena_up("--no-serve", "--json")
    assert up.process.wait(timeout=120) == 0
    up.close()

    shown, _, document = up.output.partition("{")
    told = json.loads("{" + document)
    assert "sample catalog" in shown
    assert "sample catalog" in told["notices"][0]
    assert told["failures"] == []
    assert [row["status"] for row in told["leaderboard"]["rows"]] == ["ranked"] * 5
    assert (Path(told["exports"]) / "leaderboard.md").exists()
    assert told["ui"] is None
    assert processes_of(folder) == []


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped_and_leaves_nothing_running(
    arena_up: ArenaUp, folder: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    up = arena_up()
    up.until_printed("Dagster UI")
    url = f"http://127.0.0.1:{environment['ARENA_PORT']}/server_info"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert "dagster_version" in json.load(answer)

    code, seconds = up.stop(number)

    assert code == 0
    assert seconds < LONGEST_STOP_S
    assert processes_of(folder) == []
    assert "Traceback" not in up.output


@pytest.mark.usefixtures("nobody")
def test_killed_it_leaves_nothing_running_and_can_be_started_again(
    arena_up: ArenaUp, folder: Path
) -> None:
    up = arena_up()
    up.until_printed("Dagster UI")

    up.stop(signal.SIGKILL)
    until(lambda: processes_of(folder) == [])

    again = arena_up("--no-serve")
    assert again.process.wait(timeout=120) == 0


@pytest.mark.usefixtures("nobody")
def test_a_daemon_that_dies_ends_it_with_a_sentence(arena_up: ArenaUp, folder: Path) -> None:
    up = arena_up()
    up.until_printed("Dagster UI")

    for process in Path("/proc").glob("[0-9]*"):
        if _is_daemon(process, folder):
            os.kill(int(process.name), signal.SIGKILL)

    assert up.process.wait(timeout=30) == 1
    up.close()
    assert "The Dagster daemon has stopped" in up.output.splitlines()[-1]
    assert processes_of(folder) == []


def test_a_taken_port_is_refused_before_any_work(
    arena_up: ArenaUp, folder: Path, environment: dict[str, str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["ARENA_PORT"])))
        other.listen()

        sentence = refusal(arena_up())

    assert f"Port {environment['ARENA_PORT']} on 127.0.0.1 is taken" in sentence
    assert not (folder / "arena.sqlite3").exists()


def test_a_second_one_in_the_same_folder_is_refused(arena_up: ArenaUp, folder: Path) -> None:
    first = arena_up()
    until(lambda: (folder / "arena.lock").exists() and (folder / "logs").exists())

    sentence = refusal(arena_up("--no-serve"))

    assert f"An arena is running in {folder} already (process {first.process.pid})" in sentence


def test_a_folder_that_cannot_be_written_is_refused(arena_up: ArenaUp, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    sentence = refusal(arena_up(ARENA_DATA_DIR=str(in_the_way / "arena")))

    assert "can't be written" in sentence


def test_a_store_from_a_newer_version_is_refused_and_kept(arena_up: ArenaUp, folder: Path) -> None:
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "arena.sqlite3")) as database:
        database.execute("CREATE TABLE arena_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO arena_version VALUES ('9999_from_the_future')")
        database.commit()

    sentence = refusal(arena_up("--no-serve"))

    assert "newer" in sentence


def _is_daemon(process: Path, folder: Path) -> bool:
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")
        environment = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"dagster._daemon" in command and f"ARENA_DATA_DIR={folder}".encode() in environment
