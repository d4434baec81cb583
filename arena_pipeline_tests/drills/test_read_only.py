"""The data folder read-only for a while, as after an error of its disk."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed
from arena_pipeline_tests.drills.processes import wait


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make whatever is opened in `folder` from now on read-only, also for root, also for processes
    that run already. Skips the test where this process may not do that.
    """
    if os.geteuid() != 0 or _mount("--bind", str(folder), str(folder)):
        pytest.skip("this process may not mount a folder read-only")
    try:
        assert _mount("-o", "remount,bind,ro", str(folder)) == 0
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode


def test_a_league_in_a_folder_that_turns_read_only_says_so_and_goes_on_later(
    arena: Arena, twin: Arena
) -> None:
    """Shows that processes end with one sentence that names the folder, that nothing is half
    written, that people may go on reading, and that the league goes on when the folder is back.
    """
    with arena.start("league", "--matches", "20000") as league:
        wait(lambda: arena.league() > 0, "the league")
        with read_only(arena.folder):
            said, _ = league.communicate()
            refused, why = arena.run("league")
            board = arena.succeed("leaderboard")

    assert league.returncode == 1
    assert f"Can't write the replay {arena.folder}" in said
    assert "Read-only file system; nothing was recorded" in said
    assert refused == 1
    assert f"The data folder {arena.folder} can't be written (Read-only file system)" in why
    assert "Traceback" not in said + why
    assert "greedy" in board
    arena.succeed("league", "--matches", "40")
    assert_as_if_undisturbed(arena, twin)
