"""Group commit: few transactions for many tasks, in order, errors only for whom they concern."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, insert, select

from arena_pipeline.errors import StoreError
from arena_pipeline.store import Store
from arena_pipeline.store.batching import MOST_AT_ONCE, Batcher
from arena_pipeline.store.tables import CallRate
from arena_pipeline_tests.agents import NOON
from arena_pipeline_tests.looping import in_loop


class Writes:
    """Adds rows named by the operations; `!` is an error of the batch, `?` one of its own."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, connection: Connection, ops: Sequence[str]) -> list[str | Exception]:
        """One transaction."""
        self.batches.append(len(ops))
        rows = [{"scope": op, "next_at": NOON} for op in ops if op != "?"]
        if rows:
            connection.execute(insert(CallRate), rows)
        if "!" in ops:
            raise ValueError("no such thing")
        return [KeyError(op) if op == "?" else op.upper() for op in ops]


def written(store: Store) -> list[str]:
    """The rows there are."""
    with store.read() as connection:
        return list(connection.scalars(select(CallRate.scope).order_by(CallRate.scope)))


def words(count: int) -> list[str]:
    """So many operations."""
    return [f"w{number:04}" for number in range(count)]


@in_loop
async def test_what_waits_is_written_together_and_answered_in_its_order(store: Store) -> None:
    writes = Writes()
    batcher = Batcher(store, writes, "test", linger=lambda: 0.05)

    answers = await asyncio.gather(*map(batcher.submit, words(3 * MOST_AT_ONCE)))
    await batcher.close()

    assert answers == [word.upper() for word in words(3 * MOST_AT_ONCE)]
    assert writes.batches == [MOST_AT_ONCE] * 3
    assert written(store) == words(3 * MOST_AT_ONCE)


@in_loop
async def test_an_error_of_a_batch_reaches_only_the_operation_that_made_it(store: Store) -> None:
    batcher = Batcher(store, Writes(), "test", linger=lambda: 0.05)

    answers = await asyncio.gather(
        *map(batcher.submit, ["a", "!", "b", "?", "c"]), return_exceptions=True
    )
    await batcher.close()

    assert [answers[place] for place in (0, 2, 4)] == ["A", "B", "C"]
    assert isinstance(answers[1], ValueError)
    assert isinstance(answers[3], KeyError)
    assert written(store) == ["a", "b", "c"]


@in_loop
async def test_what_a_cancelled_task_asked_for_is_written_all_the_same(store: Store) -> None:
    batcher = Batcher(store, Writes(), "test")
    task = asyncio.ensure_future(batcher.submit("a"))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await batcher.close()

    assert written(store) == ["a"]


@in_loop
async def test_closing_writes_what_waits_and_takes_no_more(store: Store) -> None:
    batcher = Batcher(store, Writes(), "test", linger=lambda: 60.0)
    futures = [batcher.enqueue(word) for word in words(5)]

    await batcher.close()
    await batcher.close()

    assert written(store) == words(5)
    assert [future.result() for future in futures] == [word.upper() for word in words(5)]
    with pytest.raises(StoreError, match="test is closed"):
        await batcher.submit("late")


@in_loop
async def test_a_store_that_fails_is_not_asked_again_for_each_that_waits(store: Store) -> None:
    asked = []

    def broken(connection: Connection, ops: Sequence[str]) -> list[str | Exception]:
        asked.append(len(ops))
        raise StoreError("it is gone")

    batcher: Batcher[str, str] = Batcher(store, broken, "test", linger=lambda: 0.05)

    answers = await asyncio.gather(*map(batcher.submit, words(50)), return_exceptions=True)
    await batcher.close()

    assert all(isinstance(one, StoreError) for one in answers)
    assert asked == [50, 1, 1]


def test_two_event_loops_may_share_a_batcher(store: Store) -> None:
    batcher = Batcher(store, Writes(), "test")

    first = asyncio.run(asyncio.wait_for(_submit(batcher, "a"), 30))
    second = asyncio.run(asyncio.wait_for(_submit(batcher, "b"), 30))
    asyncio.run(batcher.close())

    assert (first, second) == ("A", "B")


async def _submit(batcher: Batcher[str, str], word: str) -> str:
    return await batcher.submit(word)
