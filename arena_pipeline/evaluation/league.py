"""The league: agents of a ladder playing on, those first that have met least.

The matches of a ladder's league are one endless sequence that the ladder itself seeds, each start
played from both seats; every call plays the next of them. So a league that was killed goes on where
it was, and a match that two processes play at once counts once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, case, func, select
from sqlalchemy.orm import aliased

from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.batches import Batch, play_in_order
from arena_pipeline.evaluation.eligibility import Applicant
from arena_pipeline.evaluation.grounds import Ground, ground
from arena_pipeline.evaluation.matchmaking import Meetings, Pair, Pairing, round_robin_pairs
from arena_pipeline.evaluation.naming import seed_of, uuid_of
from arena_pipeline.evaluation.opponents import ranked_on
from arena_pipeline.evaluation.placing import OnMatch
from arena_pipeline.evaluation.seating import make_players
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.logs import logger
from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import MatchFailed, RunnerOptions
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Match, MatchState, Participant, Purpose

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class LeagueReport:
    """What a call of the league did. `failed` names matches by uuid with the error; `per_pair`
    counts matches played, `left_out` agents that call a model: those play placements only.
    """

    ladder: str
    played: int
    failed: tuple[tuple[str, str], ...]
    seconds: float
    per_pair: dict[str, int] = field(default_factory=dict)
    notice: str | None = None
    left_out: int = 0


def play_league(
    store: Store,
    settings: Settings,
    *,
    matches: int | None = None,
    ladder: str = DEFAULT_LADDER,
    seed: int | None = None,
    on_match: OnMatch | None = None,
) -> LeagueReport:
    """Play the next `matches` (default: the setting) of a ladder's league and record them in
    batches.

    Those who are ranked play; while fewer than two are, everybody who may. `seed` replaces the
    ladder's own. A match that fails is reported and does not stop the others. Raises NotFound for
    an unknown ladder and ReplayError when there is no room for replays.
    """
    began = time.monotonic()
    count = settings.league_matches if matches is None else matches
    with store.read() as connection:
        known = ground(connection, ladder)
        players = entitled(connection, settings, known)
        callers = sum(who.calls for who in applicants.playable(connection, settings, known.field))
        met = meetings(connection, known, [who.agent_id for who in players if who.agent_id])
        stands_for = known.competitors(connection, [who.name for who in players])
    apart = len(set(stands_for.values()))
    if apart < 2:
        return LeagueReport(
            ladder, 0, (), 0.0, notice=f"A league needs two agents; {ladder} has {apart}"
        )
    entrants = {who.name: Entrant(who.name, who.agent_id, who.model_id) for who in players}
    pairings = round_robin_pairs(list(entrants), met, count, stands_for)
    plans = [_plan(known, pairing, entrants, seed) for pairing in pairings]
    options = RunnerOptions(
        turn_timeout_s=settings.turn_timeout_s, concurrency=settings.match_concurrency
    )
    batch = Batch(Recorder(store, settings.replay_dir))
    per_pair = asyncio.run(_play(batch, plans, store, options, on_match))
    seconds = time.monotonic() - began
    facts = {"played": batch.recorded, "failed": len(batch.failed), "seconds": round(seconds, 1)}
    _LOG.info("league ended", ladder=ladder, **facts)
    return LeagueReport(
        ladder=ladder,
        played=batch.recorded,
        failed=tuple(batch.failed),
        seconds=seconds,
        per_pair=per_pair,
        left_out=callers,
    )


async def _play(
    batch: Batch,
    plans: Sequence[MatchPlan],
    store: Store,
    options: RunnerOptions,
    on_match: OnMatch | None,
) -> dict[str, int]:
    per_pair: Counter[str] = Counter()
    playing = play_in_order(batch.recorder, plans, make_players(store), options)
    try:
        async with aclosing(playing):
            done = 0
            async for match in playing:
                done += 1
                if isinstance(match, MatchFailed):
                    batch.failed.append((match.plan.uuid, str(match.error)))
                else:
                    per_pair[" - ".join(sorted(e.name for e in match.plan.entrants))] += 1
                    batch.add(match)
                if on_match is not None:
                    on_match(done, len(plans))
    finally:
        batch.flush()
    return dict(per_pair)


def entitled(connection: Connection, settings: Settings, known: Ground) -> list[Applicant]:
    """Who plays in the league: the ranked who may play, or everybody who may while those are fewer
    than two. Those who call a model do not: the league has no budget of its own.
    """
    able = [who for who in applicants.playable(connection, settings, known.field) if not who.calls]
    ranked = ranked_on(connection, known)
    placed = [who for who in able if who.name in ranked]
    return placed if len(placed) >= 2 else able


def meetings(connection: Connection, known: Ground, agents: Sequence[int]) -> dict[Pair, Meetings]:
    """How often each two of these agents have met on the ladder's config."""
    one, other = aliased(Participant), aliased(Participant)
    first, second = aliased(Agent), aliased(Agent)
    rows = connection.execute(
        select(
            first.alias,
            second.alias,
            func.sum(case((Match.state == MatchState.FINISHED, 1), else_=0)),
            # Void ones too: their names are taken, the next one has to be another.
            func.sum(case((Match.purpose == Purpose.LEAGUE, 1), else_=0)),
        )
        .select_from(Match)
        .join(one, one.match_id == Match.id)
        .join(other, and_(other.match_id == Match.id, one.agent_id < other.agent_id))
        .join(first, first.id == one.agent_id)
        .join(second, second.id == other.agent_id)
        .where(
            Match.config_id == known.config.id,
            Match.state.in_((MatchState.FINISHED, MatchState.VOID)),
            one.agent_id.in_(agents),
            other.agent_id.in_(agents),
        )
        .group_by(first.alias, second.alias)
    )
    return {
        (min(a, b), max(a, b)): Meetings(int(total), int(league)) for a, b, total, league in rows
    }


def _plan(
    known: Ground, pairing: Pairing, entrants: Mapping[str, Entrant], seed: int | None
) -> MatchPlan:
    base = known.created_at.isoformat() if seed is None else str(seed)
    store_own = (known.rule.name, known.created_at.isoformat(), base, *pairing.pair)
    return MatchPlan(
        config=known.config,
        entrants=tuple(entrants[name] for name in pairing.seats),
        seed=seed_of("league", base, *pairing.pair, pairing.start),
        rule_version=known.game.rule_version,
        purpose=Purpose.LEAGUE,
        uuid=uuid_of("league", *store_own, pairing.number),
        group=uuid_of("start", *store_own, pairing.start),
    )
