"""Payloads of old calls: from the store into the archive. Everything else of a call stays: who was
asked, when, how many tokens, what it cost.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select, update

from arena_pipeline.matches.finishing import OPEN
from arena_pipeline.operations.purging.archive import (
    Call,
    payload_digest,
    payload_digests,
    write_calls,
)
from arena_pipeline.operations.purging.lots import Lot
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Match

WHAT = "payloads of calls"
MOST_CALLS = 2_000
MOST_CHARACTERS = 64 * 2**20
"""What one file may hold, and with it the memory that archiving takes."""

_READ_AT_ONCE = 20

_IS_OVER = Match.state.not_in(OPEN)
"""A match that goes on one day finds its answers in the store, and asks nobody twice."""

CLEARED_AT_ONCE = 200
"""Calls cleared in one transaction, for which other writers wait."""

Progress = Callable[[int, int | None], None]
"""Called with calls archived so far, and how many there are in all."""


def old_calls(store: Store, before: datetime) -> Lot:
    """The payloads of calls started before a moment, for matches that are over; their size is in
    characters.
    """
    with store.read() as connection:
        count, oldest, size = connection.execute(
            select(
                func.count(), func.min(LlmCall.started_at), func.sum(func.length(LlmCall.payload))
            )
            .join(Match, Match.id == LlmCall.match_id)
            .where(LlmCall.started_at < before, LlmCall.payload.is_not(None), _IS_OVER)
        ).one()
    return Lot(WHAT, count, "move to the archive", oldest, int(size or 0))


def archive_calls(
    store: Store, archive_dir: Path, before: datetime, progress: Progress | None = None
) -> Lot:
    """Move the payloads of calls started before a moment to Parquet files in `archive_dir`.

    Batch by batch: written, synced, read back and compared, and only then cleared, call by call
    where the store still says what the file says. Repeated it finds nothing left; killed it has
    archived some calls twice at worst and lost none; beside another one, or a writer, each call is
    cleared by whoever has it in a file. Raises ArchiveError; what was moved before it stays moved.
    """
    found = old_calls(store, before)
    seen = cleared = 0
    for calls in _batches(store, before):
        file = write_calls(archive_dir, calls)
        cleared += _clear(store, payload_digests(file))
        seen += len(calls)
        if progress is not None:
            progress(seen, found.count)
    return replace(found, count=cleared, done="are in the archive")


def _batches(store: Store, before: datetime) -> Iterator[list[Call]]:
    """The calls in the order they were started, a file's worth at a time: of one month, by id.

    A view each, and no longer: the store may be written meanwhile. Goes on behind the last call
    seen, so that one that somebody changes all the time does not hold it up.
    """
    last = (datetime.min.replace(tzinfo=UTC), 0)
    while calls := _next(store, before, last):
        last = (calls[-1].started_at, calls[-1].id)
        for _, month in groupby(calls, key=lambda call: f"{call.started_at:%Y-%m}"):
            yield sorted(month, key=lambda call: call.id)


def _next(store: Store, before: datetime, last: tuple[datetime, int]) -> list[Call]:
    """The calls behind `last`, as many as fit into a file."""
    moment, number = last
    query = (
        select(
            LlmCall.id, Match.uuid, LlmCall.step, LlmCall.slot, LlmCall.attempt, LlmCall.gateway,
            LlmCall.client_name, LlmCall.started_at, LlmCall.payload,
        )
        .join(Match, Match.id == LlmCall.match_id)
        .where(
            LlmCall.started_at >= moment,
            LlmCall.started_at < before,
            (LlmCall.started_at > moment) | (LlmCall.id > number),
            LlmCall.payload.is_not(None),
            _IS_OVER,
        )
        .order_by(LlmCall.started_at, LlmCall.id)
        .limit(MOST_CALLS)
    )  # fmt: skip
    calls: list[Call] = []
    size = 0
    with store.read() as connection:
        # Payloads are read as they are wanted: all that the limit allows need not fit into memory.
        rows = connection.execution_options(yield_per=_READ_AT_ONCE).execute(query)
        for row in rows:
            calls.append(Call(*row))  # type: ignore[arg-type]  # no payload is NULL here
            size += len(row.payload)
            if size >= MOST_CHARACTERS:
                break
        rows.close()
    return calls


def _clear(store: Store, archived: dict[int, str]) -> int:
    """Clear the payloads in the store that are still those archived; returns how many."""
    ids = sorted(archived)
    cleared = 0
    for start in range(0, len(ids), CLEARED_AT_ONCE):
        with store.write() as connection:
            rows = connection.execute(
                select(LlmCall.id, LlmCall.payload)
                .where(
                    LlmCall.id.in_(ids[start : start + CLEARED_AT_ONCE]),
                    LlmCall.payload.is_not(None),
                )
                .order_by(LlmCall.id)
                .with_for_update()
            ).all()
            same = [row.id for row in rows if payload_digest(row.payload) == archived[row.id]]
            connection.execute(update(LlmCall).where(LlmCall.id.in_(same)).values(payload=None))
        cleared += len(same)
    return cleared
