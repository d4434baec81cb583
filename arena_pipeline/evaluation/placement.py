"""Placing an agent on a ladder: its open evaluation taken, played to its end, given back on an
error.

The matches themselves are played in `evaluation.placing`; which placements are next is in
`evaluation.upcoming`.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from arena_pipeline.errors import ArenaError, RecordingError
from arena_pipeline.evaluation import applicants, queue
from arena_pipeline.evaluation.eligibility import Obstacle, Reason, judge
from arena_pipeline.evaluation.grounds import Ground, ground
from arena_pipeline.evaluation.leases import Claim, PlacementTaken, claim, rank
from arena_pipeline.evaluation.placing import OnMatch, PlacementFailed, Placing
from arena_pipeline.evaluation.progress import Bout, bouts
from arena_pipeline.evaluation.releasing import StopKind, release
from arena_pipeline.evaluation.seating import NoPlayer
from arena_pipeline.evaluation.upcoming import NextPlacements, Placement, next_placements
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.logs import logger
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions
from arena_pipeline.players.bots import BadBotSettings, UnknownBot
from arena_pipeline.registry.agents import agent as agent_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, EvaluationState

__all__ = [
    "NextPlacements", "NotPlaceable", "Placement", "PlacementFailed", "PlacementReport",
    "next_placements", "place",
]  # fmt: skip

FINAL = (PlacementFailed, GameError, RecordingError, NoPlayer, UnknownBot, BadBotSettings)
"""Errors that the same placement would meet again."""

_LOG = logger(__name__)


class NotPlaceable(ArenaError):
    """An agent that can't be placed now."""


@dataclass(frozen=True, slots=True)
class PlacementReport:
    """What `place` did. `played` counts the rated matches of the whole placement, `opponents` tells
    each; `notice` says why nothing was played.
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
    somebody stopped goes on. On an error the evaluation is given back and the error raised:
    PlacementFailed if another try is no use. Interrupted (Ctrl-C, a run cancelled in Dagster), it
    waits and is not started by itself again: somebody stopped it, somebody asks again. Raises
    NotFound for an unknown alias, NotPlaceable for an agent that may not play or is being placed by
    another process.
    """
    row = agent_of(store, agent_alias)
    known = _check(store, settings, agent_alias, ladder)
    lease = timedelta(seconds=settings.lease_s)
    taken = claim(store, row.id, known.rule.id, lease, run_id)
    if taken is None and queue.enqueue_again(store, settings, row.id, ladder):
        taken = claim(store, row.id, known.rule.id, lease, run_id)
    if taken is None:
        ranked = _already_ranked(store, known, row.id, agent_alias)
        if ranked is not None:
            return ranked
        raise NotPlaceable(
            f"{agent_alias!r} is being placed on ladder {ladder!r} by another process; "
            "wait until it is done"
        )
    recorder = Recorder(store, settings.replay_dir)
    placing = Placing(store, settings, recorder, known, row.id, agent_alias, taken)
    with store.read() as connection:
        resumed = bool(placing.so_far(connection))
    about = {"agent": agent_alias, "ladder": ladder, "attempt": taken.attempt}
    _LOG.info("placement begun", **about, planned=taken.planned, resumed=resumed)
    played = _play(placing, RunnerOptions(turn_timeout_s=settings.turn_timeout_s), on_match)
    report = _report(known, agent_alias, taken, played, resumed=resumed)
    _LOG.info("placement ended", **about, played=report.played, elo=report.rating_after)
    return report


def _play(placing: Placing, options: RunnerOptions, on_match: OnMatch | None) -> list[Bout]:
    def give_back(error: str, **how: object) -> None:
        about = {"agent": placing.alias, "ladder": placing.ground.rule.name}
        _LOG.warning("placement stopped", **about, error=error)
        release(placing.store, placing.claim.id, error, owner=placing.claim.owner, **how)  # type: ignore[arg-type]

    try:
        played = asyncio.run(placing.play(options, on_match))
        rank(placing.store, placing.claim)
    except PlacementTaken:
        raise
    except FINAL as error:
        give_back(str(error), final=True)
        raise PlacementFailed(
            f"The placement of {placing.alias!r} on ladder {placing.ground.rule.name!r} failed: "
            f"{error}"
        ) from error
    except Exception as error:
        give_back(f"{type(error).__name__}: {error}")
        raise
    except BaseException as stop:
        give_back(f"Interrupted ({type(stop).__name__})", kind=StopKind.INTERRUPTED)
        raise
    return played


def _check(store: Store, settings: Settings, alias: str, ladder: str) -> Ground:
    """The ladder's ground, if the agent may play on it. Raises NotPlaceable with the reason."""
    with store.read() as connection:
        known = ground(connection, ladder)
        everybody = applicants.agents(connection, settings)
    bots = applicants.bots_for(known.rule.game)
    judged = {who.name: judge(who, bots) for who in everybody}
    obstacle = judged[alias]
    if obstacle is None and sum(other is None for other in judged.values()) < 2:
        obstacle = Obstacle(Reason.NO_OPPONENT)
    if obstacle is not None:
        raise NotPlaceable(f"{alias!r} can't be placed on ladder {ladder!r}: {obstacle}")
    return known


def _already_ranked(
    store: Store, known: Ground, agent_id: int, alias: str
) -> PlacementReport | None:
    with store.read() as connection:
        row = connection.execute(
            select(
                Evaluation.id, Evaluation.attempt, Evaluation.planned, Evaluation.queued_at,
                Evaluation.state,
            )
            .where(Evaluation.agent_id == agent_id, Evaluation.ladder_id == known.rule.id)
            .order_by(Evaluation.attempt.desc())
            .limit(1)
        ).one_or_none()  # fmt: skip
        if row is None or row.state != EvaluationState.RANKED:
            return None
        played = bouts(connection, known, row.id, agent_id, alias)
    ended = Claim(row.id, row.attempt, row.planned, row.queued_at, owner="", lease=timedelta(0))
    return _report(
        known, alias, ended, played, resumed=False,
        notice=f"{alias} is ranked on {known.rule.name} already; nothing was played",
    )  # fmt: skip


def _report(
    known: Ground,
    alias: str,
    taken: Claim,
    played: list[Bout],
    *,
    resumed: bool,
    notice: str | None = None,
) -> PlacementReport:
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
        notice=notice,
    )
