"""Matches somebody asks for: these agents, this seed, now."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import uuid4

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.batches import Batch, play_in_order
from arena_pipeline.evaluation.eligibility import judge
from arena_pipeline.evaluation.room import open_room
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG
from arena_pipeline.matches.configs import config as config_of
from arena_pipeline.matches.ladder_rules import is_practice_config
from arena_pipeline.matches.plan import ConfigRef, Entrant, FinishedMatch, MatchPlan, new_seed
from arena_pipeline.matches.runner import MatchFailed, OnStep
from arena_pipeline.registry.names import nearest
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Purpose

SEEDS = 2**63


class CannotPlay(ArenaError):
    """A match that can't be played as asked for."""


def play_matches(
    store: Store,
    settings: Settings,
    aliases: Sequence[str],
    *,
    games: int = 1,
    seed: int | None = None,
    config: str = DEFAULT_CONFIG,
    on_step: OnStep | None = None,
    record: bool = True,
) -> list[FinishedMatch]:
    """Play `games` matches between agents and record them; seats move on by one from match to
    match.

    Match i has the seed `seed` + i, so the same call plays the same matches, which count anew.
    With `on_step` one is played after the other. Raises NotFound for an unknown alias or config,
    CannotPlay for agents that may not play or don't fit the game, and MatchPaused when one that
    calls a model can't go on: what was paid for stays on record, and the match is void in time.
    """
    with store.read() as connection:
        found = config_of(connection, config)
        everybody = {who.name: who for who in applicants.agents(connection, settings)}
    game = catalogue.game(found.game)
    if not game.min_players <= len(aliases) <= game.max_players:
        raise CannotPlay(
            f"{found.game} is for {game.min_players} to {game.max_players} players, "
            f"not {len(aliases)}"
        )
    played_here = applicants.field_of(found.game, is_practice=is_practice_config(found.name))
    entrants = []
    for alias in aliases:
        if alias not in everybody:
            raise NotFound(f"No agent is called {alias!r}{nearest(alias, everybody)}")
        if obstacle := judge(everybody[alias], played_here):
            raise CannotPlay(f"{alias!r} can't play {found.game}: {obstacle}")
        entrants.append(Entrant(alias, everybody[alias].agent_id, everybody[alias].model_id))
    plans = _plans(found, entrants, game.rule_version, games, new_seed() if seed is None else seed)
    owner = f"play:{uuid4().hex}" if any(everybody[alias].calls for alias in aliases) else None
    return asyncio.run(_play(store, settings, plans, owner, on_step, record=record))


def _plans(
    config: ConfigRef, entrants: Sequence[Entrant], rule_version: str, games: int, seed: int
) -> list[MatchPlan]:
    return [
        MatchPlan(
            config=config,
            entrants=(*entrants[i % len(entrants) :], *entrants[: i % len(entrants)]),
            seed=(seed + i) % SEEDS,
            rule_version=rule_version,
            purpose=Purpose.MANUAL,
        )
        for i in range(games)
    ]


async def _play(
    store: Store,
    settings: Settings,
    plans: Sequence[MatchPlan],
    owner: str | None,
    on_step: OnStep | None,
    *,
    record: bool,
) -> list[FinishedMatch]:
    played: list[FinishedMatch] = []
    async with open_room(store, settings) as room:
        batch, options = Batch(room.recorder), room.options(owner)
        if on_step is not None:
            options = replace(options, concurrency=1)
        playing = play_in_order(room.recorder, plans, room.players(), options, on_step)
        try:
            async with aclosing(playing):
                async for match in playing:
                    if isinstance(match, MatchFailed):
                        raise _told(match.error)
                    played.append(match)
                    if record:
                        batch.add(match)
        finally:
            batch.flush()
    if batch.failed:
        raise CannotPlay("; ".join(error for _, error in batch.failed))
    return played


def _told(error: Exception) -> Exception:
    return CannotPlay(str(error)) if isinstance(error, GameError) else error
