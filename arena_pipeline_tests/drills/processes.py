"""Killing an arena as a power cut does: every process of it, at a random but repeatable moment."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from arena_pipeline_tests.e2e.conftest import PATIENCE_S, living

_LOOK_S = 0.02

SCHEDULED_S = 400
"""How long a busy machine may take for what a schedule starts once a minute."""


def kill_all(folder: Path) -> int:
    """SIGKILL every process of the arena in `folder`, in whatever session; how many there were.

    Looks again until nobody is left: one that was being born is killed by the next look.
    """
    killed: set[int] = set()
    while pids := living(folder):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= pids.keys()
        time.sleep(_LOOK_S)
    return len(killed)


def wait(condition: Callable[[], bool], what: str, patience: float = PATIENCE_S) -> None:
    """Wait for something that another process does; `what` is said when it does not come."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(_LOOK_S)


def pass_time(seconds: float) -> None:
    """Let the processes of an arena work for a while."""
    time.sleep(seconds)


def dice_for(seed: int) -> random.Random:
    """The dice of a drill; the seed is shown with the output of a test that fails."""
    print(f"seed of this drill: {seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)
