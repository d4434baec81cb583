"""Recording matches: one by one, in batches, from eight processes; SQLite and PostgreSQL.

Prints matches per second (median of three rounds, each into a fresh store) and their ratios.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.matches.writer import matches
from arena_pipeline_tests.postgres import Cluster

MATCHES = 1000
PROCESSES = 8
TARGETS = {"sqlite": 700.0, "postgresql": 400.0}
BATCH = 100
BATCH_TARGET = 3.0
TOGETHER_TARGET = 0.8


@contextmanager
def arena(url: str) -> Iterator[Store]:
    """A fresh store with 20 agents."""
    store = open_store(url)
    migrate(store)
    ensure_defaults(store)
    add_agents(store, *(f"agent-{n}" for n in range(20)))
    yield store
    store.close()


def rate(recorder: Recorder, played: list[FinishedMatch], batch: int) -> float:
    """Matches recorded per second, `batch` at a time."""
    began = time.perf_counter()
    for start in range(0, len(played), batch):
        recorder.record(played[start : start + batch])
    return len(played) / (time.perf_counter() - began)


def together(url: str, replays: Path, first: int, processes: int, each: int) -> float:
    """Matches per second of several processes recording one by one, from when all are ready."""
    writers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "arena_pipeline_tests.matches.writer", url, str(replays)),
                *(str(first + n * each), str(first + (n + 1) * each), "1", "wait"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(processes)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    start = time.perf_counter()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    return processes * (each - 1) / (time.perf_counter() - start)


def measure(name: str, fresh_url: Callable[[], str], replays: Path) -> None:
    singles, batched, shared, alone = [], [], [], []
    for turn in range(3):
        url = fresh_url()
        with arena(url) as store:
            recorder = Recorder(store, replays)
            played = matches(store, 0, 2 * MATCHES)
            recorder.record(played[:1])
            singles.append(rate(recorder, played[:MATCHES], 1))
            batched.append(rate(recorder, played[MATCHES:], BATCH))
        alone.append(together(url, replays, 10_000, 1, MATCHES))
        shared.append(together(url, replays, 20_000 + turn, PROCESSES, MATCHES // PROCESSES))
    single, batch = statistics.median(singles), statistics.median(batched)
    crowd, lone = statistics.median(shared), statistics.median(alone)
    target = TARGETS[name]
    show(f"{name}: one by one", single, f"{single / target:.2f} of the target {target:.0f}/s")
    show(
        f"{name}: batches of {BATCH}",
        batch,
        f"{batch / single:.2f} times one by one (target {BATCH_TARGET})",
    )
    show(
        f"{name}: {PROCESSES} processes together",
        crowd,
        f"{crowd / lone:.2f} times one process, {lone:.0f}/s (target {TOGETHER_TARGET})",
    )


def show(what: str, per_second: float, ratio: str) -> None:
    print(f"{what:36} {per_second:8.0f} matches/s   {ratio}")


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        count = iter(range(100))
        measure("sqlite", lambda: f"sqlite:///{folder}/{next(count)}.sqlite3", folder / "replays")
        cluster = stack.enter_context(Cluster())
        measure("postgresql", cluster.create_database, folder / "pg")


if __name__ == "__main__":
    main()
