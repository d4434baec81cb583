"""What the store holds of limits for some calls, and keeping what their admission changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from arena_pipeline.calls.limits import rows
from arena_pipeline.calls.limits.admission import (
    Standing,
    free_scope,
    has_allowance,
    keys_of,
    model_scope,
)
from arena_pipeline.calls.limits.allowance import Day
from arena_pipeline.calls.limits.pacing import LONG_AGO
from arena_pipeline.calls.plan import CallPlan
from arena_pipeline.registry.gateways import GatewayRow, gateway_rows
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CircuitState

K = TypeVar("K")
V = TypeVar("V")


def standing_of(
    store: Store, connection: Connection, plans: Sequence[CallPlan], now: datetime
) -> Standing:
    """What the store holds for these plans; the rows that decide are locked."""
    known = {row.name: row for row in gateway_rows(connection) if row.declared}
    standing = Standing(
        {plan.gateway: known[plan.gateway] for plan in plans if plan.gateway in known}
    )
    gateways = standing.gateways
    free = [
        p
        for p in plans
        if p.is_free and p.gateway in gateways and has_allowance(gateways[p.gateway])
    ]
    standing.next_at = _rates(store, connection, plans, gateways, free)
    counted = (name for name, row in gateways.items() if row.concurrency is not None)
    standing.under_way = rows.under_way(connection, counted)
    standing.days = _days(store, connection, plans, free, now)
    keys = {key for plan in plans for key in keys_of(plan)}
    standing.breakers = rows.breakers(connection, keys)
    if any(one.state is not CircuitState.CLOSED for one in standing.breakers.values()):
        standing.breakers = rows.breakers(connection, keys, lock=True)
    if free:
        standing.owns = rows.owns(connection, {(p.site.match_id, p.site.slot) for p in free})
    return standing


def keep_changes(
    store: Store, connection: Connection, before: Standing, after: Standing, now: datetime
) -> None:
    """Write what is not as it was."""
    rows.write_rates(store, connection, _changed(before.next_at, after.next_at))
    rows.write_days(store, connection, _changed(before.days, after.days), now)
    rows.write_breakers(store, connection, _changed(before.breakers, after.breakers), now)
    rows.write_owns(connection, _changed(before.owns, after.owns))


def _rates(
    store: Store,
    connection: Connection,
    plans: Sequence[CallPlan],
    gateways: Mapping[str, GatewayRow],
    free: Sequence[CallPlan],
) -> dict[str, datetime]:
    """Locked rows of every scope that decides; a gateway's own row stands for its concurrency."""
    deciding = {
        name
        for name, row in gateways.items()
        if row.requests_per_minute is not None or row.concurrency is not None
    } | {free_scope(plan.gateway) for plan in free}
    scopes = deciding | {model_scope(plan.gateway, plan.client_name) for plan in plans}
    found = rows.next_times(connection, scopes)
    if missing := deciding - found.keys():
        rows.make_rates(store, connection, dict.fromkeys(missing, LONG_AGO))
        found = rows.next_times(connection, scopes)
    return found


def _days(
    store: Store,
    connection: Connection,
    plans: Sequence[CallPlan],
    free: Sequence[CallPlan],
    now: datetime,
) -> dict[str, Day]:
    counted = {free_scope(plan.gateway) for plan in free}
    told = {free_scope(plan.gateway) for plan in plans if plan.is_free} | {
        model_scope(plan.gateway, plan.client_name) for plan in plans
    }
    if counted:
        rows.make_days(store, connection, counted, now)
    return rows.days(connection, counted | told, now)


def _changed(before: Mapping[K, V], after: Mapping[K, V]) -> dict[K, V]:
    return {key: value for key, value in after.items() if before.get(key) != value}
