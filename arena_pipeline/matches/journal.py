"""The journal of a match that costs money or time: each turn in the store as it happens, under a
lease, so that any process can take the match up where a dead one left it.

What belongs here: a journal's line to the store, and the scribe that writes for many matches at
once. What they write is in `entries`, opening and finishing matches in `recorder`, taking them up
again in `resuming`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from arena_pipeline.errors import ArenaError
from arena_pipeline.logs import logger
from arena_pipeline.matches.entries import Entry, LeaseLost, Pause, write_entries
from arena_pipeline.matches.plan import TurnRecord
from arena_pipeline.store import Store
from arena_pipeline.store.batching import Batcher

__all__ = ["Journal", "LeaseLost", "Scribe"]

_LOG = logger(__name__)
_LINGER_PER_MATCH_S = 0.0001
_MOST_LINGER_S = 0.05
"""How long the scribe waits for more turns to write with the first: the more matches are in play,
the longer, so that one alone is not slowed down and a thousand cost no transaction for each turn.
"""

_SHORTEST_BEAT_S = 1.0


class Scribe:
    """Writes the journals of many matches, what comes together in one transaction.

    Use it as `async with`; one for all matches of a process.
    """

    def __init__(self, store: Store) -> None:
        self.in_play = 0
        """Matches whose turns come this way now."""
        self._batcher: Batcher[Entry, tuple[TurnRecord, ...]] = Batcher(
            store,
            lambda connection, entries: write_entries(store, connection, entries),
            "journal",
            linger=lambda: min(_MOST_LINGER_S, self.in_play * _LINGER_PER_MATCH_S),
        )

    async def __aenter__(self) -> "Scribe":
        """Ready at once."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits."""
        await self._batcher.close()

    def write(self, entry: Entry) -> "asyncio.Future[tuple[TurnRecord, ...]]":
        """Hand in an entry: the turns that stand once it is in the store, or LeaseLost."""
        return self._batcher.enqueue(entry)


@dataclass(frozen=True, slots=True)
class Journal:
    """A journaled match's line to the store: writes turns under `owner`'s lease, `lease` long."""

    store: Store
    match_id: int
    uuid: str
    owner: str
    lease: timedelta
    scribe: Scribe | None = field(default=None, compare=False)

    def entry(self, turns: Sequence[TurnRecord] = (), pause: Pause | None = None) -> Entry:
        """What is to be written of this match."""
        return Entry(self.match_id, self.uuid, self.owner, self.lease, tuple(turns), pause)

    def write(self, turn: TurnRecord) -> TurnRecord:
        """Insert a turn unless one stands there, renewing the lease; the turn that stands is
        returned. Raises LeaseLost.
        """
        return self._write_now(self.entry((turn,)))[0]

    async def keep(self, turns: Sequence[TurnRecord]) -> tuple[TurnRecord, ...]:
        """The same of several turns, without holding up other matches. Cancelled while it waits, it
        writes them all the same.
        """
        return await self._write(self.entry(turns))

    def release(self, reason: str | None = None, until: datetime | None = None) -> None:
        """Pause the match: anybody may take it up, from `until` on. Does nothing if it is no longer
        `owner`'s.
        """
        self._write_now(self.entry(pause=Pause(reason, until)))

    async def let_go(self, reason: str | None = None, until: datetime | None = None) -> None:
        """The same without holding up other matches."""
        await self._write(self.entry(pause=Pause(reason, until)))

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Renew the lease while the block runs, however long a turn takes.

        Once the lease is lost, nothing more is renewed, and the next turn can't be written: a call
        under way is still answered and paid into the books.
        """
        beating = asyncio.create_task(self._beat())
        if self.scribe is not None:
            self.scribe.in_play += 1
        try:
            yield
        finally:
            if self.scribe is not None:
                self.scribe.in_play -= 1
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self) -> None:
        pause = max(self.lease.total_seconds() / 3, _SHORTEST_BEAT_S)
        while True:
            await asyncio.sleep(pause)
            try:
                await self._write(self.entry())
            except LeaseLost:
                return
            except ArenaError as error:
                _LOG.warning("lease not renewed", match=self.uuid, error=str(error))

    async def _write(self, entry: Entry) -> tuple[TurnRecord, ...]:
        """Cancelled, it waits for what is being written: a pause must not overtake a turn."""
        writing = (
            asyncio.ensure_future(asyncio.to_thread(self._write_now, entry))
            if self.scribe is None
            else self.scribe.write(entry)
        )
        writing.add_done_callback(_heard)
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise

    def _write_now(self, entry: Entry) -> tuple[TurnRecord, ...]:
        with self.store.write() as connection:
            (answer,) = write_entries(self.store, connection, [entry])
        if isinstance(answer, Exception):
            raise answer
        return answer


def _heard(writing: "asyncio.Future[tuple[TurnRecord, ...]]") -> None:
    """Let no error of an entry whose task was cancelled be told as one that nobody heard of."""
    if not writing.cancelled():
        writing.exception()
