"""A backup of 10,000 matches, against a plain copy of the same files.

The plain copy takes the SQLite file and the replays, one by one, and checks nothing. The backup
takes the store while others could write, compares each replay with its digest in the store, and
waits until all is on the disk. The two take turns. What the plain copy loses with each file that it
creates, the backup loses on the store, which is taken and then packed. Also shown is how long
reading the backup with all its digests takes. Run: python -m benchmarks.bench_backup
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.backup import check_backup, make_backup
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.matches.writer import matches

MATCHES = 10_000
BATCH = 500
ROUNDS = 5
LEAST_SHARE = 0.5


def fill(store: Store, settings: Settings) -> None:
    add_agents(store, *(f"agent-{n}" for n in range(20)))
    recorder = Recorder(store, settings.replay_dir)
    for start in range(0, MATCHES, BATCH):
        recorder.record(matches(store, start, start + BATCH))


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def copy(settings: Settings, into: Path) -> None:
    into.mkdir()
    shutil.copyfile(settings.root / "arena.sqlite3", into / "arena.sqlite3")
    shutil.copytree(settings.replay_dir, into / "replays", copy_function=shutil.copyfile)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings.load(data_dir=folder / "data")
        with closing(prepare_arena(settings).store) as store:
            fill(store, settings)
            file = folder / "x.tar"
            copies, backups = [], []
            for _ in range(ROUNDS):
                copies.append(seconds(lambda: copy(settings, folder / "copy")))
                shutil.rmtree(folder / "copy")
                backups.append(seconds(lambda: make_backup(store, settings, file, overwrite=True)))
            copied, made = statistics.median(copies), statistics.median(backups)
            read, size = seconds(lambda: check_backup(file)), file.stat().st_size
    share = copied / made
    print(f"plain copy                     {copied:6.3f} s")
    print(
        f"backup ({size / 1e6:5.1f} MB)              {made:6.3f} s   {share:.2f} of its speed ",
        end="",
    )
    print(f"(target {LEAST_SHARE})")
    print(f"reading it, with all digests   {read:6.3f} s")
    if share < LEAST_SHARE:
        raise SystemExit("too slow")


if __name__ == "__main__":
    main()
