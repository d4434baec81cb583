"""What it takes to play: a recorder, and where models are called somebody who asks them, for as
long as there is something to play.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from arena_pipeline.calls.asking import Asks
from arena_pipeline.evaluation.callees import CallingAgent, calling_agents
from arena_pipeline.evaluation.eligibility import CALLING
from arena_pipeline.evaluation.seating import make_players
from arena_pipeline.matches.ladder_rules import LadderRule
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import MakePlayers, RunnerOptions
from arena_pipeline.players.llm.player import REMINDERS
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent


@dataclass(frozen=True, slots=True)
class Room:
    """One process's place to play in. `asks` is None where nobody here calls a model."""

    store: Store
    settings: Settings
    recorder: Recorder
    asks: Asks | None = None

    def players(self, rule: LadderRule | None = None) -> MakePlayers:
        """Seats agents, by the policy of a ladder where they play for one."""
        reminders = REMINDERS if rule is None else int(rule.policy.get("reminders", REMINDERS))
        return make_players(self.store, self.settings, self.asks, reminders=reminders)

    def callers(self, plan: MatchPlan) -> dict[int, CallingAgent]:
        """Those of a match that call a model, by agent id. Raises NoCallee."""
        ids = [entrant.agent_id for entrant in plan.entrants if entrant.agent_id is not None]
        with self.store.read() as connection:
            return calling_agents(connection, ids)

    def options(self, owner: str | None) -> RunnerOptions:
        """How matches are played; with an `owner` they are journaled, and whoever calls a model
        keeps its own time.
        """
        return RunnerOptions(
            turn_timeout_s=self.settings.turn_timeout_s if owner is None else None,
            concurrency=self.settings.match_concurrency,
            journal_owner=owner,
            lease=timedelta(seconds=self.settings.lease_s),
        )


@asynccontextmanager
async def open_room(store: Store, settings: Settings) -> AsyncIterator[Room]:
    """A room for as long as the block runs; what is under way in it is settled before it closes."""
    with store.read() as connection:
        gateways = {one.name: one for one in gateway_rows(connection) if one.declared}
        calls = connection.scalar(select(Agent.id).where(Agent.kind == CALLING).limit(1))
    if calls is None:
        yield Room(store, settings, Recorder(store, settings.replay_dir))
        return

    # Here, since the client library is heavy and an arena of bots needs none of it.
    from arena_pipeline.calls.caller import Caller
    from arena_pipeline.calls.clerk import Clerk
    from arena_pipeline.matches.journal import Scribe

    async with AsyncExitStack() as stack:
        scribe = await stack.enter_async_context(Scribe(store))
        clerk = await stack.enter_async_context(Clerk(store, settings))
        asks = await stack.enter_async_context(Caller(clerk, gateways, settings))
        recorder = Recorder(
            store, settings.replay_dir, scribe, keep_payloads=settings.store_payloads
        )
        yield Room(store, settings, recorder, asks)
