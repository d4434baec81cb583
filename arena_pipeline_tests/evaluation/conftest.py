"""Fixtures of the tests of evaluation."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store

Start = Callable[[str, object], "subprocess.Popen[str]"]


@pytest.fixture
def start(store_url: str, arena_settings: Settings) -> Start:
    """Start a `worker` process on the test's arena: `start(job, argument)`."""

    def started(job: str, argument: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "arena_pipeline_tests.evaluation.worker",
                job,
                store_url,
                str(arena_settings.root),
                str(argument),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return started


@pytest.fixture
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of its own, in which the same is done without any trouble."""
    path = tmp_path_factory.mktemp("undisturbed") / "arena.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()
