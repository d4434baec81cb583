"""An import that is killed at any moment and run again comes to the same as one clean run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.recording import writing
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.drills.processes import wait
from arena_pipeline_tests.importers.snakebench import imported
from arena_pipeline_tests.importers.snakebench.family import children, command_of, is_alive
from arena_pipeline_tests.importers.snakebench.makers import make, new_id
from arena_pipeline_tests.importers.snakebench.small_history import write_history

POINTS = ("replays:1", "rows:1", "committed:2", "kept:1", "caught:1")
"""Where the import is killed, one time after the other."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", imported.BATCH)


def clean_run(folder: Path, tmp_path: Path) -> dict[str, object]:
    """What one import that nobody disturbs leaves in a store of its own."""
    store = open_store(f"sqlite:///{tmp_path / 'clean.sqlite3'}")
    migrate(store)
    ensure_defaults(store)
    import_history(store, tmp_path / "clean" / "replays", [folder], workers=1)
    left = imported.everything(store, tmp_path / "clean" / "replays")
    store.close()
    return left


def test_an_import_killed_again_and_again_ends_as_a_clean_one(
    store: Store, store_url: str, tmp_path: Path, arena_settings: Settings
) -> None:
    folder = write_history(tmp_path / "history")
    replays = arena_settings.replay_dir
    expected = clean_run(folder, tmp_path)
    before = {path for path in tmp_path.iterdir() if path.is_file()}

    for point in POINTS:
        arguments = (store_url, str(replays), str(folder), point)
        ran = subprocess.run([sys.executable, "-m", imported.__name__, *arguments], check=False)
        assert ran.returncode == -signal.SIGKILL, point
    report = import_history(store, replays, [folder], workers=1)

    assert imported.everything(store, replays) == expected
    assert not report.all_documents.imported
    left = {path for path in tmp_path.iterdir() if path.is_file()} - before
    assert {path.name for path in left} <= {"arena.sqlite3-wal", "arena.sqlite3-shm"}


def test_two_imports_at_once_end_as_one(
    store: Store, store_url: str, tmp_path: Path, arena_settings: Settings
) -> None:
    folder = write_history(tmp_path / "history")
    replays = arena_settings.replay_dir
    expected = clean_run(folder, tmp_path)
    command = [sys.executable, "-m", imported.__name__, store_url, str(replays), str(folder)]

    both = [subprocess.Popen([*command, "reported:1"]) for _ in range(2)]

    assert [one.wait(60) for one in both] == [-signal.SIGKILL] * 2
    import_history(store, replays, [folder], workers=1)
    assert imported.everything(store, replays) == expected


GAMES = 300

WITH_WORKERS = """
import sys
from pathlib import Path
from arena_pipeline.importers.snakebench.recording import workers
from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.store import open_store

def main():
    workers.ALONE_BYTES = 0
    import_history(
        open_store(sys.argv[1]), Path(sys.argv[2]), [Path(sys.argv[3])], workers=2,
        progress=lambda *at: print(*at, flush=True),
    )

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def slow_import(tmp_path: Path) -> "subprocess.Popen[str]":
    """An import with two workers that takes seconds, and its workers, both at work."""
    folder = tmp_path / "history"
    folder.mkdir()
    content = make("v0b_native", 0)
    for number in range(GAMES):
        renamed = content.replace(new_id(0).encode(), new_id(number).encode())
        (folder / f"{number}.json").write_bytes(renamed)
    store = open_store(f"sqlite:///{tmp_path / 'arena.sqlite3'}")
    migrate(store)
    ensure_defaults(store)
    store.close()
    script = tmp_path / "importer.py"
    script.write_text(WITH_WORKERS)
    arguments = (f"sqlite:///{tmp_path / 'arena.sqlite3'}", tmp_path / "replays", folder)
    return subprocess.Popen(
        [sys.executable, script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def workers_of(process: "subprocess.Popen[str]") -> list[int]:
    """Process ids of both workers, as soon as they are there."""
    found: list[int] = []

    def both_are_there() -> bool:
        found[:] = [one for one in children(process.pid) if "spawn_main" in command_of(one)]
        return len(found) == 2

    wait(both_are_there, "two workers")
    return found


def wait_for_the_end(workers: list[int]) -> None:
    wait(lambda: not any(is_alive(one) for one in workers), "the end of the workers")


def test_workers_end_with_an_import_that_is_killed(
    slow_import: "subprocess.Popen[str]",
) -> None:
    workers = workers_of(slow_import)

    slow_import.kill()
    slow_import.communicate()

    wait_for_the_end(workers)


def test_a_worker_that_is_killed_ends_the_import_with_a_sentence(
    slow_import: "subprocess.Popen[str]",
) -> None:
    os.kill(workers_of(slow_import)[0], signal.SIGKILL)

    _, errors = slow_import.communicate(timeout=60)

    assert slow_import.returncode == 1
    assert "A worker of the import was killed or ran out of memory" in errors


def test_ctrl_c_ends_the_import_and_its_workers_without_their_tracebacks(
    slow_import: "subprocess.Popen[str]",
) -> None:
    workers = workers_of(slow_import)
    for worker in workers:
        os.kill(worker, signal.SIGINT)
    slow_import.send_signal(signal.SIGINT)

    _, errors = slow_import.communicate(timeout=60)

    assert errors.count("Traceback") <= 1
    assert errors.rstrip().endswith("KeyboardInterrupt")
    wait_for_the_end(workers)
