"""Finding what is to be told: each thing once, from what is written down already.

What belongs here: which facts become notices, and in which words. Nothing asks for a notice where
things happen; so nothing there waits or fails because of one.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from arena_pipeline.calls.spending.accounts import TOTAL_KEY, on_accounts
from arena_pipeline.evaluation.queue import survey
from arena_pipeline.evaluation.releasing import StopKind
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.operations.notices.checks import CheckResult
from arena_pipeline.operations.notices.outbox import News, write_down
from arena_pipeline.registry.policy.eligibility import Reason
from arena_pipeline.settings import Settings, secret_values
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogSnapshot, Incident, NoticeKind
from arena_pipeline.store.types import plain_decimal

FRESH = timedelta(days=1)
"""What is older is not told any more: no flood when notices are switched on, or after a long stop.
"""

_FAILURES = (StopKind.RUN_FAILED, StopKind.LEASE_EXPIRED)
"""Incidents that are failures; a run that somebody stopped is none."""


def collect(
    store: Store,
    settings: Settings,
    checks: Iterable[CheckResult] = (),
    *,
    now: datetime | None = None,
) -> int:
    """Write down what is to be told and was not yet; returns how many notices are new.

    `checks` are those that turned bad (`checks.turned_bad`). Safe to repeat, to interrupt and
    beside others: each notice has a key of its own and is written once (`outbox.write_down`).
    Raises NotFound if the default ladder is not there.
    """
    moment = now or datetime.now(UTC)
    since = moment - FRESH
    news = [
        *_failed_runs(store, since),
        *_refused_catalogs(store, since),
        *(_failed_check(one) for one in checks),
        *_exhausted_budget(store, settings, moment),
    ]
    return len(write_down(store, news, secret_values(settings), now=moment)) if news else 0


def _failed_runs(store: Store, since: datetime) -> Iterator[News]:
    with store.read() as connection:
        rows = connection.execute(
            select(
                Incident.id, Incident.happened_at, Incident.kind, Incident.run_id, Incident.job,
                Incident.step, Incident.error, Incident.released,
            )
            .where(Incident.happened_at >= since, Incident.kind.in_(_FAILURES))
            .order_by(Incident.happened_at)
        ).all()  # fmt: skip
    for row in rows:
        where = f"{row.kind} in {row.step}" if row.step else row.kind
        yield News(
            key=f"incident:{row.id}",
            kind=NoticeKind.RUN_FAILED,
            happened_at=row.happened_at,
            title=f"{where.capitalize()}: {row.error}",
            details={
                "incident": row.id,
                "what": row.kind,
                "run_id": row.run_id,
                "job": row.job,
                "step": row.step,
                "error": row.error,
                "released": row.released,
            },
        )


def _refused_catalogs(store: Store, since: datetime) -> Iterator[News]:
    one = CatalogSnapshot
    with store.read() as connection:
        rows = connection.execute(
            select(one.id, one.fetched_at, one.source, one.reason, one.models, one.file)
            .where(one.accepted.is_(False), one.fetched_at >= since)
            .order_by(one.fetched_at)
        ).all()
    for row in rows:
        yield News(
            key=f"snapshot:{row.id}",
            kind=NoticeKind.CATALOG_REFUSED,
            happened_at=row.fetched_at,
            title=f"Catalog refused: {row.reason}",
            details={
                "snapshot": row.id,
                "source": row.source,
                "reason": row.reason,
                "models": row.models,
                "file": row.file,
            },
        )


def _failed_check(one: CheckResult) -> News:
    return News(
        key=f"check:{one.asset}:{one.check}:{one.run_id}",
        kind=NoticeKind.CHECK_FAILED,
        happened_at=one.at,
        title=f"Check {one.check} of {one.asset} failed: {one.description or 'no reason given'}",
        details={
            "asset": one.asset,
            "check": one.check,
            "run_id": one.run_id,
            "description": one.description,
        },
    )


def _exhausted_budget(store: Store, settings: Settings, now: datetime) -> Iterator[News]:
    """Once a day and budget, while the money is spent or models wait for nothing but money."""
    if not settings.budget:
        return  # spending nothing was asked for
    with store.read() as connection:
        total = on_accounts(connection, [TOTAL_KEY])[TOTAL_KEY]
        waiting = survey(connection, settings, DEFAULT_LADDER, now).waiting
    poor = sorted(name for name, obstacle in waiting if obstacle.reason is Reason.NO_BUDGET)
    is_spent = total.taken >= settings.budget
    if not is_spent and not poor:
        return
    budget = plain_decimal(settings.budget)
    gone = f"{plain_decimal(total.counted)} spent, {plain_decimal(total.reserved)} reserved"
    state = "is exhausted" if is_spent else "is too small for a match of models that wait"
    yield News(
        key=f"budget:{budget}:{now.astimezone(UTC):%Y-%m-%d}",
        kind=NoticeKind.BUDGET_EXHAUSTED,
        happened_at=now,
        title=f"The budget of {budget} USD {state} ({gone}); {len(poor)} models wait for money. "
        "ARENA_BUDGET says what may be spent",
        details={
            "budget_usd": budget,
            "spent_usd": plain_decimal(total.counted),
            "of_which_unknown_usd": plain_decimal(total.assumed),
            "reserved_usd": plain_decimal(total.reserved),
            "models_waiting": len(poor),
            "some_of_them": poor[:20],
        },
    )
