"""Working on another thread, so that Ctrl-C is heard at any moment.

DuckDB does not always look at signals while it works, and an exception that is thrown wherever the
program happens to be can be lost between two steps.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.05
"""Seconds between two looks at whether Ctrl-C came."""


def heeding(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """What `work` gives or raises; with Ctrl-C `stop` is called, from another thread and until the
    work has ended, and KeyboardInterrupt is raised.

    Only a program's main thread hears Ctrl-C; on others the work is just done.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    with _ctrl_c() as came, ThreadPoolExecutor(1, thread_name_prefix="arena-sql") as other:
        working = other.submit(work)
        while wait([working], _LOOK_S).not_done:
            if came.is_set():
                # More than once: it counts for nothing before the work has begun.
                stop()
    if came.is_set():
        raise KeyboardInterrupt
    return working.result()


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets in the block, in place of what it does elsewhere."""
    came = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: came.set())
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
