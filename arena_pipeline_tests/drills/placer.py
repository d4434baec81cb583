"""A process that places models on the practice ladder until none is left, or nobody can go on.

Each is forked from a server that has imported everything already: drills start them by the dozen,
and an import takes longer than what they are to be killed in.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import openai  # noqa: F401 - imported here for all that are forked
from sqlalchemy import func, select

from arena_pipeline import logs
from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.evaluation.working import work_off
from arena_pipeline.leaderboard.ladders import PRACTICE_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import OPEN_STATES, Evaluation

_REST_S = 0.05
_PATIENCE_S = 120.0
"""How long nobody may find a place before the process gives up."""


@dataclass(frozen=True, slots=True)
class Placer:
    """One such process, and the file with all that it says."""

    process: ForkServerProcess
    log: Path

    @classmethod
    def start(cls, environment: Mapping[str, str], log: Path) -> "Placer":
        """Start one with these settings."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        log.parent.mkdir(exist_ok=True)
        process = context.Process(target=_run, args=(dict(environment), str(log)), daemon=True)
        process.start()
        return cls(process, log)

    @property
    def is_alive(self) -> bool:
        """Whether it is at work."""
        return self.process.is_alive()

    def kill(self) -> None:
        """SIGKILL it."""
        self.process.kill()
        self.process.join()

    def ends_well(self) -> str:
        """Wait for its end, which has to be a good one; what it said."""
        self.process.join()
        said = self.log.read_text(encoding="utf-8", errors="replace")
        assert self.process.exitcode == 0, said
        return said


def _run(environment: dict[str, str], log: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.clear()
    os.environ.update(environment)
    settings = Settings.load()
    logs.configure(settings)
    store = open_ready_store(settings)
    enqueue(store, settings, PRACTICE_LADDER)
    last = time.monotonic()
    while _open(store) and time.monotonic() - last < _PATIENCE_S:
        report = work_off(store, settings, PRACTICE_LADDER)
        told = [one.notice or "" for one in report.waiting]
        sys.stderr.write(f"placed {len(report.placed)}, {told}, {report.failed}\n")
        if report.placed:
            last = time.monotonic()
        if any("budget" in one for one in told):
            break
        time.sleep(_REST_S)
    store.close()


def _open(store: Store) -> int:
    with store.read() as connection:
        open_ones = select(func.count()).where(Evaluation.state.in_(OPEN_STATES))
        return int(connection.scalar(open_ones) or 0)
