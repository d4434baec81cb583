"""Noting what a match that starts is expected to need, and giving back what it did not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from arena_pipeline.calls.limits import rows
from arena_pipeline.calls.limits.admission import free_scope
from arena_pipeline.calls.limits.allowance import Day, window_of
from arena_pipeline.calls.outstanding import called_at
from arena_pipeline.calls.starting.needs import SeatNeed, calls_of, free_seats
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Model, Participant


def set_aside(
    store: Store,
    connection: Connection,
    match_id: int,
    seats: Sequence[SeatNeed],
    now: datetime,
    settings: Settings | None = None,
) -> None:
    """Note what each seat is expected to cost, and keep the calls it needs of a free allowance.

    In the transaction that opens the match, whose participants are there. With `settings` no more
    calls are kept than a day has.
    """
    gateways = {row.name: row for row in gateway_rows(connection)}
    kept: dict[int, int] = {}
    for gateway, free in free_seats(seats, gateways).items():
        scope = free_scope(gateway)
        rows.make_days(store, connection, [scope], now)
        day = rows.days(connection, [scope], now).get(scope, Day())
        left = (
            sum(map(calls_of, free)) if settings is None else day.left(settings.free_calls_per_day)
        )
        for seat in free:
            kept[seat.slot] = min(calls_of(seat), left)
            left -= kept[seat.slot]
        calls = sum(kept[seat.slot] for seat in free)
        day = replace(day, set_aside=day.set_aside + calls)
        rows.write_days(store, connection, {scope: day}, now)
    changes = [
        {
            "seat_match": match_id,
            "seat_slot": seat.slot,
            "expected": None if seat.expectation is None else seat.expectation.cost,
            "calls": kept.get(seat.slot),
            "window": window_of(now) if seat.slot in kept else None,
        }
        for seat in seats
    ]
    if changes:
        connection.execute(_NOTE, changes)


def release(connection: Connection, store: Store, match_ids: Sequence[int]) -> None:
    """Give back the calls of free allowances that these matches still have set aside.

    In the transaction that ends them. Days are locked first, in order of their scope, then seats;
    safe to repeat: what was given back is no more set aside.
    """
    if not match_ids or not (seats := _keeping(connection, match_ids)):
        return
    shares: dict[tuple[str, datetime], int] = defaultdict(int)
    rows.hold_days(connection, {key for key, _, _ in seats})
    for key, _, calls in (seats := _keeping(connection, match_ids)):
        shares[key] += calls
    rows.give_back(connection, shares)
    if seats:
        connection.execute(
            _GIVE_BACK,
            [{"seat_match": match, "seat_slot": slot} for _, (match, slot), _ in seats],
        )


_Kept = tuple[tuple[str, datetime], tuple[int, int], int]
"""Scope and day, match and slot, calls."""


def _keeping(connection: Connection, match_ids: Sequence[int]) -> list[_Kept]:
    statement = (
        select(
            Participant.match_id,
            Participant.slot,
            Participant.calls_set_aside,
            Participant.calls_window,
            Agent.settings,
            Model.gateway,
        )
        .outerjoin(Agent, Agent.id == Participant.agent_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .where(Participant.match_id.in_(match_ids), Participant.calls_set_aside > 0)
        .order_by(Participant.match_id, Participant.slot)
    )
    return [
        (
            (free_scope(called_at(row.settings, row.gateway) or ""), row.calls_window),
            (row.match_id, row.slot),
            row.calls_set_aside,
        )
        for row in connection.execute(statement)
        if row.calls_window is not None
    ]


_THIS_SEAT = (
    Participant.match_id == bindparam("seat_match"),
    Participant.slot == bindparam("seat_slot"),
)
_NOTE = (
    update(Participant)
    .where(*_THIS_SEAT)
    .values(
        expected_cost=bindparam("expected"),
        calls_set_aside=bindparam("calls"),
        calls_window=bindparam("window"),
    )
)
_GIVE_BACK = update(Participant).where(*_THIS_SEAT).values(calls_set_aside=0)
