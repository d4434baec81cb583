"""From a plan to players: who really sits down for an agent of the registry."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from arena_pipeline.errors import ArenaError
from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.matches.runner import MakePlayers
from arena_pipeline.players import bots
from arena_pipeline.players.bots import BotPlayer, BotPolicy
from arena_pipeline.players.protocol import Player
from arena_pipeline.registry.agents import POLICY, policy_settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent


class NoPlayer(ArenaError):
    """An agent that nothing can play for."""


def make_players(store: Store) -> MakePlayers:
    """Seats the agents of the registry, each with its own chance from the match's seed.

    What it gives raises NoPlayer for an agent that has no player (yet) or does not play the game,
    UnknownBot for one whose policy is gone and BadBotSettings for one whose policy refuses its
    settings. `evaluation.eligibility` keeps all of these from being asked to play.
    """
    return _Seating(store, {})


@dataclass(frozen=True, slots=True)
class _Seating:
    store: Store
    known: dict[int, BotPolicy]
    """Policies by agent: agents never change, so each is asked for once."""

    def __call__(self, plan: MatchPlan) -> list[Player]:
        self._look_up(plan.entrants)
        return [
            BotPlayer(self._policy(entrant, plan.config.game), plan.chance("player", seat))
            for seat, entrant in enumerate(plan.entrants)
        ]

    def _policy(self, entrant: Entrant, game: str) -> BotPolicy:
        if entrant.agent_id is None or entrant.agent_id not in self.known:
            raise NoPlayer(f"{entrant.name!r} is no agent of this arena, so nobody can play for it")
        policy = self.known[entrant.agent_id]
        if not policy.plays(game):
            raise NoPlayer(f"{entrant.name!r} does not play {game} (its policy is {policy.name!r})")
        return policy

    def _look_up(self, entrants: Iterable[Entrant]) -> None:
        unknown = {e.agent_id for e in entrants if e.agent_id is not None} - self.known.keys()
        if not unknown:
            return
        with self.store.read() as connection:
            rows = connection.execute(
                select(Agent.id, Agent.alias, Agent.kind, Agent.settings).where(
                    Agent.id.in_(unknown)
                )
            ).all()
        for row in rows:
            if row.kind != "bot":
                raise NoPlayer(
                    f"No player yet for agents of kind {row.kind!r}, such as {row.alias!r}"
                )
            policy = bots.policy(row.settings.get(POLICY, ""))
            self.known[row.id] = policy.with_settings(policy_settings(row.settings))
