"""Settling calls: what each came to goes into the ledger, and its money from reserved to spent.

What belongs here: the decision what a call is counted at, and the statements for many calls at
once, within a transaction that holds their rows and accounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, Reserved
from arena_pipeline.calls.spending.accounts import (
    NOTHING,
    ZERO,
    AccountKey,
    Accounts,
    Amounts,
    charged,
    day_of,
    evaluation_account,
)
from arena_pipeline.errors import ArenaError
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, LlmCall
from arena_pipeline.store.types import clean_text


class UnknownCall(ArenaError):
    """A call is to be settled that the ledger does not know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of a call, as far as money goes. `cost` is what it was counted at, None
    while it is under way; `is_known` whether a bill or an estimate said so.
    """

    id: int
    gateway: str
    started_at: datetime
    evaluation_id: int | None
    reserved: Decimal
    cost: Decimal | None = None
    is_known: bool = False
    error_kind: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come: under way, or given up for lost."""
        return self.cost is None or self.error_kind == ErrorKind.LOST

    @property
    def amounts(self) -> Amounts:
        """What its accounts hold for it now."""
        if self.cost is None:
            return Amounts(reserved=self.reserved)
        return amounts(self.reserved, self.cost, is_known=self.is_known)


@dataclass(frozen=True, slots=True)
class Change:
    """A call whose outcome is now known, what it is counted at, and what that changes."""

    entry: Entry
    outcome: CallOutcome
    cost: Decimal
    keys: tuple[AccountKey, ...]
    change: Amounts


def count(outcome: CallOutcome, reserved: Decimal) -> tuple[Decimal, bool]:
    """What a call is counted at (USD), and whether that is known: by the bill, else by prices and
    tokens; else, where it may have been billed, all that was reserved; else nothing. What failed
    before it was sent was not billed.
    """
    if outcome.cost_billed is not None:
        return outcome.cost_billed, True
    if outcome.cost_estimated is not None:
        return outcome.cost_estimated, True
    if outcome.error_kind is None or outcome.error_kind is ErrorKind.LOST:
        return reserved, False
    if outcome.sent_at is not None and outcome.error_kind.may_be_billed:
        return reserved, False
    return ZERO, False


def amounts(reserved: Decimal, cost: Decimal, *, is_known: bool) -> Amounts:
    """How a settled call stands on its accounts."""
    if not is_known:
        return Amounts(assumed=cost)
    return Amounts(spent=cost, overrun=max(cost - reserved, ZERO))


def entries(connection: Connection, ids: Iterable[int]) -> dict[int, Entry]:
    """The ledger's entries of these calls, held until the transaction ends, in the order of their
    ids.
    """
    rows = connection.execute(_HOLD, {"ids": sorted(set(ids))})
    return {row.id: entry_of(row) for row in rows}


def entry_of(row: Any) -> Entry:
    """An entry from a row of `ENTRY_COLUMNS`."""
    is_known = row.cost_billed is not None or row.cost_estimated is not None
    cost = None if row.settled_at is None else row.cost_counted or ZERO
    return Entry(
        row.id, row.gateway, row.started_at, row.evaluation_id, row.reserved, cost, is_known,
        row.error_kind,
    )  # fmt: skip


def changes(
    found: Mapping[int, Entry], settled: Sequence[tuple[Reserved, CallOutcome]]
) -> list[Change | UnknownCall | None]:
    """What each settlement changes, in their order; None where all is said already."""
    made: list[Change | UnknownCall | None] = []
    done: set[int] = set()
    for reserved, outcome in settled:
        entry = found.get(reserved.call_id)
        if entry is None:
            made.append(
                UnknownCall(
                    f"Call {reserved.call_id} of match {reserved.plan.site.match_uuid} is not in "
                    "the ledger; arena doctor says whether money is amiss"
                )
            )
        elif not entry.is_open or entry.id in done:
            made.append(None)
        else:
            done.add(entry.id)
            made.append(change_of(entry, outcome, reserved.plan.site.match_uuid))
    return made


def change_of(entry: Entry, outcome: CallOutcome, uuid: str) -> Change:
    """What this outcome of a call in the match `uuid` changes."""
    cost, is_known = count(outcome, entry.reserved)
    change = amounts(entry.reserved, cost, is_known=is_known) - entry.amounts
    keys = charged(entry.gateway, entry.started_at, uuid, entry.evaluation_id)
    return Change(entry, outcome, cost, keys if change != NOTHING else (), change)


def write_outcomes(connection: Connection, accounts: Accounts, made: Sequence[Change]) -> None:
    """Write these outcomes into the ledger and onto the accounts, which hold their keys."""
    if not made:
        return
    connection.execute(_WRITE, [_row(change) for change in made])
    for change in made:
        accounts.add(change.keys, change.change)


def take_back(connection: Connection, accounts: Accounts, found: Mapping[int, Entry],
              unsent: Sequence[Reserved]) -> None:  # fmt: skip
    """Undo reservations that nobody will send: no row, no money. One that is settled stays."""
    gone = {
        one.call_id: one
        for one in unsent
        if one.call_id in found and found[one.call_id].cost is None
    }
    if not gone:
        return
    connection.execute(_DELETE, {"ids": list(gone)})
    for one in gone.values():
        entry = found[one.call_id]
        if entry.reserved:
            accounts.add(keys_of(entry, one.plan.site.match_uuid), NOTHING - entry.amounts)


def keys_of(entry: Entry, uuid: str) -> tuple[AccountKey, ...]:
    """The accounts that a call in the ledger is charged to."""
    return charged(entry.gateway, entry.started_at, uuid, entry.evaluation_id)


def write_spent(connection: Connection, accounts: Accounts, made: Iterable[Change]) -> None:
    """Let the evaluations whose accounts these changed say what is on them."""
    paying = (one.entry.evaluation_id for one in made if one.keys)
    numbers = {number for number in paying if number is not None}
    rows = [
        {"evaluation": number, "counted": accounts[evaluation_account(number)].counted}
        for number in sorted(numbers)
    ]
    if rows:
        connection.execute(_SPENT, rows)


def _row(change: Change) -> dict[str, Any]:
    outcome, entry = change.outcome, change.entry
    started_at = outcome.sent_at
    if started_at is None or day_of(started_at) != day_of(entry.started_at):
        # The day it is charged to follows from its start, so that it must not move to another one.
        started_at = entry.started_at
    return {
        "call": entry.id,
        "started_at": started_at,
        "settled_at": outcome.ended_at,
        "first_byte_ms": outcome.first_byte_ms,
        "duration_ms": outcome.duration_ms,
        "http_status": outcome.http_status,
        "error_kind": outcome.error_kind,
        "error": outcome.error,
        "request_id": outcome.request_id,
        "host": outcome.host,
        "prompt_tokens": outcome.prompt_tokens,
        "cached_tokens": outcome.cached_tokens,
        "completion_tokens": outcome.completion_tokens,
        "reasoning_tokens": outcome.reasoning_tokens,
        "cost_billed": outcome.cost_billed,
        "cost_estimated": outcome.cost_estimated,
        "cost_counted": change.cost,
        "finish_reason": outcome.finish_reason,
        "payload": None if outcome.payload is None else clean_text(outcome.payload),
    }


def hold_evaluations(store: Store, connection: Connection, numbers: Iterable[int | None]) -> None:
    """Hold these evaluations (None among them is none), which comes before all else."""
    wanted = sorted({number for number in numbers if number is not None})
    if wanted and not store.is_sqlite:
        connection.execute(_HOLD_EVALUATIONS, {"ids": wanted})


ENTRY_COLUMNS = (
    LlmCall.id, LlmCall.gateway, LlmCall.started_at, LlmCall.evaluation_id, LlmCall.reserved,
    LlmCall.settled_at, LlmCall.cost_counted, LlmCall.cost_billed, LlmCall.cost_estimated,
    LlmCall.error_kind,
)  # fmt: skip
_HOLD = (
    select(*ENTRY_COLUMNS)
    .where(LlmCall.id.in_(bindparam("ids", expanding=True)))
    .order_by(LlmCall.id)
    .with_for_update()
)
_WRITTEN = (
    "started_at", "settled_at", "first_byte_ms", "duration_ms", "http_status", "error_kind",
    "error", "request_id", "host", "prompt_tokens", "cached_tokens", "completion_tokens",
    "reasoning_tokens", "cost_billed", "cost_estimated", "cost_counted", "finish_reason", "payload",
)  # fmt: skip
_WRITE = (
    update(LlmCall.__table__)  # type: ignore[arg-type]
    .where(LlmCall.id == bindparam("call"))
    .values({name: bindparam(name) for name in _WRITTEN})
)
_DELETE = delete(LlmCall).where(LlmCall.id.in_(bindparam("ids", expanding=True)))
_SPENT = (
    update(Evaluation.__table__)  # type: ignore[arg-type]
    .where(Evaluation.id == bindparam("evaluation"))
    .values(spent=bindparam("counted"))
)
_HOLD_EVALUATIONS = (
    select(Evaluation.id)
    .where(Evaluation.id.in_(bindparam("ids", expanding=True)))
    .order_by(Evaluation.id)
    .with_for_update(key_share=True)
)
