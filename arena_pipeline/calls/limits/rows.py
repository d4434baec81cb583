"""Reading and writing what limits need in the store: rates, days, circuits, seats, calls under way.

On PostgreSQL whoever asks or tells limits locks one row first (`hold`), then rates, days, circuits
and seats, each by its key, so that writers wait for each other and never in a circle. On SQLite the
transaction is the lock.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from arena_pipeline.calls.limits.admission import Key, Seat
from arena_pipeline.calls.limits.allowance import Day, Own, window_of
from arena_pipeline.calls.limits.breaker import Breaker
from arena_pipeline.calls.limits.pacing import LONG_AGO
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    CallQuota,
    CallRate,
    Circuit,
    CircuitState,
    LlmCall,
    Participant,
)
from arena_pipeline.store.types import clean_text

_ALL = ""
"""The scope whose row is locked before all others."""

_BREAKER = tuple(field.name for field in fields(Breaker))


def hold(store: Store, connection: Connection) -> None:
    """Let nobody else ask or tell limits until this transaction ends."""
    if store.is_sqlite:
        return
    if connection.execute(_FIRST).first() is None:
        make_rates(store, connection, {_ALL: LONG_AGO})
        connection.execute(_FIRST)


def next_times(connection: Connection, scopes: Iterable[str]) -> dict[str, datetime]:
    """By scope when the next call may go out, as far as anything is known; locked."""
    wanted = sorted(set(scopes))
    statement = (
        select(CallRate.scope, CallRate.next_at)
        .where(CallRate.scope.in_(wanted))
        .order_by(CallRate.scope)
        .with_for_update()
    )
    return {row.scope: row.next_at for row in connection.execute(statement)}


def make_rates(store: Store, connection: Connection, next_at: Mapping[str, datetime]) -> None:
    """Rows for these scopes where there are none yet, so that they can be locked."""
    rows = [{"scope": scope, "next_at": next_at[scope]} for scope in sorted(next_at)]
    if rows:
        connection.execute(store.insert_ignore(CallRate), rows)


def write_rates(store: Store, connection: Connection, next_at: Mapping[str, datetime]) -> None:
    """Keep when the next call of each scope may go out."""
    rows = [{"scope": scope, "next_at": next_at[scope]} for scope in sorted(next_at)]
    if rows:
        connection.execute(store.upsert(CallRate, "next_at"), rows)


def days(
    connection: Connection, scopes: Iterable[str], now: datetime, *, lock: bool = True
) -> dict[str, Day]:
    """Today's calls by scope; what a gateway said of its allowance may be from an earlier day."""
    window = window_of(now)
    wanted = sorted(set(scopes))
    statement = (
        select(CallQuota.__table__)
        .where(
            CallQuota.scope.in_(wanted),
            (CallQuota.window_start == window) | (CallQuota.exhausted_until > now),
        )
        .order_by(CallQuota.scope, CallQuota.window_start)
    )
    found: dict[str, Day] = {}
    for row in connection.execute(statement.with_for_update() if lock else statement):
        known = found.get(row.scope, Day())
        ends = [at for at in (known.exhausted_until, row.exhausted_until) if at is not None]
        until = max(ends, default=None)
        today = row.window_start == window
        found[row.scope] = Day(row.used if today else 0, row.set_aside if today else 0, until)
    return found


def make_days(store: Store, connection: Connection, scopes: Iterable[str], now: datetime) -> None:
    """Today's rows of these scopes where there are none yet, so that they can be locked."""
    blank = {"window_start": window_of(now), "used": 0, "set_aside": 0, "exhausted_until": None}
    rows = [{"scope": scope, **blank} for scope in sorted(set(scopes))]
    if rows:
        connection.execute(store.insert_ignore(CallQuota), rows)


def write_days(
    store: Store, connection: Connection, changed: Mapping[str, Day], now: datetime
) -> None:
    """Keep today's calls of each scope."""
    rows = [
        {
            "scope": scope,
            "window_start": window_of(now),
            "used": day.used,
            "set_aside": day.set_aside,
            "exhausted_until": day.exhausted_until,
        }
        for scope, day in sorted(changed.items())
    ]
    if rows:
        connection.execute(store.upsert(CallQuota, "used", "set_aside", "exhausted_until"), rows)


def breakers(
    connection: Connection, keys: Collection[Key], *, lock: bool = False
) -> dict[Key, Breaker]:
    """The breakers there are of these."""
    cleaned = {(gateway, clean_text(name)): (gateway, name) for gateway, name in keys}
    statement = (
        select(Circuit.__table__)
        .where(
            Circuit.gateway.in_(sorted({gateway for gateway, _ in cleaned})),
            Circuit.client_name.in_(sorted({name for _, name in cleaned})),
        )
        .order_by(Circuit.gateway, Circuit.client_name)
    )
    rows = connection.execute(statement.with_for_update() if lock else statement)
    return {
        cleaned[row.gateway, row.client_name]: breaker_of(row)
        for row in rows
        if (row.gateway, row.client_name) in cleaned
    }


def breaker_of(row: Any) -> Breaker:
    """The breaker a row of `circuits` holds."""
    values = {name: getattr(row, name) for name in _BREAKER}
    return Breaker(**{**values, "state": CircuitState(row.state)})


def hold_days(connection: Connection, keys: Iterable[tuple[str, datetime]]) -> None:
    """Lock these days (scope and begin), in their order."""
    for scope, window in sorted(set(keys)):
        connection.execute(
            select(CallQuota.used)
            .where(CallQuota.scope == scope, CallQuota.window_start == window)
            .with_for_update()
        )


def give_back(connection: Connection, shares: Mapping[tuple[str, datetime], int]) -> None:
    """Set so many calls of each day aside no more; the days are locked already."""
    for (scope, window), calls in sorted(shares.items()):
        connection.execute(
            update(CallQuota)
            .where(CallQuota.scope == scope, CallQuota.window_start == window)
            .values(
                set_aside=case((CallQuota.set_aside > calls, CallQuota.set_aside - calls), else_=0)
            )
        )


def make_breakers(store: Store, connection: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Rows for these where there are none yet, so that they can be locked."""
    blank = {"state": CircuitState.CLOSED, "failures": 0, "openings": 0, "since": now}
    rows = [
        {"gateway": gateway, "client_name": clean_text(name), **blank}
        for gateway, name in sorted(keys)
    ]
    if rows:
        connection.execute(store.insert_ignore(Circuit), rows)


def write_breakers(
    store: Store, connection: Connection, changed: Mapping[Key, Breaker], now: datetime
) -> None:
    """Keep these breakers."""
    rows = [
        {
            "gateway": gateway,
            "client_name": client_name,
            **{name: getattr(one, name) for name in _BREAKER},
            "since": one.since or now,
        }
        for (gateway, client_name), one in sorted(changed.items(), key=lambda pair: pair[0])
    ]
    if rows:
        connection.execute(store.upsert(Circuit, *_BREAKER), rows)


def open_models(connection: Connection, gateway: str) -> set[str]:
    """The models of a gateway that are left alone."""
    statement = select(Circuit.client_name).where(
        Circuit.gateway == gateway,
        Circuit.client_name != "",
        Circuit.state == CircuitState.OPEN,
    )
    return set(connection.scalars(statement))


def under_way(connection: Connection, gateways: Iterable[str]) -> dict[str, int]:
    """How many calls of each of these gateways are under way."""
    wanted = sorted(set(gateways))
    if not wanted:
        return {}
    statement = (
        select(LlmCall.gateway, func.count().label("calls"))
        .where(LlmCall.settled_at.is_(None), LlmCall.gateway.in_(wanted))
        .group_by(LlmCall.gateway)
    )
    counted = {row.gateway: row.calls for row in connection.execute(statement)}
    return {gateway: counted.get(gateway, 0) for gateway in wanted}


def owns(connection: Connection, seats: Collection[Seat]) -> dict[Seat, Own]:
    """What these seats have set aside; those that never had anything are left out.

    Not asked for in pairs: SQLite would read the whole table then.
    """
    statement = (
        select(
            Participant.match_id,
            Participant.slot,
            Participant.calls_set_aside,
            Participant.calls_window,
        )
        .where(
            Participant.match_id.in_(sorted({match_id for match_id, _ in seats})),
            Participant.slot.in_(sorted({slot for _, slot in seats})),
            Participant.calls_set_aside.is_not(None),
        )
        .order_by(Participant.match_id, Participant.slot)
        .with_for_update(key_share=True)
    )
    return {
        seat: Own(row.calls_set_aside, row.calls_window)
        for row in connection.execute(statement)
        if (seat := (row.match_id, row.slot)) in seats
    }


def write_owns(connection: Connection, changed: Mapping[Seat, Own]) -> None:
    """Keep what these seats have set aside."""
    rows = [
        {"seat_match": match_id, "seat_slot": slot, "calls": own.calls, "window": own.window}
        for (match_id, slot), own in sorted(changed.items())
    ]
    if rows:
        connection.execute(_SET_OWN, rows)


_FIRST = select(CallRate.scope).where(CallRate.scope == _ALL).with_for_update()
_SET_OWN = (
    update(Participant)
    .where(
        Participant.match_id == bindparam("seat_match"), Participant.slot == bindparam("seat_slot")
    )
    .values(calls_set_aside=bindparam("calls"), calls_window=bindparam("window"))
)
