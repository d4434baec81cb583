"""Importing a published history, against decompressing and parsing the same bytes with orjson.

Both on one core, SQLite and PostgreSQL, each into a fresh arena; then on all cores, for the memory
of all processes together. At the end a rebuild of the ladder over the whole history. Reads the
shared data (ARENA_SHARED_DATA) and skips without it.
"""

import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import zstandard
from sqlalchemy import update

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.store import open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline.store.tables import Standing
from arena_pipeline_tests.importers.snakebench.family import children, resident_bytes
from arena_pipeline_tests.postgres import Cluster

SHARED = Path(os.environ.get("ARENA_SHARED_DATA", "../shared/data")) / "snakebench"
ARCHIVE = SHARED / "replays_rounds_3527.tar.zst"

RATIO_TARGET = 8.0
MEMORY_TARGET_MB = 600.0
RECOMPUTE_TARGET_S = 1.0
ROUNDS = 3
SAMPLE_S = 0.02


def parse() -> float:
    """Seconds to decompress the archive and parse every member."""
    began = time.perf_counter()
    with ARCHIVE.open("rb") as packed:
        decompressor = zstandard.ZstdDecompressor(max_window_size=2**27)
        with tarfile.open(fileobj=decompressor.stream_reader(packed), mode="r|") as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    orjson.loads(file.read())
    return time.perf_counter() - began


def prepare(url: str) -> None:
    store = open_store(url)
    migrate(store)
    ensure_defaults(store)
    store.close()


def take(url: str, replays: Path, workers: int) -> float:
    """Seconds of an import into a fresh store."""
    store = open_store(url)
    began = time.perf_counter()
    report = import_history(store, replays, [ARCHIVE], workers=workers)
    seconds = time.perf_counter() - began
    store.close()
    assert report.all_documents.imported == report.all_documents.found
    return seconds


@contextmanager
def one_core() -> Iterator[None]:
    """This process on a single core, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def most_memory(process: "subprocess.Popen[bytes]") -> float:
    """Most megabytes that a process and its children had together, until it ended."""
    most = 0
    while process.poll() is None:
        family = [process.pid, *children(process.pid)]
        most = max(most, sum(resident_bytes(one) for one in family))
        time.sleep(SAMPLE_S)
    assert process.returncode == 0
    return most / 1e6


def rebuild(url: str) -> float:
    """Seconds to rebuild a ladder of the whole history, of whose standings one was changed."""
    store = open_store(url)
    times = []
    for _ in range(ROUNDS):
        with store.write() as connection:
            connection.execute(update(Standing).values(elo=1.0))
        began = time.perf_counter()
        done = recompute(store, "snakebench")
        times.append(time.perf_counter() - began)
        assert done.mended
    store.close()
    return statistics.median(times)


def measure(name: str, folder: Path, cluster: Cluster) -> None:
    def fresh() -> str:
        if name == "postgresql":
            url = cluster.create_database()
        else:
            count = len(list(folder.glob("*.sqlite3")))
            url = f"sqlite:///{folder / f'{count}.sqlite3'}"
        prepare(url)
        return url

    ratios = []
    for turn in range(ROUNDS):
        with one_core():
            bare = parse()
            taken = take(fresh(), folder / f"{name}-{turn}" / "replays", 1)
        ratios.append(taken / bare)
    ratio = statistics.median(ratios)
    told = f"{ratio:.1f} times decompressing and parsing, {bare:.1f} s (target {RATIO_TARGET:g})"
    print(f"{name}: import on one core   {taken:6.1f} s   {told}")

    url = fresh()
    began = time.perf_counter()
    command = [sys.executable, __file__, url, str(folder / f"{name}-all" / "replays")]
    most = most_memory(subprocess.Popen(command))
    seconds = time.perf_counter() - began
    print(
        f"{name}: import on all cores  {seconds:6.1f} s   {most:.0f} MB in all processes "
        f"(target {MEMORY_TARGET_MB:g})"
    )
    print(f"{name}: ladder rebuilt       {rebuild(url):6.2f} s   (target {RECOMPUTE_TARGET_S:g} s)")


def main() -> None:
    if not ARCHIVE.is_file():
        print(f"no shared data at {SHARED} (set ARENA_SHARED_DATA); skipped")
        return
    if len(sys.argv) == 3:
        take(sys.argv[1], Path(sys.argv[2]), os.cpu_count() or 1)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        cluster = stack.enter_context(Cluster())
        measure("sqlite", folder, cluster)
        measure("postgresql", folder, cluster)


if __name__ == "__main__":
    main()
