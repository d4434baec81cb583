"""Whether a match of language models may start now, and if not, why and until when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.limits import rows
from arena_pipeline.calls.limits.admission import (
    free_scope,
    model_scope,
    open_refusal,
    quota_refusal,
    stopped_refusal,
)
from arena_pipeline.calls.limits.allowance import Day, next_window, window_of
from arena_pipeline.calls.limits.breaker import Way, way
from arena_pipeline.calls.outstanding import Outstanding, outstanding
from arena_pipeline.calls.plan import Refused
from arena_pipeline.calls.spending.accounts import (
    TOTAL_KEY,
    AccountKey,
    Accounts,
    evaluation_account,
    gateway_account,
)
from arena_pipeline.calls.spending.caps import Cap, Caps
from arena_pipeline.calls.starting.needs import SeatNeed, calls_of, free_seats
from arena_pipeline.registry.gateways import GatewayRow, gateway_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.types import plain_decimal


def may_start(
    store: Store,
    connection: Connection,
    settings: Settings,
    seats: Sequence[SeatNeed],
    evaluation_id: int | None,
    now: datetime,
) -> Refused | None:
    """Why a match with these seats may not start now, or None if it may.

    Call it and `set_aside` in the writing transaction that opens the match: the accounts it looks
    at are held until its end, so that no two processes start on the same money. Seats of bots need
    nothing and are not among `seats`.
    """
    gateways = {row.name: row for row in gateway_rows(connection)}
    return (
        _priceless(seats)
        or _unwell(connection, seats, gateways, now)
        or _penniless(store, connection, settings, seats, evaluation_id, now)
        or _used_up(store, connection, settings, seats, gateways, now)
    )


def _priceless(seats: Sequence[SeatNeed]) -> Refused | None:
    for seat in seats:
        if seat.expectation is None:
            return Refused(
                RefusalKind.NO_PRICE,
                f"nobody knows what {seat.client_name} costs at gateway {seat.gateway}; "
                "models.yaml can name a price",
            )
    return None


def _unwell(
    connection: Connection,
    seats: Sequence[SeatNeed],
    gateways: Mapping[str, GatewayRow],
    now: datetime,
) -> Refused | None:
    """Breakers that are open; one that may be tried is closed by the match's own first call."""
    keys = {(seat.gateway, "") for seat in seats}
    keys |= {(seat.gateway, seat.client_name) for seat in seats}
    for key, breaker in sorted(rows.breakers(connection, keys).items(), key=lambda one: one[0]):
        row = gateways.get(key[0])
        found = way(breaker, now, None if row is None else row.updated_at)
        if found is Way.STOPPED:
            return stopped_refusal(key[0], breaker)
        if found is Way.WAIT:
            return open_refusal(key, breaker)
    return None


def _penniless(
    store: Store,
    connection: Connection,
    settings: Settings,
    seats: Sequence[SeatNeed],
    evaluation_id: int | None,
    now: datetime,
) -> Refused | None:
    by_gateway: dict[str, Decimal] = defaultdict(Decimal)
    for seat in seats:
        if seat.expectation is not None and seat.expectation.cost > 0:
            by_gateway[seat.gateway] += seat.expectation.cost
    cost = sum(by_gateway.values(), Decimal())
    if not cost:
        return None
    if cost > settings.match_budget:
        return Refused(
            RefusalKind.BUDGET,
            f"the match is expected to cost {_usd(cost)} USD, and no match may cost more than "
            f"{_usd(settings.match_budget)} USD (ARENA_MATCH_BUDGET)",
        )
    evaluations = [] if evaluation_id is None else [evaluation_id]
    caps = Caps(connection, settings, list(by_gateway), evaluations)
    wanted: dict[AccountKey, tuple[Cap, Decimal]] = {TOTAL_KEY: (caps.total(), cost)}
    for gateway, amount in by_gateway.items():
        wanted[gateway_account(gateway, now)] = (caps.gateway(gateway), amount)
    for number in evaluations:
        wanted[evaluation_account(number)] = (caps.evaluation(number), cost)
    accounts = Accounts(store, connection, wanted)
    open_matches = outstanding(connection)
    for key, (cap, amount) in wanted.items():
        expected = _expected(open_matches, key, now, evaluation_id, by_gateway)
        if cap.lacks(accounts[key], amount + expected):
            more = f", and {_usd(expected)} more of matches under way" if expected else ""
            daily = key.window_start == window_of(now)
            return Refused(
                RefusalKind.BUDGET,
                f"the match is expected to cost {_usd(amount)} USD{more}: "
                + cap.refusal(accounts[key], amount + expected),
                next_window(now) if daily and cap.amount else None,
            )
    return None


def _expected(
    open_matches: Outstanding,
    key: AccountKey,
    now: datetime,
    evaluation_id: int | None,
    gateways: Mapping[str, Decimal],
) -> Decimal:
    """What matches under way are still expected to take from an account."""
    if key == TOTAL_KEY:
        return open_matches.total
    for gateway in gateways:
        if key == gateway_account(gateway, now):
            return open_matches.of_gateway(gateway)
    return Decimal() if evaluation_id is None else open_matches.of_evaluation(evaluation_id)


def _used_up(
    store: Store,
    connection: Connection,
    settings: Settings,
    seats: Sequence[SeatNeed],
    gateways: Mapping[str, GatewayRow],
    now: datetime,
) -> Refused | None:
    """Whether a day's free calls are too few. A match that needs more than a whole day has starts
    on an untouched one, and waits over the reset.
    """
    for seat in seats:
        scopes = [model_scope(seat.gateway, seat.client_name)]
        scopes += [free_scope(seat.gateway)] if seat.is_free else []
        for day in rows.days(connection, scopes, now, lock=False).values():
            if day.exhausted(now):
                told = f"gateway {seat.gateway} says that the day's calls are used up"
                return Refused(RefusalKind.QUOTA, told, day.exhausted_until)
    limit = settings.free_calls_per_day
    for gateway, free in sorted(free_seats(seats, gateways).items()):
        scope = free_scope(gateway)
        rows.make_days(store, connection, [scope], now)
        day = rows.days(connection, [scope], now).get(scope, Day())
        need = sum(map(calls_of, free))
        if limit == 0 or day.left(limit) < min(need, limit):
            refused = quota_refusal(gateway, day, limit, now)
            return replace(
                refused, detail=f"the match is expected to take {need} calls; {refused.detail}"
            )
    return None


def _usd(amount: Decimal) -> str:
    return plain_decimal(amount.quantize(Decimal("0.000001")))
