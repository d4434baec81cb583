"""The limits of gateways: what the clerk asks before a call is sent, and tells after it.

Both happen within the clerk's writing transaction, so that any number of processes keep one pace,
one day's allowance and one breaker: SQLite has one writer at a time, on PostgreSQL the rows that
decide are locked, behind one row that is locked before all others. Nothing is kept in memory from
one transaction to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.limits import breaker as breaking
from arena_pipeline.calls.limits import rows
from arena_pipeline.calls.limits.admission import (
    Key,
    Rules,
    admit,
    free_scope,
    keys_of,
    model_scope,
)
from arena_pipeline.calls.limits.allowance import Day, next_window
from arena_pipeline.calls.limits.breaker import MODELS_OF_A_BAD_GATEWAY, Breaker, Limit
from arena_pipeline.calls.limits.pacing import LONG_AGO
from arena_pipeline.calls.limits.standing import keep_changes, standing_of
from arena_pipeline.calls.plan import CallOutcome, CallPlan, Refused, Reserved
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CircuitState

OK_EVERY = timedelta(seconds=10)
"""How old the record of the newest answer may get before it is renewed."""

LONGEST_HOLD = timedelta(days=1)
"""Longer than that nobody is held back by a gateway's word, whatever time it names."""

_LONGEST_ERROR = 300
_LONGEST_S = 7 * 86400.0
_SLACK_S = 30.0
_NEVER = 10**9


class Limits:
    """Rates, allowances and breakers of all gateways, as the settings want them."""

    def __init__(self, settings: Settings) -> None:
        longest_wait = min(settings.retry_wait_s, _LONGEST_S)
        longest_call = min(settings.call_timeout_s, _LONGEST_S)
        self._rules = Rules(
            longest_wait=timedelta(seconds=longest_wait),
            longest_trial=timedelta(seconds=longest_wait + longest_call + _SLACK_S),
            free_per_minute=settings.free_calls_per_minute,
            free_per_day=settings.free_calls_per_day,
        )
        self._limit = Limit(
            settings.circuit_failures, timedelta(seconds=min(settings.circuit_open_s, _LONGEST_S))
        )

    def admit(
        self,
        store: Store,
        connection: Connection,
        plans: Sequence[CallPlan],
        now: datetime,
        before: Sequence[CallPlan] = (),
    ) -> list[datetime | Refused]:
        """For each plan, in order, when it may go out, or why not.

        Call it before the ledger has rows for these plans (the calls under way are counted there);
        `before` are those admitted in this transaction that have none yet either. What an admitted
        call takes (its slot, its call of the day, its trial) is written here.
        """
        rows.hold(store, connection)
        standing = standing_of(store, connection, plans, now)
        for one in before:
            if one.gateway in standing.under_way:
                standing.under_way[one.gateway] += 1
        found = standing.copy()
        answers = [admit(standing, plan, self._rules, now) for plan in plans]
        keep_changes(store, connection, found, standing, now)
        return answers

    def heed(
        self,
        store: Store,
        connection: Connection,
        settled: Sequence[tuple[Reserved, CallOutcome]],
        now: datetime,
    ) -> None:
        """Learn from what came of calls: hold back, know a day used up, open or close breakers."""
        if any(outcome.error_kind is not None for _, outcome in settled):
            rows.hold(store, connection)
            self._hold_back(store, connection, settled, now)
        keys = {key for reserved, _ in settled for key in keys_of(reserved.plan)}
        known = rows.breakers(connection, keys)
        if not self._moved(connection, known, settled, now):
            return
        rows.hold(store, connection)
        rows.make_breakers(store, connection, keys - known.keys(), now)
        locked = rows.breakers(connection, keys, lock=True)
        changed = self._moved(connection, locked, settled, now)
        rows.write_breakers(store, connection, changed, now)

    def _hold_back(
        self,
        store: Store,
        connection: Connection,
        settled: Sequence[tuple[Reserved, CallOutcome]],
        now: datetime,
    ) -> None:
        holds: dict[str, datetime] = {}
        spent: dict[str, datetime] = {}
        for reserved, outcome in settled:
            plan = reserved.plan
            model = model_scope(plan.gateway, plan.client_name)
            if outcome.error_kind is ErrorKind.QUOTA:
                scope = free_scope(plan.gateway) if plan.is_free else model
                until = min(outcome.retry_at or next_window(now), now + LONGEST_HOLD)
                spent[scope] = max(until, spent.get(scope, until))
            elif outcome.retry_at is not None and outcome.retry_at > now:
                until = min(outcome.retry_at, now + LONGEST_HOLD)
                holds[model] = max(until, holds.get(model, until))
        if holds:
            rows.make_rates(store, connection, dict.fromkeys(holds, LONG_AGO))
            known = rows.next_times(connection, holds)
            later = {scope: at for scope, at in holds.items() if at > known.get(scope, LONG_AGO)}
            rows.write_rates(store, connection, later)
        if spent:
            rows.make_days(store, connection, spent, now)
            today = rows.days(connection, spent, now)
            rows.write_days(
                store,
                connection,
                {
                    scope: replace(today.get(scope, Day()), exhausted_until=until)
                    for scope, until in spent.items()
                },
                now,
            )

    def _moved(
        self,
        connection: Connection,
        known: Mapping[Key, Breaker],
        settled: Sequence[tuple[Reserved, CallOutcome]],
        now: datetime,
    ) -> dict[Key, Breaker]:
        """The breakers that these outcomes change."""
        current = dict(known)
        for reserved, outcome in settled:
            whole, model = keys_of(reserved.plan)
            for key in (model, whole):
                one = current.get(key, Breaker())
                current[key] = self._after(one, key, reserved, outcome, now)
            if self._is_bad(connection, current, whole):
                current[whole] = breaking.opened(current[whole], now, self._limit)
        return {key: one for key, one in current.items() if _is_news(known.get(key), one)}

    def _after(
        self, one: Breaker, key: Key, reserved: Reserved, outcome: CallOutcome, now: datetime
    ) -> Breaker:
        kind, sent_at = outcome.error_kind, outcome.sent_at or reserved.send_at
        is_whole = not key[1]
        if kind is None:
            return breaking.answered(one, sent_at, now)
        told = " ".join((outcome.error or "no more is known").split())[:_LONGEST_ERROR]
        if kind.stops_gateway:
            return breaking.stopped(one, kind, told, now) if is_whole else one
        if kind.counts_against_circuit and not (is_whole and kind is ErrorKind.NOT_FOUND):
            limit = replace(self._limit, failures=_NEVER) if is_whole else self._limit
            return breaking.failed(one, kind, told, sent_at, now, limit)
        return breaking.undecided(one, sent_at, max(outcome.retry_at or now, now))

    def _is_bad(self, connection: Connection, current: Mapping[Key, Breaker], whole: Key) -> bool:
        """Whether a whole gateway is to be left alone: several of its models are, and in between
        nothing was answered.
        """
        one = current[whole]
        enough = MODELS_OF_A_BAD_GATEWAY * self._limit.failures
        if one.state is not CircuitState.CLOSED or one.failures < enough:
            return False
        left_alone = rows.open_models(connection, whole[0]) | {
            name
            for (gateway, name), model in current.items()
            if gateway == whole[0] and name and model.state is CircuitState.OPEN
        }
        return len(left_alone) >= MODELS_OF_A_BAD_GATEWAY


def _is_news(before: Breaker | None, after: Breaker) -> bool:
    """Whether a breaker is to be written: a further answer is, now and then."""
    known = before or Breaker()
    if replace(known, last_ok_at=None) != replace(after, last_ok_at=None):
        return True
    old, new = known.last_ok_at, after.last_ok_at
    return new is not None and (old is None or new - old >= OK_EVERY)
