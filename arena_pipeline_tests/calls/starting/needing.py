"""Seats that need something, and matches that start with them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from arena_pipeline.calls.expecting import Expectation
from arena_pipeline.calls.limits.allowance import window_of
from arena_pipeline.calls.plan import Refused
from arena_pipeline.calls.spending.accounts import (
    AccountKey,
)
from arena_pipeline.calls.starting import SeatNeed, may_start, set_aside
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CallQuota, Spend
from arena_pipeline_tests.calls.played import add_match
from arena_pipeline_tests.calls.spending.seats import NOON

GATE = "gate"


def need(
    cost: str | None = "0.1", turns: float = 20, slot: int = 0, *, free: bool = False
) -> SeatNeed:
    """A seat that is expected to cost so much (None: nobody knows)."""
    told = None
    if cost is not None:
        amount = Decimal(cost)
        told = Expectation(turns, 1000, 100, amount, amount, amount, "first guess", 0)
    return SeatNeed(slot, GATE, "a/one", free, told)


def refusal(
    store: Store,
    settings: Settings,
    *seats: SeatNeed,
    evaluation_id: int | None = None,
    now: datetime = NOON,
) -> Refused | None:
    with store.write() as connection:
        return may_start(store, connection, settings, seats, evaluation_id, now)


def start(
    store: Store,
    settings: Settings,
    seats: Sequence[SeatNeed],
    evaluation_id: int | None = None,
    **seat: object,
) -> tuple[int, str]:
    """A match under way, with what its seats need set aside."""
    players = [{"agent_id": None, "model_id": None, **seat} for _ in seats]
    match_id, uuid = add_match(
        store, *players, rounds=None, state="running", evaluation_id=evaluation_id
    )
    with store.write() as connection:
        set_aside(store, connection, match_id, seats, NOON, settings)
    return match_id, uuid


def charge(store: Store, key: AccountKey, spent: str) -> None:
    with store.write() as connection:
        connection.execute(
            store.upsert(Spend, "spent").values(
                budget=key.budget, window_start=key.window_start, reserved=0, spent=Decimal(spent)
            )
        )


def day(store: Store) -> tuple[int, int]:
    """Used and set aside of today's free calls."""
    with store.read() as connection:
        row = connection.execute(
            select(CallQuota.used, CallQuota.set_aside).where(
                CallQuota.window_start == window_of(NOON)
            )
        ).one()
        return row.used, row.set_aside
