"""Gateways to call and limits to ask, for tests of what is kept in the store."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.limits import Limits
from arena_pipeline.calls.plan import CallOutcome, CallPlan, CallSite, Refused, Reserved
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Gateway, LlmCall, Participant
from arena_pipeline_tests.calls.spending.seats import NOON

GATE = "gate"
SITE = CallSite(1, "no match", 0, 0)


def declare(store: Store, name: str = GATE, **limits: Any) -> None:
    """Declare a gateway; it needs no key unless `limits` name a variable."""
    values = {"base_url": "http://localhost/v1", "updated_at": NOON - timedelta(days=1), **limits}
    with store.write() as connection:
        connection.execute(insert(Gateway).values(name=name, **values))


def plan(
    model: str = "a/one", site: CallSite = SITE, *, free: bool = False, gateway: str = GATE
) -> CallPlan:
    """A call to that model."""
    return CallPlan(site, gateway, model, Decimal(0 if free else 1), is_free=free)


def admit(
    store: Store, settings: Settings, plans: Sequence[CallPlan], now: datetime = NOON
) -> list[datetime | Refused]:
    """What limits say of these calls, in a transaction of their own."""
    with store.write() as connection:
        return Limits(settings).admit(store, connection, plans, now)


def ask(store: Store, settings: Settings, one: CallPlan, now: datetime = NOON) -> object:
    """What limits say of one call: when it may go out, or the kind of refusal."""
    (answer,) = admit(store, settings, [one], now)
    return answer.kind if isinstance(answer, Refused) else answer


def came_back(
    store: Store,
    settings: Settings,
    one: CallPlan,
    kind: ErrorKind | None = None,
    *,
    sent: datetime = NOON,
    now: datetime | None = None,
    retry_at: datetime | None = None,
    error: str = "told",
    times: int = 1,
) -> None:
    """Let limits heed what came of a call, or of several alike, in one transaction."""
    ended = now or sent
    outcome = CallOutcome(
        ended, sent_at=sent, error_kind=kind, error=None if kind is None else error,
        retry_at=retry_at,
    )  # fmt: skip
    settled = [(Reserved(1, one, 1, sent), outcome)] * times
    with store.write() as connection:
        Limits(settings).heed(store, connection, settled, ended)


def under_way(store: Store, site: CallSite, count: int, gateway: str = GATE) -> None:
    """So many calls of a seat that are not settled."""
    rows = [
        {
            "match_id": site.match_id,
            "step": site.step,
            "slot": site.slot,
            "attempt": number + 1,
            "gateway": gateway,
            "client_name": "a/one",
            "started_at": NOON,
            "reserved": Decimal(0),
        }
        for number in range(count)
    ]
    with store.write() as connection:
        connection.execute(insert(LlmCall), rows)


def keep(store: Store, site: CallSite, calls: int, window: datetime) -> None:
    """Let a seat have set aside so many calls."""
    with store.write() as connection:
        connection.execute(
            update(Participant)
            .where(Participant.match_id == site.match_id, Participant.slot == site.slot)
            .values(calls_set_aside=calls, calls_window=window)
        )
