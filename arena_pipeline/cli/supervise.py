"""Processes of `arena up`: one arena per data folder, a free port, children that never outlive it.

What belongs here: lock, port, starting, watching and stopping. What the children are is in `up`.
"""

import contextlib
import errno
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

from arena_pipeline.errors import ArenaError
from arena_pipeline.operations.purging.files import LOCK

STOP_S = 3.5
"""How long children may take to stop by themselves before they are killed."""

START_S = 90.0
"""How long the UI may take to answer for the first time."""

_POLL_S = 0.1

_ERROR = re.compile(r"(arena_pipeline\.[\w.]+|[\w.]*(Error|Exception|Failure)): ")
"""How the line of a traceback begins that says what went wrong."""

_WATCHER = "trap '' INT TERM HUP; while read -r _; do :; done; kill -INT 0; sleep 3; kill -KILL 0"
"""Reads its standard input until `arena up` is gone, also by kill -9, then ends the group."""


class AlreadyRunning(ArenaError):
    """Another `arena up` works in this data folder."""


class PortTaken(ArenaError):
    """Somebody else listens where the UI should."""


class ChildDied(ArenaError):
    """A process that should go on has ended."""


@contextlib.contextmanager
def only_arena(folder: Path) -> Iterator[None]:
    """Hold the data folder's lock. A dead process holds nothing. Raises AlreadyRunning."""
    file = folder / LOCK
    with file.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise AlreadyRunning(
                f"An arena is running in {folder} already (process {lock.read().strip() or '?'}); "
                "stop it with Ctrl-C, or set ARENA_DATA_DIR to another folder"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def need_port(host: str, port: int) -> None:
    """Raise PortTaken unless somebody could listen on `host`:`port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"Port {port} on {host} is taken; stop what uses it, or choose another: "
                    f"--port {port + 1 if port < 65535 else 3000}, or ARENA_PORT"
                ) from error
            raise PortTaken(
                f"The UI can't listen on {host}:{port} ({error.strerror}); "
                "set ARENA_HOST and ARENA_PORT to an address of this machine"
            ) from error


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the block as Ctrl-C does: with KeyboardInterrupt."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)
    }
    # A shell that starts this in the background has SIGINT ignored; it is meant to work there too.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True)
class Child:
    """One process that was started, and where it writes what it has to say."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    def last_words(self) -> str:
        """The last line of its log that names an error, else the last line.

        An error is not always the end of it: Dagster logs where it came from below it.
        """
        text = self.log.read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if _ERROR.match(line)]
        return (errors or lines or ["it said nothing"])[-1]


class Children:
    """Processes in one group of their own; leaving the block ends the group and all it started."""

    def __init__(self, environment: Mapping[str, str], log_dir: Path) -> None:
        self._environment = dict(environment)
        self._log_dir = log_dir
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self._watcher = subprocess.Popen(  # noqa: S603 - a text of our own
            ["/bin/sh", "-c", _WATCHER], stdin=subprocess.PIPE, process_group=0
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Ask everybody to stop, wait a little, and kill who is left."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._signal_group(signal.SIGINT)
        deadline = time.monotonic() + STOP_S
        while any(c.process.poll() is None for c in self._children) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        self._signal_group(signal.SIGKILL)
        for child in self._children:
            child.process.wait()
            if child.process.stdout is not None:
                child.process.stdout.close()
        assert self._watcher.stdin is not None
        self._watcher.wait()
        self._watcher.stdin.close()

    def start(self, name: str, module: str, *arguments: str, listen: bool = False) -> Child:
        """Start a Python module; its log is named after it. With `listen` its stdout is a pipe."""
        log = self._log_dir / f"{name}.log"
        with log.open("w", encoding="utf-8") as words:
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if listen else words,
                stderr=words,
                env=self._environment,
                process_group=self._watcher.pid,
                text=True,
                encoding="utf-8",
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self, children: Sequence[Child]) -> None:
        """Raise ChildDied if one of `children` has ended."""
        for child in children:
            code = child.process.poll()
            if code is not None:
                raise ChildDied(
                    f"The {child.name} has stopped (exit code {code}); {child.log} says why: "
                    f"{child.last_words()}"
                )

    def wait_for_url(self, url: str, children: Sequence[Child]) -> None:
        """Wait until `url` answers. Raises ChildDied when a child ends or it takes too long."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            self.check(children)
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(url, timeout=2),  # noqa: S310 - an address of our own
            ):
                return
            time.sleep(_POLL_S)
        raise ChildDied(f"The {children[0].name} does not answer on {url}; see {children[0].log}")

    def watch(self, children: Sequence[Child]) -> None:
        """Wait for ever, which means until Ctrl-C. Raises ChildDied when a child ends."""
        while True:
            self.check(children)
            time.sleep(_POLL_S * 5)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._watcher.pid, number)
