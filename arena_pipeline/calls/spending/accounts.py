"""The accounts of all budgets: rows of `spend`, held in one order, changed here, written back.

What belongs here: which budgets a call is charged to, and the only code that changes their rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Spend

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Where the window begins of a budget that has none."""

TOTAL = "total"
"""The budget over all."""

ZERO = Decimal(0)

_GATEWAY, _EVALUATION, _MATCH = "gateway:", "evaluation:", "match:"


class AccountKey(NamedTuple):
    """A budget and its window, which is a day for a gateway's and all time for the others."""

    budget: str
    window_start: datetime


TOTAL_KEY = AccountKey(TOTAL, EPOCH)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What is on an account, or what changes on it, in USD.

    `spent` is known from bills or prices, `assumed` the most that calls of unknown cost may have
    cost; `overrun` is the part of `spent` that was above what was reserved.
    """

    reserved: Decimal = ZERO
    spent: Decimal = ZERO
    assumed: Decimal = ZERO
    overrun: Decimal = ZERO

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.reserved + other.reserved,
            self.spent + other.spent,
            self.assumed + other.assumed,
            self.overrun + other.overrun,
        )

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.reserved - other.reserved,
            self.spent - other.spent,
            self.assumed - other.assumed,
            self.overrun - other.overrun,
        )

    def __bool__(self) -> bool:
        return bool(self.reserved or self.spent or self.assumed or self.overrun)

    @property
    def counted(self) -> Decimal:
        """What a budget has been charged for good."""
        return self.spent + self.assumed

    @property
    def taken(self) -> Decimal:
        """What is no longer free: charged, or set aside."""
        return self.spent + self.assumed + self.reserved


NOTHING = Amounts()


def day_of(moment: datetime) -> datetime:
    """The beginning of the day (UTC) of a moment."""
    return _midnight(moment.astimezone(UTC).toordinal())


@lru_cache(maxsize=64)
def _midnight(ordinal: int) -> datetime:
    return datetime.fromordinal(ordinal).replace(tzinfo=UTC)


def gateway_account(gateway: str, moment: datetime) -> AccountKey:
    """A gateway's budget for the day of a moment."""
    return AccountKey(_GATEWAY + gateway, day_of(moment))


def evaluation_account(evaluation_id: int) -> AccountKey:
    """An evaluation's budget."""
    return AccountKey(f"{_EVALUATION}{evaluation_id}", EPOCH)


def match_account(uuid: str) -> AccountKey:
    """A match's budget."""
    return AccountKey(_MATCH + uuid, EPOCH)


def charged(
    gateway: str, moment: datetime, uuid: str | None = None, evaluation_id: int | None = None
) -> tuple[AccountKey, ...]:
    """Every account that a call sent at `moment` is charged to."""
    keys = [TOTAL_KEY, gateway_account(gateway, moment)]
    if uuid is not None:
        keys.append(match_account(uuid))
    if evaluation_id is not None:
        keys.append(evaluation_account(evaluation_id))
    return tuple(keys)


class Accounts:
    """Some accounts, held by this transaction until it ends: nobody else changes them meanwhile."""

    def __init__(self, store: Store, connection: Connection, keys: Iterable[AccountKey]) -> None:
        self._connection = connection
        wanted = sorted(set(keys), key=_lock_order)
        self._now = _locked(store, connection, wanted) if wanted else {}
        self._before = dict(self._now)

    def __getitem__(self, key: AccountKey) -> Amounts:
        return self._now[key]

    def add(self, keys: Iterable[AccountKey], change: Amounts) -> None:
        """Change these accounts by the same amounts."""
        for key in keys:
            self._now[key] = self._now[key] + change

    def write(self) -> None:
        """Write back what changed."""
        rows = [
            {"key": key.budget, "window": key.window_start, **_columns(amounts)}
            for key, amounts in self._now.items()
            if amounts != self._before[key]
        ]
        if rows:
            self._connection.execute(_WRITE, rows)
            self._before = dict(self._now)


def on_accounts(connection: Connection, keys: Iterable[AccountKey]) -> dict[AccountKey, Amounts]:
    """What is on these accounts now, without holding them; nothing where there is none yet."""
    wanted = list(set(keys))
    found = _rows(connection, wanted, held=False) if wanted else {}
    return {key: found.get(key, NOTHING) for key in wanted}


def _locked(
    store: Store, connection: Connection, keys: list[AccountKey]
) -> dict[AccountKey, Amounts]:
    """The rows held; those that are missing are made. `keys` are in the order of locking."""
    found = _rows(connection, keys, held=True)
    missing = [key for key in keys if key not in found]
    if missing:
        connection.execute(
            store.insert_ignore(Spend),
            [
                {"budget": key.budget, "window_start": key.window_start, **_columns(NOTHING)}
                for key in missing
            ],
        )
        found |= _rows(connection, missing, held=True)
    return found


def _rows(
    connection: Connection, keys: list[AccountKey], *, held: bool
) -> dict[AccountKey, Amounts]:
    wanted = set(keys)
    # By two lists and not by pairs, for which SQLite would read the whole table.
    rows = connection.execute(
        _HOLD if held else _LOOK,
        {
            "budgets": sorted({key.budget for key in wanted}),
            "windows": sorted({key.window_start for key in wanted}),
        },
    )
    found = ((AccountKey(row[0], row[1]), Amounts(*row[2:])) for row in rows)
    return {key: amounts for key, amounts in found if key in wanted}


def _lock_order(key: AccountKey) -> tuple[bool, str, datetime]:
    """The total first: whoever holds it finds the others free, and nobody waits in a ring."""
    return key.budget != TOTAL, key.budget, key.window_start


def _columns(amounts: Amounts) -> Mapping[str, Decimal]:
    return {
        "reserved": amounts.reserved,
        "spent": amounts.spent,
        "assumed": amounts.assumed,
        "overrun": amounts.overrun,
    }


_LOOK = select(
    Spend.budget, Spend.window_start, Spend.reserved, Spend.spent, Spend.assumed, Spend.overrun
).where(
    Spend.budget.in_(bindparam("budgets", expanding=True)),
    Spend.window_start.in_(bindparam("windows", expanding=True)),
)
_HOLD = _LOOK.order_by(Spend.budget != TOTAL, Spend.budget, Spend.window_start).with_for_update()
_WRITE = (
    update(Spend.__table__)  # type: ignore[arg-type]
    .where(Spend.budget == bindparam("key"), Spend.window_start == bindparam("window"))
    .values(
        reserved=bindparam("reserved"),
        spent=bindparam("spent"),
        assumed=bindparam("assumed"),
        overrun=bindparam("overrun"),
    )
)
