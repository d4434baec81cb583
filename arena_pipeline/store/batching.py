"""Group commit: what many tasks want written at about the same time goes into one transaction.

A transaction costs about as much with fifty writes in it as with one, and it would hold up the
event loop. So tasks hand their writes to a worker thread and wait for the answer.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection

from arena_pipeline.errors import StoreError
from arena_pipeline.store.engine import Store

Op = TypeVar("Op")
Result = TypeVar("Result")

MOST_AT_ONCE = 200
"""Operations in one transaction, for which other writers wait."""

_FAILURES_IN_A_ROW = 2
"""After so many failures of the store itself, the rest of a batch is not tried any more."""

_Waiting = tuple[Op, "asyncio.Future[Result]"]


class Batcher(Generic[Op, Result]):
    """Writes operations of many tasks together, in the order they were handed in.

    `write` gets an open writing transaction and the operations, and returns one result for each,
    or an exception that its task is to get; what it writes must be safe to try again. If it raises,
    nothing of the batch is written and each operation is tried in a transaction of its own, so that
    only the guilty one fails. `linger` says for how many seconds the worker waits for more before
    it begins; ask for more with many tasks under way. Several event loops may use one batcher.
    """

    def __init__(
        self,
        store: Store,
        write: Callable[[Connection, Sequence[Op]], Sequence[Result | Exception]],
        name: str,
        *,
        linger: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._store = store
        self._write = write
        self._name = name
        self._linger = linger
        self._waiting: deque[_Waiting[Op, Result]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._worker: threading.Thread | None = None

    def enqueue(self, op: Op) -> "asyncio.Future[Result]":
        """Hand in an operation; the future has its result once it is in the store.

        Cancelling the future does not call the operation back. Raises StoreError after `close`.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._closing:
                raise StoreError(f"The {self._name} is closed; nothing more is written by it")
            self._waiting.append((op, future))
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._worker.start()
            elif len(self._waiting) == 1:
                self._changed.notify()
        return future

    async def submit(self, op: Op) -> Result:
        """The result of an operation, which is in the store then. Raises what `write` said of it.

        Cancelled while it waits, the operation is written all the same.
        """
        return await asyncio.shield(self.enqueue(op))

    async def close(self) -> None:
        """Write what waits, then end the worker. May be called again."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._worker is not None:
            await asyncio.to_thread(self._worker.join)

    def _work(self) -> None:
        while batch := self._next():
            results = self._together([op for op, _ in batch])
            _tell(zip((future for _, future in batch), results, strict=True))

    def _next(self) -> "list[_Waiting[Op, Result]]":
        """What waits, as soon as something does; nothing once all is written and closed."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            if self._waiting and not self._closing and (pause := self._linger()) > 0:
                until = time.monotonic() + pause
                while (left := until - time.monotonic()) > 0 and not self._closing:
                    self._changed.wait(left)
            count = min(len(self._waiting), MOST_AT_ONCE)
            return [self._waiting.popleft() for _ in range(count)]

    def _together(self, ops: list[Op]) -> Sequence[Result | Exception]:
        try:
            with self._store.write() as connection:
                return self._write(connection, ops)
        except Exception as error:  # noqa: BLE001  # goes to whoever waits
            return [error] if len(ops) == 1 else self._one_by_one(ops)

    def _one_by_one(self, ops: list[Op]) -> list[Result | Exception]:
        results: list[Result | Exception] = []
        failures = 0
        for op in ops:
            if failures >= _FAILURES_IN_A_ROW:
                results.append(results[-1])
                continue
            result = self._together([op])[0]
            failures = failures + 1 if isinstance(result, StoreError) else 0
            results.append(result)
        return results


def _tell(answers: Iterable[tuple["asyncio.Future[Result]", Result | Exception]]) -> None:
    """Wake the tasks, each event loop once."""
    by_loop: dict[
        asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Result], Result | Exception]]
    ] = {}
    for future, result in answers:
        by_loop.setdefault(future.get_loop(), []).append((future, result))
    for loop, told in by_loop.items():
        # A loop that was closed has nobody left who waits.
        if not loop.is_closed():
            loop.call_soon_threadsafe(_set, told)


def _set(told: "list[tuple[asyncio.Future[Result], Result | Exception]]") -> None:
    for future, result in told:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
