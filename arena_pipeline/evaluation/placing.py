"""Playing a placement that has been taken: match after match until enough of them are rated.

Before each match everything is read from the store, so that a placement taken up again goes on as
if nothing had happened. Who may be placed, and what becomes of an error, is in
`evaluation.placement`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.admitting import admitting
from arena_pipeline.evaluation.callees import calling_agents, need_of
from arena_pipeline.evaluation.eligibility import Applicant
from arena_pipeline.evaluation.failing import hopeless
from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.evaluation.holding import HeldUp, pause_of
from arena_pipeline.evaluation.leases import Claim, Heartbeat
from arena_pipeline.evaluation.naming import seed_of, uuid_of
from arena_pipeline.evaluation.opponents import choose, rivals
from arena_pipeline.evaluation.progress import Bout, bouts
from arena_pipeline.evaluation.room import Room
from arena_pipeline.evaluation.switch import is_paused
from arena_pipeline.matches.journal import LeaseLost
from arena_pipeline.matches.plan import Entrant, FinishedMatch, MatchPlan
from arena_pipeline.matches.resuming import WaitingMatch, play_resumed, waiting_matches
from arena_pipeline.matches.runner import MakePlayers, MatchPaused, play
from arena_pipeline.matches.telling import tell_finished
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Purpose

if TYPE_CHECKING:
    from arena_pipeline.calls.starting import SeatNeed

OnMatch = Callable[[int, int], None]
"""Called with (done, planned): after each match, and at first if some were played before."""


class PlacementFailed(ArenaError):
    """A placement that can't come to its end, however often it is tried."""


@dataclass(frozen=True, slots=True)
class Placing:
    """One agent on its way to a place on a ladder. `asked`: somebody asks for it now, so that a
    match that waits for a time is tried at once.
    """

    room: Room
    ground: Ground
    agent_id: int
    model_id: int | None
    alias: str
    claim: Claim
    asked: bool = False

    async def play(self, on_match: OnMatch | None) -> list[Bout]:
        """Play until as many matches are rated as were planned; returns all of them.

        Raises PlacementFailed when there is nobody to play against, the ladder does not rate enough
        matches or the model never answers, HeldUp when it can't go on now, PlacementTaken when
        another process has taken the placement, and whatever a match raises.
        """
        heartbeat, players = Heartbeat(self.store, self.claim), self.room.players(self.ground.rule)
        planned, told, waited, early = self.claim.planned, 0, 0.0, self.asked
        while True:
            with self.store.read() as connection:
                played = self.so_far(connection)
            rated = sum(bout.is_rated for bout in played)
            if on_match is not None and len(played) > told:
                on_match(min(rated, planned), planned)
            waited = waited if len(played) == told else 0.0
            told = len(played)
            if rated >= planned:
                return played
            try:
                finished = await self._next_match(played, players, heartbeat, early=early)
            except HeldUp as held:
                early = False
                self._give_up_if_hopeless()
                pause = pause_of(held, waited, datetime.now(UTC))
                if pause is None:
                    raise
                waited += pause
                await asyncio.sleep(pause)
                continue
            heartbeat.beat()
            await self._record(finished)

    @property
    def store(self) -> Store:
        """Where it all is kept."""
        return self.room.store

    async def _next_match(
        self, played: list[Bout], players: MakePlayers, heartbeat: Heartbeat, *, early: bool
    ) -> FinishedMatch:
        """Go on with the match that was begun, else begin the next one."""
        now = datetime.now(UTC)
        with self.store.read() as connection:
            if (paused := is_paused(connection)) is not None:
                why = f"{RefusalKind.PAUSED}: the arena is {paused} (arena resume lets it go on)"
                raise HeldUp(why, now)
            begun = waiting_matches(connection, self.claim.id, now)
        try:
            if begun:
                return await self._go_on(begun[0], players, heartbeat, early=early)
            plan = await self._affordable(played)
            owner = self.claim.owner if self.room.callers(plan) else None
            seated, options = players(plan), self.room.options(owner)
            on_open = None if owner is None else admitting(self.store, self.room.settings, plan)
            return await play(self.room.recorder, plan, seated, options, heartbeat, on_open)
        except MatchPaused as stop:
            raise HeldUp.by(stop.reason, stop.until, datetime.now(UTC)) from stop
        except LeaseLost as lost:
            why = f"{RefusalKind.CONCURRENCY}: {lost}"
            raise HeldUp.by(why, None, datetime.now(UTC)) from lost

    async def _go_on(
        self, begun: WaitingMatch, players: MakePlayers, heartbeat: Heartbeat, *, early: bool
    ) -> FinishedMatch:
        finished = None
        if begun.can_resume or early:
            options = self.room.options(self.claim.owner)
            finished = await play_resumed(
                self.room.recorder, begun.uuid, players, options, heartbeat, early=early
            )
        if finished is not None:
            return finished
        why = begun.reason or f"{RefusalKind.CONCURRENCY}: its match is still held by a process"
        raise HeldUp.by(why, begun.until, datetime.now(UTC))

    async def _record(self, finished: FinishedMatch) -> None:
        recorder = self.room.recorder
        if finished.journaled:
            uuids = await asyncio.to_thread(recorder.record, [finished])
        else:
            uuids = recorder.record([finished])
        tell_finished([finished], uuids)

    def _give_up_if_hopeless(self) -> None:
        if self.model_id is None:
            return
        with self.store.read() as connection:
            why = hopeless(connection, self.model_id, self.claim.id)
        if why is not None:
            raise PlacementFailed(f"{self.alias!r} can't be reached: {why}")

    def so_far(self, connection: Connection) -> list[Bout]:
        """The matches played."""
        return bouts(connection, self.ground, self.claim.id, self.agent_id, self.alias)

    async def _affordable(self, played: list[Bout]) -> MatchPlan:
        """The next match, against somebody who can be had: not against one for whom money or
        gateway lack now while others are there.
        """
        with self.store.read() as connection:
            pool = rivals(connection, self.room.settings, self.ground, self.alias)
        while True:
            with self.store.read() as connection:
                plan, rival = self._next(connection, played, pool)
            if not rival.calls or len(pool) < 2:
                return plan
            if not await asyncio.to_thread(self._is_too_much, rival):
                return plan
            del pool[rival.name]

    def _is_too_much(self, rival: Applicant) -> bool:
        """Whether a match against this one can't be had now while one's own seat can."""
        from arena_pipeline.calls.starting import may_start

        ids = [id_ for id_ in (self.agent_id, rival.agent_id) if id_ is not None]
        config, settings, now = self.ground.config.id, self.room.settings, datetime.now(UTC)
        # A writing transaction, since the accounts that are looked at are held meanwhile.
        with self.store.write() as connection:
            agents = calling_agents(connection, ids)
            needs = [
                need_of(connection, agents[id_], config, slot)
                for slot, id_ in enumerate(ids)
                if id_ in agents
            ]

            def refused(seats: "Sequence[SeatNeed]") -> bool:
                found = may_start(self.store, connection, settings, seats, self.claim.id, now)
                return found is not None

            own = [need for need in needs if need.slot == 0 and self.agent_id in agents]
            return refused(needs) and not refused(own)

    def _next(
        self, connection: Connection, played: list[Bout], pool: Mapping[str, Applicant]
    ) -> tuple[MatchPlan, Applicant]:
        number, planned = len(played), self.claim.planned
        if number >= 2 * planned:
            rated = sum(bout.is_rated for bout in played)
            raise PlacementFailed(
                f"Only {rated} of {number} placement matches of {self.alias!r} count on ladder "
                f"{self.ground.rule.name!r}; see what its filter leaves out"
            )
        if not pool:
            raise PlacementFailed(f"There is nobody {self.alias!r} could play against")
        opponent = choose(connection, self.ground, self.alias, list(pool), played)
        other = pool[opponent]
        entrants = (
            Entrant(self.alias, self.agent_id, self.model_id),
            Entrant(opponent, other.agent_id, other.model_id),
        )
        key = (
            self.ground.rule.name, self.alias, self.claim.queued_at.isoformat(),
            self.claim.attempt, number,
        )  # fmt: skip
        plan = MatchPlan(
            config=self.ground.config,
            entrants=entrants[::-1] if number % 2 else entrants,
            seed=seed_of(*key),
            rule_version=self.ground.game.rule_version,
            purpose=Purpose.PLACEMENT,
            uuid=uuid_of(*key),
            evaluation_id=self.claim.id,
        )
        return plan, other
