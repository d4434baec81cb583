"""The SQLite file locked by somebody else while everything works."""

import subprocess
import sys

import pytest

from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed
from arena_pipeline_tests.drills.processes import wait
from arena_pipeline_tests.drills.stack import Stack

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def locked(arena: Arena, seconds: float) -> "subprocess.Popen[str]":
    """Lock the arena's file from another process; it is locked when this returns."""
    module = "arena_pipeline_tests.drills.locker"
    file = arena.folder / "arena.sqlite3"
    locker = subprocess.Popen(
        [sys.executable, "-m", module, str(file), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert locker.stdout is not None
    assert locker.stdout.readline() == "locked\n"
    return locker


def test_a_league_and_a_sync_wait_for_a_locked_file_while_readers_read_on(
    arena: Arena, twin: Arena
) -> None:
    """Shows that writers wait for a lock of five seconds without an error, that one which begins
    meanwhile does too, and that who only reads does not wait at all.
    """
    league = arena.start("league", "--matches", "300")
    wait(lambda: arena.league() > 0, "the league")
    with locked(arena, 5) as locker:
        during = arena.league()
        sync = arena.start("sync")
        board = arena.succeed("leaderboard")
        assert locker.poll() is None, "the leaderboard waited for the lock"
        assert arena.league() == during
        locker.wait()

    for process in (league, sync):
        said, _ = process.communicate()
        assert process.returncode == 0, said
    assert "greedy" in board
    assert assert_as_if_undisturbed(arena, twin) == 300


@pytest.mark.soak
def test_the_whole_stack_waits_for_a_file_locked_for_twenty_seconds(
    arena: Arena, twin: Arena
) -> None:
    """Shows that runs, sensors and the schedule of a serving stack, a sync and a league from the
    command line all survive a lock of twenty seconds: no run fails and the end state is the
    undisturbed one.
    """
    stack = Stack(arena, league=500)
    with stack.up() as up:
        stack.serves(up)
        stack.switch_league_on()
        for _ in range(3):
            stack.league_goes_on()
            with locked(arena, 20) as locker:
                writers = [arena.start("sync"), arena.start("league", "--matches", "50")]
                assert locker.wait() == 0
            for process in writers:
                said, _ = process.communicate()
                assert process.returncode == 0, said
        assert stack.failed_runs() == []
        assert up.stop()[0] == 0

    assert_as_if_undisturbed(arena, twin)
