"""Taking up journaled matches whose process died or paused: from the journal, without asking a
recorded turn again.

What belongs here: which matches wait, and going on with one. Their positions are built anew in
`matches.rebuilding`; those that stand still for too long are ended by `matches.voiding`.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from arena_pipeline.calls.spending.losing import lose_calls
from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import State
from arena_pipeline.matches.finishing import IS_OPEN, OPEN
from arena_pipeline.matches.journal import Journal, Scribe
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.rebuilding import journaled, rebuilt
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.matches.runner import MakePlayers, OnStep, RunnerOptions, play_on
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out, is_over
from arena_pipeline.store.tables import Match, MatchState


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An open match that nobody plays now."""

    uuid: str
    state: str
    evaluation_id: int | None


def abandoned(store: Store, now: datetime | None = None) -> list[Abandoned]:
    """Open matches that are paused or whose lease holds no more, oldest first."""
    now = now or datetime.now(UTC)
    with store.read() as connection:
        rows = connection.execute(
            select(Match.id, Match.uuid, Match.state, Match.evaluation_id).where(
                IS_OPEN, is_free(now)
            )
        ).all()
    return [Abandoned(*row[1:]) for row in sorted(rows, key=lambda row: row.id)]


@dataclass(frozen=True, slots=True)
class WaitingMatch:
    """An open match: whether anybody may go on with it now, else until when (UTC) nobody may; None:
    nobody knows. `reason`: why it was paused.
    """

    uuid: str
    can_resume: bool
    until: datetime | None
    reason: str | None


def waiting_matches(
    connection: Connection, evaluation_id: int, now: datetime
) -> list[WaitingMatch]:
    """The open matches of an evaluation, oldest first; those that another process plays are among
    them.
    """
    rows = connection.execute(
        select(Match.uuid, Match.state, Match.lease_until, Match.resume_at, Match.pause_reason)
        .where(Match.evaluation_id == evaluation_id, Match.state.in_(OPEN))
        .order_by(Match.id)
    )
    waiting = []
    for uuid, state, lease_until, resume_at, reason in rows:
        until = None
        if state == MatchState.RUNNING and lease_until is not None:
            until = None if is_over(lease_until, now) else lease_until
        if until is None and resume_at is not None and resume_at > now:
            until = resume_at
        waiting.append(WaitingMatch(uuid, until is None, until, reason))
    return waiting


def take_over(
    store: Store,
    uuid: str,
    owner: str,
    lease: timedelta = timedelta(minutes=2),
    *,
    scribe: Scribe | None = None,
    early: bool = False,
) -> tuple[OpenMatch, State] | None:
    """Claim an abandoned match and rebuild its position from the journal; None when somebody else
    has it, or it is to wait longer (unless `early`).

    One conditional UPDATE decides who gets it; in the same transaction the calls of whoever had it
    are settled as lost. Raises RecordingError when there is no such match or its journal does not
    fit the rules.
    """
    now = datetime.now(UTC)
    may_go_on = is_free(now) if early else and_(is_free(now), _is_due(now))
    with store.write() as connection:
        claimed = connection.scalar(
            update(Match)
            .where(Match.uuid == uuid, Match.state.in_(OPEN), may_go_on)
            .values(
                state=MatchState.RUNNING,
                lease_owner=owner,
                lease_until=now + lease,
                resume_at=None,
                pause_reason=None,
            )
            .returning(Match.id)
        )
        found = journaled(connection, uuid)
        if found is None:
            raise RecordingError(f"There is no match {uuid} to resume")
        if claimed is None:
            return None
        lose_calls(connection, store, claimed, now)
    match, state = rebuilt(found)
    match.journal = Journal(store, claimed, uuid, owner, lease, scribe)
    return match, state


async def play_resumed(
    recorder: Recorder,
    uuid: str,
    make_players: MakePlayers,
    options: RunnerOptions,
    on_step: OnStep | None = None,
    *,
    early: bool = False,
) -> FinishedMatch | None:
    """Take a match over and play it to its end; None when `take_over` gives none. Recording it is
    the caller's next step.

    `options.journal_owner` says whose it becomes. Raises as `take_over` and `runner.play_on` do; an
    error of `make_players` leaves it paused.
    """
    owner = options.journal_owner
    if owner is None:
        raise RecordingError(f"Match {uuid} is resumed by nobody: options.journal_owner is unset")
    claim = partial(
        take_over, recorder.store, uuid, owner, options.lease, scribe=recorder.scribe, early=early
    )
    taking = asyncio.ensure_future(asyncio.to_thread(claim))
    try:
        taken = await asyncio.shield(taking)
    except asyncio.CancelledError:
        await asyncio.wait([taking])
        if taking.exception() is None and (left := taking.result()) is not None:
            await _let_go(left[0])
        raise
    if taken is None:
        return None
    match, state = taken
    try:
        players = make_players(match.plan)
    except Exception as error:
        await _let_go(match, f"{type(error).__name__}: {error}")
        raise
    return await play_on(match, state, players, options, on_step)


async def _let_go(match: OpenMatch, reason: str | None = None) -> None:
    if match.journal is not None:
        await match.journal.let_go(reason)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(Match.resume_at.is_(None), Match.resume_at <= now)


def is_free(now: datetime) -> ColumnElement[bool]:
    """The condition that nobody plays a match now."""
    return or_(
        Match.state == MatchState.PAUSED,
        Match.lease_until.is_(None),
        has_run_out(Match.lease_until, now),
    )
