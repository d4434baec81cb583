"""A few processes that each work on one thing after the other, on pipes of their own.

A pool of the standard library can wait for ever once a process of it is killed while something
large is on its way there (Python before 3.12.1): all its processes share one pipe. Here each has
its own, whose other end closes with the process, so that its death is seen by whoever gives or
takes next. The same way a process sees that whoever started it is gone, and ends.
"""

import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

_PATIENCE_S = 5.0
"""Seconds that a process has to end by itself before it is killed."""


class MemberDied(Exception):
    """A process was killed or ran out of memory."""


class Crew(Generic[Given, Made]):
    """Processes that call `work` on what they are given, and hand back what it returns, in the
    order of giving. `work` must be found by its name in a new process.
    """

    def __init__(self, count: int, work: Callable[[Given], Made]) -> None:
        """Start the processes; Ctrl-C is heard by the one that starts them alone."""
        # Started with the first process, it would let interrupts through again.
        resource_tracker.ensure_running()
        with _without_interrupts():
            self._members = [_Member(work) for _ in range(count)]
        self._order: deque[_Member] = deque()

    def give(self, one: Given) -> None:
        """Let the least busy process work on it. Raises MemberDied."""
        member = min(self._members, key=lambda member: member.waiting)
        member.give(one)
        self._order.append(member)

    def take(self) -> Made:
        """What came of the thing given first of those not yet taken; waits for it.

        Raises MemberDied, and whatever `work` raised.
        """
        made, error = self._order.popleft().take()
        if error is not None:
            raise error
        result: Made = made
        return result

    def end(self) -> None:
        """End all processes, also in the middle of something."""
        for member in self._members:
            member.end()


class _Member:
    """One process and the pipe to it."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self._process.start()
        theirs.close()
        self.waiting = 0

    def give(self, one: Any) -> None:
        try:
            self._pipe.send(one)
        except OSError as error:
            raise MemberDied from error
        self.waiting += 1

    def take(self) -> tuple[Any, BaseException | None]:
        try:
            made, error = self._pipe.recv()
        except (EOFError, OSError) as gone:
            raise MemberDied from gone
        self.waiting -= 1
        return made, error

    def end(self) -> None:
        self._pipe.close()
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """In a process of the crew: work on one thing after the other.

    Another thread takes in what is given, so that whoever gives never waits for the work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_take_in, args=(pipe, given), daemon=True).start()
    while True:
        one = given.get()
        made, failed = None, None
        try:
            made = work(one)
        except Exception as error:  # noqa: BLE001 - raised again where the result is taken
            failed = error
        try:
            pipe.send((made, failed))
        except OSError:
            os._exit(0)


def _take_in(pipe: Connection, given: "queue.SimpleQueue[Any]") -> None:
    while True:
        try:
            given.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)  # nobody is there any more who would take a result


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C waiting for the length of the block: processes started in it are deaf to it from
    their first moment on.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
