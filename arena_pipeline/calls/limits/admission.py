"""Deciding on calls one by one, in memory: when each may go out, or why not.

An `Admission` begins with what the store holds and ends with what it is to hold; `limits` carries
it to and fro. Nothing of a refused call is taken.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.limits import breaker as breakers
from arena_pipeline.calls.limits.allowance import Day, Own, carried, next_window, take, window_of
from arena_pipeline.calls.limits.breaker import Breaker, Way
from arena_pipeline.calls.limits.pacing import Pace
from arena_pipeline.calls.plan import CallPlan, Refused
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.store.types import clean_text

Key = tuple[str, str]
"""Gateway and client name of a breaker; no client name: the gateway as a whole."""

Seat = tuple[int, int]
"""Match and slot."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say."""

    longest_wait: timedelta
    longest_trial: timedelta
    free_per_minute: int
    free_per_day: int


@dataclass(slots=True)
class Standing:
    """What the store holds of limits, as far as these calls need it. Changed by each admission.

    `next_at` is by scope (`calls.limits.scopes`), `days` by scope too, `under_way` by gateway.
    """

    gateways: dict[str, GatewayRow]
    next_at: dict[str, datetime] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)
    breakers: dict[Key, Breaker] = field(default_factory=dict)
    days: dict[str, Day] = field(default_factory=dict)
    owns: dict[Seat, Own] = field(default_factory=dict)

    def copy(self) -> "Standing":
        """The same, to compare with later."""
        return Standing(
            self.gateways,
            dict(self.next_at),
            dict(self.under_way),
            dict(self.breakers),
            dict(self.days),
            dict(self.owns),
        )


def free_scope(gateway: str) -> str:
    """Where the pace and the day of a gateway's free models are kept."""
    return f"{gateway}:free"


def model_scope(gateway: str, client_name: str) -> str:
    """Where it is kept how long a gateway wants no calls to one model."""
    return f"{gateway}/{clean_text(client_name)}"


def keys_of(plan: CallPlan) -> tuple[Key, Key]:
    """The breakers a call depends on: its gateway's, then its model's."""
    return (plan.gateway, ""), (plan.gateway, plan.client_name)


def has_allowance(gateway: GatewayRow) -> bool:
    """Whether its free models have an allowance: those of an account, which a key stands for."""
    return gateway.key_variable is not None


def admit(standing: Standing, plan: CallPlan, rules: Rules, now: datetime) -> datetime | Refused:
    """When the call may go out; its slot, its call of the day and its trial are taken then."""
    gateway = standing.gateways.get(plan.gateway)
    if gateway is None:
        return Refused(
            RefusalKind.STOPPED,
            f"gateway {plan.gateway} is not declared in models.yaml (gateways)",
        )
    ways = {key: _way(standing, key, gateway, now) for key in keys_of(plan)}
    refused = (
        _shut(standing, ways)
        or _exhausted(standing, plan, rules, now)
        or _crowded(standing, gateway)
    )
    if refused is not None:
        return refused
    slot = _slot(standing, plan, gateway, rules, now)
    if slot - now > rules.longest_wait:
        return _too_late(plan, slot, now, rules)
    if _is_allowed_for(plan, gateway):
        _take_call(standing, plan, rules, now)
    _take_slots(standing, plan, gateway, rules, slot, now)
    for key, found in ways.items():
        if found is Way.TRIAL:
            standing.breakers[key] = breakers.tried(
                standing.breakers[key], now, rules.longest_trial
            )
    if plan.gateway in standing.under_way:
        standing.under_way[plan.gateway] += 1
    return slot


def _way(standing: Standing, key: Key, gateway: GatewayRow, now: datetime) -> Way:
    known = standing.breakers.get(key)
    return Way.GO if known is None else breakers.way(known, now, gateway.updated_at)


def _shut(standing: Standing, ways: dict[Key, Way]) -> Refused | None:
    for key, found in ways.items():
        if found is Way.STOPPED:
            return stopped_refusal(key[0], standing.breakers[key])
        if found is Way.WAIT:
            return open_refusal(key, standing.breakers[key])
    return None


def stopped_refusal(gateway: str, breaker: Breaker) -> Refused:
    """What is said of a gateway that refuses our key or account."""
    return Refused(
        RefusalKind.STOPPED,
        f"gateway {gateway} refuses our calls ({breaker.last_error or 'nobody kept why'}); put "
        f"it right, then: arena gateways check {gateway}",
    )


def open_refusal(key: Key, breaker: Breaker) -> Refused:
    """What is said of a model or gateway that is left alone for a while."""
    gateway, client_name = key
    who = f"{client_name} at gateway {gateway}" if client_name else f"gateway {gateway}"
    return Refused(
        RefusalKind.CIRCUIT,
        f"{who} failed {breaker.failures} times in a row ({breaker.last_error or 'unknown why'}) "
        "and is left alone for a while",
        breaker.until,
    )


def _is_allowed_for(plan: CallPlan, gateway: GatewayRow) -> bool:
    return plan.is_free and has_allowance(gateway)


def _exhausted(standing: Standing, plan: CallPlan, rules: Rules, now: datetime) -> Refused | None:
    """Whether the day's allowance is used up, by our own count or in the gateway's words."""
    for scope in (free_scope(plan.gateway), model_scope(plan.gateway, plan.client_name)):
        day = standing.days.get(scope, Day())
        if day.exhausted(now) and (plan.is_free or scope != free_scope(plan.gateway)):
            return Refused(
                RefusalKind.QUOTA,
                f"gateway {plan.gateway} says that the day's calls are used up",
                day.exhausted_until,
            )
    if not _is_allowed_for(plan, standing.gateways[plan.gateway]):
        return None
    day, own = _share(standing, plan, rules, now)
    if take(day, own, rules.free_per_day, now) is not None:
        return None
    return quota_refusal(plan.gateway, day, rules.free_per_day, now)


def quota_refusal(gateway: str, day: Day, limit: int, now: datetime) -> Refused:
    """What is said when the free calls of the day are used up or kept for other matches."""
    kept = f" and {day.set_aside} kept for matches under way" if day.set_aside else ""
    return Refused(
        RefusalKind.QUOTA,
        f"of {limit} free calls a day at gateway {gateway} (ARENA_FREE_CALLS_PER_DAY) {day.used} "
        f"are used{kept}",
        next_window(now) if limit else None,
    )


def _share(standing: Standing, plan: CallPlan, rules: Rules, now: datetime) -> tuple[Day, Own]:
    seat = (plan.site.match_id, plan.site.slot)
    day = standing.days.get(free_scope(plan.gateway), Day())
    own = standing.owns.get(seat, Own(0, None))
    return carried(day, own, rules.free_per_day, window_of(now))


def _take_call(standing: Standing, plan: CallPlan, rules: Rules, now: datetime) -> None:
    seat = (plan.site.match_id, plan.site.slot)
    taken = take(*_share(standing, plan, rules, now), rules.free_per_day, now)
    if taken is not None:
        standing.days[free_scope(plan.gateway)], own = taken
        if seat in standing.owns:
            standing.owns[seat] = own


def _crowded(standing: Standing, gateway: GatewayRow) -> Refused | None:
    under_way = standing.under_way.get(gateway.name, 0)
    if gateway.concurrency is None or under_way < gateway.concurrency:
        return None
    return Refused(
        RefusalKind.CONCURRENCY,
        f"gateway {gateway.name} has {under_way} calls under way, and models.yaml allows "
        f"{gateway.concurrency} (gateways: concurrency)",
    )


def _slot(
    standing: Standing, plan: CallPlan, gateway: GatewayRow, rules: Rules, now: datetime
) -> datetime:
    slot = max(now, standing.next_at.get(model_scope(plan.gateway, plan.client_name), now))
    for scope, pace in _paces(plan, gateway, rules).items():
        slot = max(slot, pace.slot(standing.next_at.get(scope), now))
    return slot


def _take_slots(
    standing: Standing,
    plan: CallPlan,
    gateway: GatewayRow,
    rules: Rules,
    slot: datetime,
    now: datetime,
) -> None:
    """Each pace counts the call at its own moment: what one holds up must not hold up all others
    of the gateway, such as free models those that are paid for.
    """
    for scope, pace in _paces(plan, gateway, rules).items():
        next_at = standing.next_at.get(scope)
        own = slot if scope == free_scope(plan.gateway) else pace.slot(next_at, now)
        standing.next_at[scope] = pace.taken(next_at, own)


def _paces(plan: CallPlan, gateway: GatewayRow, rules: Rules) -> dict[str, Pace]:
    paces = {}
    if gateway.requests_per_minute is not None:
        paces[gateway.name] = Pace.of(gateway.requests_per_minute)
    if _is_allowed_for(plan, gateway):
        paces[free_scope(gateway.name)] = Pace.of(rules.free_per_minute)
    return paces


def _too_late(plan: CallPlan, slot: datetime, now: datetime, rules: Rules) -> Refused:
    wait, longest = (slot - now).total_seconds(), rules.longest_wait.total_seconds()
    return Refused(
        RefusalKind.RATE,
        f"the next call to {plan.client_name} at gateway {plan.gateway} may go out in {wait:.0f} s,"
        f" and {longest:g} s are waited at most (ARENA_RETRY_WAIT_S)",
        slot,
    )
