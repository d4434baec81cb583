"""How the gateways are doing, for people, and putting right what somebody looked after."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from arena_pipeline.calls.limits import rows
from arena_pipeline.calls.limits.admission import Key, free_scope, has_allowance, model_scope
from arena_pipeline.calls.limits.allowance import Day, window_of
from arena_pipeline.calls.limits.breaker import Breaker, closed
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CallQuota, CallRate, Circuit, CircuitState, LlmCall
from arena_pipeline.store.types import clean_text


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model that is left alone, and why."""

    client_name: str
    state: CircuitState
    until: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class GatewayState:
    """How one gateway is doing. Times are UTC, None where something never happened.

    `free_calls_limit` None: its free models have no allowance of ours. `calls_today` counts HTTP
    attempts since midnight (UTC), `open_calls` those under way.
    """

    state: CircuitState
    since: datetime | None
    until: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    last_ok_at: datetime | None
    models_left_alone: tuple[ModelState, ...]
    open_calls: int
    calls_today: int
    free_calls_today: int
    free_calls_set_aside: int
    free_calls_limit: int | None
    free_exhausted_until: datetime | None

    @property
    def models_open(self) -> int:
        """How many of its models are left alone."""
        return len(self.models_left_alone)


def gateway_states(store: Store, settings: Settings, now: datetime) -> dict[str, GatewayState]:
    """By name the state of every gateway that is declared, or has been called."""
    with store.read() as connection:
        known = {row.name: row for row in gateway_rows(connection)}
        circuits = _circuits(connection)
        names = sorted({*known, *(gateway for gateway, _ in circuits)})
        days = rows.days(connection, map(free_scope, names), now, lock=False)
        under_way = rows.under_way(connection, names)
        called = _called_since(connection, window_of(now))
    states = {}
    for name in names:
        whole, row = circuits.get((name, ""), Breaker()), known.get(name)
        day = days.get(free_scope(name), Day())
        states[name] = GatewayState(
            state=whole.state,
            since=whole.since,
            until=whole.until,
            last_error=whole.last_error,
            last_error_at=whole.last_error_at,
            last_ok_at=whole.last_ok_at,
            models_left_alone=tuple(
                ModelState(model, one.state, one.until, one.last_error)
                for (gateway, model), one in circuits.items()
                if gateway == name and model and one.state is not CircuitState.CLOSED
            ),
            open_calls=under_way.get(name, 0),
            calls_today=called.get(name, 0),
            free_calls_today=day.used,
            free_calls_set_aside=day.set_aside,
            free_calls_limit=(
                settings.free_calls_per_day if row is not None and has_allowance(row) else None
            ),
            free_exhausted_until=day.exhausted_until if day.exhausted(now) else None,
        )
    return states


def reset(
    store: Store, gateway: str, model: str | None = None, now: datetime | None = None
) -> None:
    """Let calls out again: to one model (by its client name), or through the gateway and to all of
    its models. For whoever put right what was wrong.

    What the gateway said of holding back and of a day used up is forgotten too; the last error
    stays on record. One transaction, rows locked in their order; safe to repeat.
    """
    moment = now or datetime.now(UTC)
    name = None if model is None else clean_text(model)
    with store.write() as connection:
        rows.hold(store, connection)
        connection.execute(delete(CallRate).where(_of(CallRate.scope, gateway, name)))
        connection.execute(
            update(CallQuota)
            .where(
                _of(CallQuota.scope, gateway, name)
                | (CallQuota.scope == (free_scope(gateway) if name is None else None)),
                CallQuota.exhausted_until.is_not(None),
            )
            .values(exhausted_until=None)
        )
        of_model = () if name is None else (Circuit.client_name == name,)
        found = connection.execute(
            select(Circuit.__table__)
            .where(Circuit.gateway == gateway, *of_model)
            .order_by(Circuit.gateway, Circuit.client_name)
            .with_for_update()
        ).all()
        changed = {
            (row.gateway, row.client_name): closed(rows.breaker_of(row), moment)
            for row in found
            if row.state != CircuitState.CLOSED or row.failures
        }
        rows.write_breakers(store, connection, changed, moment)


def _of(
    scope: InstrumentedAttribute[str], gateway: str, client_name: str | None
) -> ColumnElement[bool]:
    if client_name is None:
        return scope.startswith(model_scope(gateway, ""), autoescape=True)
    return scope == model_scope(gateway, client_name)


def _circuits(connection: Connection) -> dict[Key, Breaker]:
    statement = select(Circuit.__table__).order_by(Circuit.gateway, Circuit.client_name)
    return {
        (row.gateway, row.client_name): rows.breaker_of(row)
        for row in connection.execute(statement)
    }


def _called_since(connection: Connection, since: datetime) -> dict[str, int]:
    statement = (
        select(LlmCall.gateway, func.count().label("calls"))
        .where(LlmCall.started_at >= since)
        .group_by(LlmCall.gateway)
    )
    return {row.gateway: row.calls for row in connection.execute(statement)}
