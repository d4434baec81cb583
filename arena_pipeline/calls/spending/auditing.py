"""Whether the accounts say what the ledger says: money set aside must belong to calls under way."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, select

from arena_pipeline.calls.spending import settling
from arena_pipeline.calls.spending.accounts import (
    TOTAL_KEY,
    ZERO,
    AccountKey,
    Accounts,
    Amounts,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Match, Spend


@dataclass(frozen=True, slots=True)
class Astray:
    """An account whose money set aside (USD) is not what the calls under way are worth."""

    key: AccountKey
    reserved: Decimal
    under_way: Decimal


def astray(store: Store) -> list[Astray]:
    """Every account that holds more or less than its calls under way, the total first."""
    with store.read() as connection:
        return _astray(connection)


def mend(store: Store) -> list[Astray]:
    """Let every account hold what its calls under way are worth; returns what was astray.

    Safe to repeat and beside clerks: the total is held first, without which none of them writes.
    """
    with store.write() as connection:
        Accounts(store, connection, [TOTAL_KEY])
        found = _astray(connection)
        accounts = Accounts(store, connection, [one.key for one in found])
        for one in found:
            accounts.add([one.key], Amounts(reserved=one.under_way - one.reserved))
        accounts.write()
    return found


def _astray(connection: Connection) -> list[Astray]:
    held = {
        AccountKey(row[0], row[1]): row[2]
        for row in connection.execute(
            select(Spend.budget, Spend.window_start, Spend.reserved).where(Spend.reserved > 0)
        )
    }
    worth: defaultdict[AccountKey, Decimal] = defaultdict(Decimal)
    for row in connection.execute(
        select(*settling.ENTRY_COLUMNS, Match.uuid)
        .join(Match, Match.id == LlmCall.match_id)
        .where(LlmCall.settled_at.is_(None), LlmCall.reserved > 0)
    ):
        entry = settling.entry_of(row)
        for key in settling.keys_of(entry, row.uuid):
            worth[key] += entry.reserved
    return [
        Astray(key, held.get(key, ZERO), worth.get(key, ZERO))
        for key in sorted(held.keys() | worth.keys(), key=lambda key: (key != TOTAL_KEY, key))
        if held.get(key, ZERO) != worth.get(key, ZERO)
    ]
