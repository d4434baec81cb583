"""Open matches that are given up: they stay on record as void with their turns and what they cost,
and are not rated.

What belongs here: matches that stand still for too long, and those of a cancelled evaluation.
Voiding a match by a person's word, also a finished one, is `leaderboard.voiding`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.spending.losing import lose_calls
from arena_pipeline.calls.starting import release
from arena_pipeline.matches.entries import LONGEST_REASON, turn_records
from arena_pipeline.matches.finishing import IS_OPEN
from arena_pipeline.matches.resuming import is_free
from arena_pipeline.matches.rows import fault_columns, spent_columns
from arena_pipeline.matches.sealing import calls_of
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, Match, MatchState, Participant, Turn
from arena_pipeline.store.tables.evaluation import OPEN_STATES

WAITED_FOR = (
    RefusalKind.BUDGET, RefusalKind.QUOTA, RefusalKind.RATE, RefusalKind.CONCURRENCY,
    RefusalKind.PAUSED, RefusalKind.NO_KEY, RefusalKind.NO_PRICE,
)  # fmt: skip
"""Reasons of ours, not of a gateway: a match of an open evaluation that stands still for one of
these goes on one day, however long that takes.
"""

_NO_REPLAY = "it was void before it was over; its turns and calls are in the store"


def void_stale(store: Store, settings: Settings, now: datetime) -> list[str]:
    """Give up the matches that stand still for longer than `settings.void_after_hours`: by a
    gateway's fault, or whatever the reason where no open evaluation goes on with them. Returns
    their uuids.

    Safe to repeat, to interrupt and beside others: a transaction for each, in which one conditional
    UPDATE decides.
    """
    hours = settings.void_after_hours
    is_stale = _is_stale(now, now - timedelta(hours=hours))
    with store.read() as connection:
        found = connection.execute(select(Match.id, Match.pause_reason).where(is_stale)).all()
    voided = []
    for match_id, told in sorted(found):
        why = told or "nobody went on with it"
        reason = f"It stood still for more than {hours:g} hours (ARENA_VOID_AFTER_HOURS): {why}"
        with store.write() as connection:
            uuid = _void(store, connection, match_id, is_stale, reason, now)
        voided += [] if uuid is None else [uuid]
    return voided


def void_matches(store: Store, evaluation_id: int, reason: str, now: datetime) -> int:
    """Give up all open matches of an evaluation, also those that somebody plays now, who is told
    with the next turn. Returns how many. Safe as `void_stale` is.
    """
    is_open = and_(Match.evaluation_id == evaluation_id, IS_OPEN)
    with store.read() as connection:
        found = connection.scalars(select(Match.id).where(is_open).order_by(Match.id)).all()
    voided = 0
    for match_id in found:
        with store.write() as connection:
            voided += _void(store, connection, match_id, is_open, reason, now) is not None
    return voided


def _is_stale(now: datetime, before: datetime) -> ColumnElement[bool]:
    goes_on = (
        select(Evaluation.id)
        .where(Evaluation.id == Match.evaluation_id, Evaluation.state.in_(OPEN_STATES))
        .exists()
    )
    ours = or_(*(Match.pause_reason.startswith(f"{kind}: ") for kind in WAITED_FOR))
    by_a_gateway = and_(Match.pause_reason.is_not(None), ~ours)
    since = func.coalesce(Match.paused_at, Match.lease_until, Match.started_at)
    return and_(IS_OPEN, is_free(now), since < before, or_(by_a_gateway, ~goes_on))


def _void(
    store: Store,
    connection: Connection,
    match_id: int,
    condition: ColumnElement[bool],
    reason: str,
    now: datetime,
) -> str | None:
    """Give up one match; its uuid, or None where the condition does not hold any more."""
    row = connection.execute(
        update(Match)
        .where(Match.id == match_id, condition)
        .values(
            state=MatchState.VOID,
            void_reason=reason[:LONGEST_REASON],
            replay_missing=_NO_REPLAY,
            revision=Match.revision + 1,
            lease_owner=None,
            lease_until=None,
            paused_at=None,
            resume_at=None,
            pause_reason=None,
        )
        .returning(Match.uuid)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return None
    lose_calls(connection, store, match_id, now)
    release(connection, store, [match_id])
    _total(connection, match_id, row.uuid)
    write_audit(
        connection,
        By("arena", reason[:LONGEST_REASON]),
        "void",
        SubjectKind.MATCH,
        row.uuid,
        after={"state": MatchState.VOID.value, "void_reason": reason[:LONGEST_REASON]},
    )
    return str(row.uuid)


def _total(connection: Connection, match_id: int, uuid: str) -> None:
    """Write down what the seats had spent and how their turns had failed."""
    calls = calls_of(connection, uuid)
    turns = turn_records(
        connection.execute(select(Turn.__table__).where(Turn.match_id == match_id))
    )
    slots: Sequence[int] = connection.scalars(
        select(Participant.slot).where(Participant.match_id == match_id)
    ).all()
    costs = []
    for slot in slots:
        own = [turn for turn in turns if turn.slot == slot]
        spent: dict[str, Any] = spent_columns([call for call in calls if call.slot == slot] or own)
        costs.append(spent["cost"])
        connection.execute(
            update(Participant)
            .where(Participant.match_id == match_id, Participant.slot == slot)
            .values(**spent, **fault_columns(turn.fault for turn in own if turn.fault is not None))
        )
    known = [cost for cost in costs if cost is not None]
    if known:
        connection.execute(update(Match).where(Match.id == match_id).values(cost=sum(known)))
