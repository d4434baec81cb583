"""Placing an agent on a ladder: its open evaluation taken, played to its end, given back on an
error.

The matches themselves are played in `evaluation.placing`; which placements are next is in
`evaluation.upcoming`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from arena_pipeline.errors import ArenaError, RecordingError
from arena_pipeline.evaluation import applicants, queue
from arena_pipeline.evaluation.callees import NoCallee
from arena_pipeline.evaluation.eligibility import Obstacle, Reason, judge
from arena_pipeline.evaluation.failing import retire_if_hopeless
from arena_pipeline.evaluation.grounds import Ground, ground
from arena_pipeline.evaluation.holding import HeldUp
from arena_pipeline.evaluation.leases import Claim, Heartbeat, PlacementTaken, claim, rank, wait
from arena_pipeline.evaluation.placing import OnMatch, PlacementFailed, Placing
from arena_pipeline.evaluation.progress import NOTHING, Bout, Expense, bouts, expense
from arena_pipeline.evaluation.releasing import StopKind, release
from arena_pipeline.evaluation.room import Room, open_room
from arena_pipeline.evaluation.seating import NoPlayer
from arena_pipeline.evaluation.upcoming import NextPlacements, Placement, next_placements
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.logs import logger
from arena_pipeline.players.bots import BadBotSettings, UnknownBot
from arena_pipeline.registry.agents import agent as agent_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, EvaluationState

__all__ = [
    "NextPlacements", "NotPlaceable", "Placement", "PlacementFailed", "PlacementReport",
    "next_placements", "place", "place_within",
]  # fmt: skip

FINAL = (
    PlacementFailed, GameError, RecordingError, NoPlayer, NoCallee, UnknownBot, BadBotSettings,
)  # fmt: skip
"""Errors that the same placement would meet again."""

_LOG = logger(__name__)


class NotPlaceable(ArenaError):
    """An agent that can't be placed now."""


@dataclass(frozen=True, slots=True)
class PlacementReport:
    """What `place` did. `played` counts the rated matches of the whole placement, `opponents` tells
    each, `expense` what it took; `notice` says why nothing (more) was played, and `wait_until` when
    it goes on (UTC) if it waits.
    """

    agent: str
    ladder: str
    attempt: int
    state: EvaluationState
    played: int
    planned: int
    rating_before: float | None
    rating_after: float | None
    opponents: tuple[Bout, ...]
    resumed: bool
    notice: str | None = None
    wait_until: datetime | None = None
    expense: Expense = NOTHING
    evaluation_id: int | None = None


def place(
    store: Store,
    settings: Settings,
    agent_alias: str,
    *,
    ladder: str = DEFAULT_LADDER,
    run_id: str | None = None,
    on_match: OnMatch | None = None,
) -> PlacementReport:
    """Play the placement of an agent to its end, from where it was; one who is ranked plays
    nothing.

    An agent that was never enqueued, or whose last placement failed, is enqueued first; one that
    somebody stopped goes on. Held up (no money, a gateway that is down), the evaluation waits and
    the report says until when. On an error the evaluation is given back and the error raised:
    PlacementFailed if another try is no use. Interrupted (Ctrl-C, a run cancelled in Dagster), it
    waits and is not started by itself again: somebody stopped it, somebody asks again. Raises
    NotFound for an unknown alias, NotPlaceable for an agent that may not play or is being placed by
    another process.
    """

    async def one() -> PlacementReport:
        async with open_room(store, settings) as room:
            return await place_within(
                room, agent_alias, ladder=ladder, run_id=run_id, on_match=on_match
            )

    return asyncio.run(one())


async def place_within(
    room: Room,
    agent_alias: str,
    *,
    ladder: str = DEFAULT_LADDER,
    run_id: str | None = None,
    on_match: OnMatch | None = None,
    asked: bool = True,
) -> PlacementReport:
    """The same beside other placements of one process. Not `asked` for by anybody, one that waits
    for a time that has not come is left alone. Raises as `place` does.
    """
    store, settings = room.store, room.settings
    row = agent_of(store, agent_alias)
    known = _check(store, settings, agent_alias, ladder)
    lease = timedelta(seconds=settings.lease_s)
    taken = claim(store, row.id, known.rule.id, lease, run_id, at_once=asked)
    if taken is None and asked and queue.enqueue_again(store, settings, row.id, ladder):
        taken = claim(store, row.id, known.rule.id, lease, run_id)
    if taken is None:
        standing = _standing(store, known, row.id, agent_alias)
        if standing is not None:
            return standing
        raise NotPlaceable(
            f"{agent_alias!r} is being placed on ladder {ladder!r} by another process; "
            "wait until it is done"
            if asked
            else f"There is nothing to be done for {agent_alias!r} on ladder {ladder!r} now: "
            "another process places it, or its placement is over"
        )
    with store.read() as connection:
        model_id = connection.scalar(select(Agent.model_id).where(Agent.id == row.id))
    placing = Placing(room, known, row.id, model_id, agent_alias, taken, asked)
    with store.read() as connection:
        resumed = bool(placing.so_far(connection))
    about = {"agent": agent_alias, "ladder": ladder, "attempt": taken.attempt}
    _LOG.info("placement begun", **about, planned=taken.planned, resumed=resumed)
    held = await _play(placing, on_match)
    report = _report(store, known, row.id, agent_alias, taken, resumed=resumed)
    if held is not None:
        _LOG.info("placement waits", **about, reason=held.why, until=held.until.isoformat())
        return replace(
            report,
            state=EvaluationState.WAITING,
            wait_until=held.until,
            notice=f"{agent_alias} waits until {held.until:%Y-%m-%d %H:%M} UTC: {held.why}",
        )
    _LOG.info("placement ended", **about, played=report.played, elo=report.rating_after)
    return report


async def _play(placing: Placing, on_match: OnMatch | None) -> HeldUp | None:
    """Play to the end and rank, or give the evaluation back; what holds it up, if anything does."""
    store, known = placing.store, placing.ground

    def give_back(error: str, **how: object) -> None:
        about = {"agent": placing.alias, "ladder": known.rule.name}
        _LOG.warning("placement stopped", **about, error=error)
        release(store, placing.claim.id, error, owner=placing.claim.owner, **how)  # type: ignore[arg-type]

    try:
        async with _kept(Heartbeat(store, placing.claim)):
            await placing.play(on_match)
        rank(store, placing.claim, placing.model_id)
    except PlacementTaken:
        raise
    except HeldUp as held:
        wait(store, placing.claim, held.why, held.until)
        return held
    except FINAL as error:
        give_back(str(error), final=True)
        retire_if_hopeless(store, placing.agent_id, known.rule.id, str(error))
        raise PlacementFailed(
            f"The placement of {placing.alias!r} on ladder {known.rule.name!r} failed: {error}"
        ) from error
    except Exception as error:
        give_back(f"{type(error).__name__}: {error}")
        raise
    except BaseException as stop:
        give_back(f"Interrupted ({type(stop).__name__})", kind=StopKind.INTERRUPTED)
        raise
    return None


@asynccontextmanager
async def _kept(heartbeat: Heartbeat) -> AsyncIterator[None]:
    """Hold the evaluation while the block runs, however long a turn takes. The block ends with
    PlacementTaken when it is somebody else's.
    """
    working, lost = asyncio.current_task(), None

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(heartbeat.claim.lease.total_seconds() / 3)
            try:
                await asyncio.to_thread(heartbeat.beat)
            except PlacementTaken as taken:
                lost = taken
                if working is not None:
                    working.cancel()
                return
            except ArenaError as error:
                _LOG.warning("lease not renewed", error=str(error))

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost is None or working is None:
            raise
        working.uncancel()
        raise lost from None
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


def _check(store: Store, settings: Settings, alias: str, ladder: str) -> Ground:
    """The ladder's ground, if the agent may play on it. Raises NotPlaceable with the reason."""
    with store.read() as connection:
        known = ground(connection, ladder)
        everybody = applicants.agents(connection, settings)
    judged = {who.name: judge(who, known.field) for who in everybody}
    obstacle = judged[alias]
    if obstacle is None and sum(other is None for other in judged.values()) < 2:
        obstacle = Obstacle(Reason.NO_OPPONENT)
    if obstacle is not None:
        raise NotPlaceable(f"{alias!r} can't be placed on ladder {ladder!r}: {obstacle}")
    return known


def _standing(store: Store, known: Ground, agent_id: int, alias: str) -> PlacementReport | None:
    """The report of an agent that has nothing to play now: it is ranked, or waits for a time."""
    with store.read() as connection:
        row = connection.execute(
            select(
                Evaluation.id, Evaluation.attempt, Evaluation.planned, Evaluation.queued_at,
                Evaluation.state, Evaluation.wait_until, Evaluation.error,
            )
            .where(Evaluation.agent_id == agent_id, Evaluation.ladder_id == known.rule.id)
            .order_by(Evaluation.attempt.desc())
            .limit(1)
        ).one_or_none()  # fmt: skip
    if row is None:
        return None
    ended = Claim(row.id, row.attempt, row.planned, row.queued_at, owner="", lease=timedelta(0))
    report = _report(store, known, agent_id, alias, ended, resumed=False)
    if row.state == EvaluationState.RANKED:
        notice = f"{alias} is ranked on {known.rule.name} already; nothing was played"
        return replace(report, notice=notice)
    if row.state == EvaluationState.WAITING and row.wait_until is not None:
        return replace(
            report,
            state=EvaluationState.WAITING,
            wait_until=row.wait_until,
            notice=f"{alias} waits until {row.wait_until:%Y-%m-%d %H:%M} UTC: {row.error}",
        )
    return None


def _report(
    store: Store, known: Ground, agent_id: int, alias: str, taken: Claim, *, resumed: bool
) -> PlacementReport:
    with store.read() as connection:
        played = bouts(connection, known, taken.id, agent_id, alias)
        spent = expense(connection, taken.id, agent_id)
    rated = [bout for bout in played if bout.is_rated]
    return PlacementReport(
        agent=alias,
        ladder=known.rule.name,
        attempt=taken.attempt,
        state=EvaluationState.RANKED,
        played=len(rated),
        planned=taken.planned,
        rating_before=rated[0].before if rated else None,
        rating_after=rated[-1].after if rated else None,
        opponents=tuple(played),
        resumed=resumed,
        expense=spent,
        evaluation_id=taken.id,
    )
