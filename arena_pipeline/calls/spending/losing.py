"""Giving up calls whose process died: nobody knows what came of them, so all that was set aside for
them counts as paid, until somebody says better.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome
from arena_pipeline.calls.spending import settling
from arena_pipeline.calls.spending.accounts import Accounts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out
from arena_pipeline.store.tables import LlmCall, Match, MatchState

SLACK_S = 60.0
"""Seconds beyond a call's own time limit after which nobody can be waiting for it any more."""

AT_ONCE = 200
"""Calls given up in one transaction."""

_UNKNOWN = "Its process ended before the answer was kept; it may have been billed"


def lose_calls(connection: Connection, store: Store, match_id: int, now: datetime) -> int:
    """Give up the calls of a match that are under way, by whoever takes it over; returns how many.

    Within the caller's writing transaction. Safe to repeat; a process that lives after all settles
    its call as it was, which then replaces what was assumed.
    """
    return _lose(connection, store, _OPEN_IN_MATCH, {"match": match_id}, now)


def stale_calls(store: Store, settings: Settings, now: datetime) -> list[int]:
    """The calls under way that nobody can be waiting for, by their ids."""
    old = now - timedelta(seconds=settings.call_timeout_s + settings.retry_wait_s + SLACK_S)
    query = (
        select(LlmCall.id)
        .join(Match, Match.id == LlmCall.match_id)
        .where(
            LlmCall.settled_at.is_(None),
            or_(
                LlmCall.started_at < old,
                Match.state.in_((MatchState.FINISHED, MatchState.VOID)),
                Match.lease_until.is_(None),
                has_run_out(Match.lease_until, now),
            ),
        )
    )
    with store.read() as connection:
        return sorted(connection.scalars(query))


def lose_stale_calls(store: Store, settings: Settings, now: datetime) -> int:
    """Give up every call under way that nobody can be waiting for: older than a call may take, or
    of a match that is over or that nobody plays now. Returns how many.

    Safe to repeat, to interrupt and beside others: some calls per transaction, each held while it
    is given up.
    """
    ids = stale_calls(store, settings, now)
    lost = 0
    for start in range(0, len(ids), AT_ONCE):
        with store.write() as connection:
            some = {"ids": ids[start : start + AT_ONCE]}
            lost += _lose(connection, store, _OPEN_OF_THESE, some, now)
    return lost


def _lose(
    connection: Connection, store: Store, query: Any, wanted: dict[str, Any], now: datetime
) -> int:
    if not store.is_sqlite:
        paying = [row.evaluation_id for row in connection.execute(query, wanted)]
        settling.hold_evaluations(store, connection, paying)
    rows = connection.execute(query.with_for_update(of=LlmCall), wanted).all()
    made = [_loss(settling.entry_of(row), row.uuid, now) for row in rows]
    if not made:
        return 0
    accounts = Accounts(store, connection, {key for one in made for key in one.keys})
    settling.write_outcomes(connection, accounts, made)
    accounts.write()
    settling.write_spent(connection, accounts, made)
    return len(made)


def _loss(entry: settling.Entry, uuid: str, now: datetime) -> settling.Change:
    outcome = CallOutcome(
        ended_at=max(now, entry.started_at), error_kind=ErrorKind.LOST, error=_UNKNOWN
    )
    return settling.change_of(entry, outcome, uuid)


_OPEN = (
    select(*settling.ENTRY_COLUMNS, Match.uuid)
    .join(Match, Match.id == LlmCall.match_id)
    .where(LlmCall.settled_at.is_(None))
    .order_by(LlmCall.id)
)
_OPEN_IN_MATCH = _OPEN.where(LlmCall.match_id == bindparam("match"))
_OPEN_OF_THESE = _OPEN.where(LlmCall.id.in_(bindparam("ids", expanding=True)))
