"""Playing a placement that has been taken: match after match until enough of them are rated.

Before each match everything is read from the store, so that a placement taken up again goes on as
if nothing had happened. Who may be placed, and what becomes of an error, is in
`evaluation.placement`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.evaluation.leases import Claim, Heartbeat
from arena_pipeline.evaluation.matchmaking import Rated, climb, in_turn, starting_point
from arena_pipeline.evaluation.naming import seed_of, uuid_of
from arena_pipeline.evaluation.progress import Bout, bouts
from arena_pipeline.evaluation.seating import make_players
from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions, play
from arena_pipeline.matches.telling import tell_finished
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, EvaluationState, Purpose

OnMatch = Callable[[int, int], None]
"""Called with (done, planned): after each match, and at first if some were played before."""


class PlacementFailed(ArenaError):
    """A placement that can't come to its end, however often it is tried."""


@dataclass(frozen=True, slots=True)
class Placing:
    """One agent on its way to a place on a ladder."""

    store: Store
    settings: Settings
    recorder: Recorder
    ground: Ground
    agent_id: int
    alias: str
    claim: Claim

    async def play(self, options: RunnerOptions, on_match: OnMatch | None) -> list[Bout]:
        """Play until as many matches are rated as were planned; returns all of them.

        Raises PlacementFailed when there is nobody to play against or the ladder does not rate
        enough matches, PlacementTaken when another process has taken the placement, and whatever
        a match raises.
        """
        heartbeat, players = Heartbeat(self.store, self.claim), make_players(self.store)
        planned, told = self.claim.planned, 0
        while True:
            with self.store.read() as connection:
                played = self.so_far(connection)
                rated = sum(bout.is_rated for bout in played)
                plan = None if rated >= planned else self._next(connection, played)
            if on_match is not None and len(played) > told:
                on_match(min(rated, planned), planned)
                told = len(played)
            if plan is None:
                return played
            finished = await play(self.recorder, plan, players(plan), options, heartbeat)
            heartbeat.beat()
            tell_finished([finished], self.recorder.record([finished]))

    def so_far(self, connection: Connection) -> list[Bout]:
        """The matches played."""
        return bouts(connection, self.ground, self.claim.id, self.agent_id, self.alias)

    def _next(self, connection: Connection, played: list[Bout]) -> MatchPlan:
        number, planned = len(played), self.claim.planned
        if number >= 2 * planned:
            rated = sum(bout.is_rated for bout in played)
            raise PlacementFailed(
                f"Only {rated} of {number} placement matches of {self.alias!r} count on ladder "
                f"{self.ground.rule.name!r}; see what its filter leaves out"
            )
        known = {
            one.name: one
            for one in applicants.playable(connection, self.settings, self.ground.rule.game)
        }
        model_of = select(Agent.model_id).where(Agent.id == self.agent_id)
        stands_for = self.ground.competitors(connection, {self.alias, *known})
        own = stands_for[self.alias]
        opponent = self._opponent(
            connection, played, [name for name in known if stands_for[name] != own]
        )
        other = known[opponent]
        entrants = (
            Entrant(self.alias, self.agent_id, connection.scalar(model_of)),
            Entrant(opponent, other.agent_id, other.model_id),
        )
        key = (
            self.ground.rule.name, self.alias, self.claim.queued_at.isoformat(),
            self.claim.attempt, number,
        )  # fmt: skip
        return MatchPlan(
            config=self.ground.config,
            entrants=entrants[::-1] if number % 2 else entrants,
            seed=seed_of(*key),
            rule_version=self.ground.game.rule_version,
            purpose=Purpose.PLACEMENT,
            uuid=uuid_of(*key),
            evaluation_id=self.claim.id,
        )

    def _opponent(self, connection: Connection, played: list[Bout], others: list[str]) -> str:
        if not others:
            raise PlacementFailed(f"There is nobody {self.alias!r} could play against")
        names = [bout.opponent for bout in played]
        numbers = self.ground.numbers(connection)
        ranked = ranked_on(connection, self.ground)
        pool = [Rated(name, numbers[name]) for name in others if name in ranked & numbers.keys()]
        if not pool:
            return in_turn(others, names)
        current = numbers.get(self.alias, self.ground.initial)
        if not played:
            # Everybody who was ever ranked counts for the median, also who plays no more.
            everybody = [numbers[name] for name in ranked & numbers.keys()]
            current = starting_point(current, self.ground.initial, everybody)
        return climb(pool, set(names), current, played[-1].result if played else None).name


def ranked_on(connection: Connection, ground: Ground) -> set[str]:
    """The aliases of the agents that a placement has ranked on this ladder."""
    return set(
        connection.scalars(
            select(Agent.alias)
            .join(Evaluation, Evaluation.agent_id == Agent.id)
            .where(
                Evaluation.ladder_id == ground.rule.id,
                Evaluation.state == EvaluationState.RANKED,
            )
        )
    )
