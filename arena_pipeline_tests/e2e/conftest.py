"""Real arenas: `arena up` as a process of its own, on a data folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from arena_pipeline.settings import PROJECT_ROOT

UP = (
    sys.executable,
    "-c",
    "import sys; from arena_pipeline.cli import main; sys.exit(main())",
    "up",
)

PATIENCE_S = 200
"""How long a busy machine may take for anything; a test that needs it all has failed."""

LONGEST_STOP_S = 20
"""What a stop may take on a busy machine: idle it takes 2 s, a daemon that has to be killed 30."""


class UpProcess:
    """One running `arena up` and what it has printed so far."""

    def __init__(self, environment: dict[str, str], arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [*UP, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything printed until now."""
        return "".join(self._lines)

    def until_printed(self, text: str) -> None:
        """Wait until `text` was printed."""
        until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Stop it; returns its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_S)
        seconds = time.monotonic() - began
        self._reader.join()
        return code, seconds

    def close(self) -> None:
        """End it for good, whatever state it is in."""
        if self.process.poll() is None:
            self.stop()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self._lines.extend(iter(self.process.stdout.readline, ""))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def living(folder: Path) -> dict[int, str]:
    """Command lines, by process id, of processes whose environment names the arena in `folder`."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"ARENA_DATA_DIR={folder}".encode() in environment and command:
            found[int(entry.name)] = command[:200]
    return found


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes of the arena in `folder`."""
    return list(living(folder).values())


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The arena's data folder."""
    return tmp_path / "arena"


@pytest.fixture
def models_file(tmp_path: Path) -> Path:
    """The models file of this arena: the five bots."""
    return Path(shutil.copy(PROJECT_ROOT / "data" / "models.yaml", tmp_path / "models.yaml"))


@pytest.fixture
def environment(folder: Path, models_file: Path) -> dict[str, str]:
    """A small, quick arena without a network."""
    return {
        **os.environ,
        "ARENA_DATA_DIR": str(folder),
        "ARENA_MODELS_FILE": str(models_file),
        "ARENA_CATALOG_URL": "http://127.0.0.1:1/models",
        "ARENA_CATALOG_RETRIES": "0",
        "ARENA_LEAGUE_MATCHES": "4",
        "ARENA_PLACEMENT_MATCHES": "3",
        "ARENA_SENSOR_INTERVAL_S": "1",
        "ARENA_PORT": str(free_port()),
    }


@pytest.fixture
def arena_up(environment: dict[str, str]) -> Iterator[Callable[..., UpProcess]]:
    """Start `arena up` with arguments; every one started is ended after the test."""
    started: list[UpProcess] = []

    def start(*arguments: str, **more: str) -> UpProcess:
        started.append(UpProcess({**environment, **more}, arguments))
        return started[-1]

    yield start
    for one in started:
        one.close()
