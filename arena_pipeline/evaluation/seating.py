"""From a plan to players: who really sits down for an agent of the registry."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from arena_pipeline.calls.asking import Asks
from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.callees import CallingAgent, calling_agents
from arena_pipeline.evaluation.eligibility import CALLING
from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.matches.runner import MakePlayers
from arena_pipeline.players import bots
from arena_pipeline.players.bots import BotPlayer, BotPolicy
from arena_pipeline.players.llm.player import REMINDERS
from arena_pipeline.players.protocol import Player
from arena_pipeline.registry.agents import POLICY, policy_settings
from arena_pipeline.registry.prompts import Prompt, prompt_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent


class NoPlayer(ArenaError):
    """An agent that nothing can play for."""


def make_players(
    store: Store,
    settings: Settings | None = None,
    asks: Asks | None = None,
    *,
    reminders: int = REMINDERS,
) -> MakePlayers:
    """Seats the agents of the registry: bots each with its own chance from the match's seed,
    language models with the prices of the day, asked through `asks`.

    What it gives raises NoPlayer for an agent that has no player or does not play the game (and for
    one that calls a model where there is no `asks`), NoCallee for one whose model can't be called,
    UnknownBot for one whose policy is gone and BadBotSettings for one whose policy refuses its
    settings. `evaluation.eligibility` keeps all of these from being asked to play.
    """
    return _Seating(store, settings, asks, reminders)


@dataclass(frozen=True, slots=True)
class _Seating:
    store: Store
    settings: Settings | None
    asks: Asks | None
    reminders: int
    known: dict[int, BotPolicy] = field(default_factory=dict)
    """Policies by agent: agents never change, so each is asked for once."""

    def __call__(self, plan: MatchPlan) -> list[Player]:
        callers = self._look_up(plan.entrants)
        return [
            self._caller(*callers[entrant.agent_id], plan.config.game)
            if entrant.agent_id in callers
            else BotPlayer(self._policy(entrant, plan.config.game), plan.chance("player", seat))
            for seat, entrant in enumerate(plan.entrants)
        ]

    def _caller(self, agent: CallingAgent, prompt: Prompt | None, game: str) -> Player:
        from arena_pipeline.players.llm.player import LLMPlayer

        if self.asks is None or self.settings is None:
            raise NoPlayer(f"{agent.alias!r} calls a model, and there is nobody here to ask it")
        if prompt is None:
            raise NoPlayer(f"{agent.alias!r} has no prompt, so it can't be asked anything")
        if prompt.game != game:
            raise NoPlayer(
                f"{agent.alias!r} does not play {game} (its prompt is for {prompt.game})"
            )
        return LLMPlayer(
            self.asks,
            agent.callee,
            prompt,
            game,
            memory=agent.memory,
            reminders=self.reminders,
            turn_timeout_s=self.settings.turn_timeout_s,
        )

    def _policy(self, entrant: Entrant, game: str) -> BotPolicy:
        if entrant.agent_id is None or entrant.agent_id not in self.known:
            raise NoPlayer(f"{entrant.name!r} is no agent of this arena, so nobody can play for it")
        policy = self.known[entrant.agent_id]
        if not policy.plays(game):
            raise NoPlayer(f"{entrant.name!r} does not play {game} (its policy is {policy.name!r})")
        return policy

    def _look_up(
        self, entrants: Iterable[Entrant]
    ) -> dict[int | None, tuple[CallingAgent, Prompt | None]]:
        """Learn the policies of bots not met before; returns those that call, by agent, as they
        are now.
        """
        unknown = {e.agent_id for e in entrants if e.agent_id is not None} - self.known.keys()
        if not unknown:
            return {}
        with self.store.read() as connection:
            rows = connection.execute(
                select(Agent.id, Agent.alias, Agent.kind, Agent.settings).where(
                    Agent.id.in_(unknown)
                )
            ).all()
            callers = _callers(connection, [row.id for row in rows if row.kind == CALLING])
        for row in rows:
            if row.kind == CALLING:
                continue
            if row.kind != "bot":
                raise NoPlayer(
                    f"No player yet for agents of kind {row.kind!r}, such as {row.alias!r}"
                )
            policy = bots.policy(row.settings.get(POLICY, ""))
            self.known[row.id] = policy.with_settings(policy_settings(row.settings))
        return callers


def _callers(
    connection: Connection, agents: list[int]
) -> dict[int | None, tuple[CallingAgent, Prompt | None]]:
    return {
        id_: (
            agent,
            None if agent.prompt_id is None else prompt_of(connection, agent.prompt_id),
        )
        for id_, agent in calling_agents(connection, agents).items()
    }
