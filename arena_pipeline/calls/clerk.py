"""The clerk: every call is reserved with it before it is sent, and settled after.

What belongs here: the asynchronous face, and the order in which one transaction does the work of
many calls. What fits into which budget is in `calls.spending`, when a call may go out in
`calls.limits`.
"""

import asyncio
from types import TracebackType
from typing import Self

from arena_pipeline.calls.limits import Limits
from arena_pipeline.calls.plan import CallOutcome, CallPlan, CallSite, Refused, Reserved
from arena_pipeline.calls.spending import work
from arena_pipeline.calls.spending.answers import RecordedAnswer
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.batching import Batcher

__all__ = ["Clerk", "RecordedAnswer"]

LINGER_PER_CALL_S = 0.0001
MOST_LINGER_S = 0.02
"""How long a transaction waits for more to do: the more calls are under way, the longer, so that
one match alone is not slowed down and a thousand cost no transaction each.
"""


class Clerk:
    """Keeps the money and the ledger of calls, for any number of tasks at once.

    Nothing is sent that would take settled plus reserved past a budget, whatever other processes
    do: each transaction holds the accounts it changes (BEGIN IMMEDIATE on SQLite, the row of the
    total first on PostgreSQL). Use it as `async with`; leaving waits for what was handed in.
    """

    def __init__(self, store: Store, settings: Settings, limits: work.Bounds | None = None) -> None:
        self._desk = work.Desk(store, settings, limits or Limits(settings))
        self._batcher: Batcher[work.Task, work.Answer] = Batcher(
            store, self._desk.do, "arena-clerk", linger=self._linger
        )
        self._under_way = 0
        self._left: set[asyncio.Future[work.Answer]] = set()

    async def reserve(self, plan: CallPlan) -> Reserved | Refused:
        """Set a call's money aside and give it a row in the ledger, or say why it is not sent.

        Cancelled while it waits, the reservation is taken back. Raises StoreError.
        """
        future = self._batcher.enqueue(plan)
        try:
            answer = await asyncio.shield(future)
        except asyncio.CancelledError:
            self._left.add(future)
            future.add_done_callback(self._take_back)
            raise
        if isinstance(answer, Reserved):
            self._under_way += 1
            return answer
        assert isinstance(answer, Refused)  # what a plan is answered with
        return answer

    async def settle(self, reserved: Reserved, outcome: CallOutcome) -> None:
        """Write down what came of a call; it is in the store when this returns.

        Safe to repeat: the first outcome stands, but for that of a call given up for lost. Goes on
        when cancelled. Raises UnknownCall for one that the ledger does not have, and StoreError.
        """
        self._under_way = max(0, self._under_way - 1)
        await self._batcher.submit(work.Settlement(reserved, outcome))

    async def release(self, reserved: Reserved) -> None:
        """Take back a reservation that is not sent after all: no row, no money.

        Safe to repeat; one that is settled stays. Goes on when cancelled. Raises StoreError.
        """
        self._under_way = max(0, self._under_way - 1)
        await self._batcher.submit(work.Unsent(reserved))

    async def answered(self, site: CallSite) -> RecordedAnswer | None:
        """The newest answer to this question that is on record; None: ask it. Raises StoreError."""
        answer = await self._batcher.submit(site)
        assert answer is None or isinstance(answer, RecordedAnswer)
        return answer

    async def close(self) -> None:
        """Wait until all that was handed in is in the store. May be called again."""
        while self._left:
            await asyncio.wait(self._left)
        await self._batcher.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _linger(self) -> float:
        return min(MOST_LINGER_S, self._under_way * LINGER_PER_CALL_S)

    def _take_back(self, future: "asyncio.Future[work.Answer]") -> None:
        """Undo the reservation that a cancelled task no longer waits for."""
        self._left.discard(future)
        if future.cancelled() or future.exception() is not None:
            return
        answer = future.result()
        if isinstance(answer, Reserved):
            undone = self._batcher.enqueue(work.Unsent(answer))
            self._left.add(undone)
            undone.add_done_callback(self._left.discard)
