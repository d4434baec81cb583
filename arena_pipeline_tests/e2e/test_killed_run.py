"""A run killed in the middle of a placement: ended on the next start, and nothing counted twice."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.e2e.conftest import UpProcess


def kill_in_a_placement(environment: dict[str, str], folder: Path) -> None:
    """Run the graph and kill -9 it when its third match of a placement is recorded."""
    with subprocess.Popen(
        [sys.executable, "-m", "arena_pipeline.defs.launch"],
        env={**environment, "DAGSTER_HOME": str(folder / "dagster")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if told["event"] == "progress" and told["done"] == 3:
                break
        process.send_signal(signal.SIGKILL)


def test_a_placement_killed_halfway_is_ended_on_paper_and_finished_by_the_next_start(
    environment: dict[str, str], folder: Path, arena_up: Callable[..., UpProcess]
) -> None:
    environment["ARENA_PLACEMENT_MATCHES"] = "12"
    environment["ARENA_LEAGUE_MATCHES"] = "0"
    kill_in_a_placement(environment, folder)

    up = arena_up("--no-serve")
    assert up.process.wait(timeout=120) == 0, up.output

    up.close()
    assert "was left unfinished; it is ended" in up.output
    store = open_ready_store(Settings.load(data_dir=folder))
    try:
        standing = board(store)
        assert {row.status for row in standing.rows} == {"ranked"}
        assert standing.matches == 5 * 12
        assert compare(store, "snake") == []
        assert len(incidents(store)) == 1
    finally:
        store.close()
