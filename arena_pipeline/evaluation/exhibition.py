"""Matches somebody asks for: these agents, this seed, now; and going on with one that paused."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from uuid import uuid4

from sqlalchemy import select

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.admitting import admitting
from arena_pipeline.evaluation.batches import Batch, play_in_order
from arena_pipeline.evaluation.eligibility import judge
from arena_pipeline.evaluation.holding import HeldUp
from arena_pipeline.evaluation.room import open_room
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG
from arena_pipeline.matches.configs import config as config_of
from arena_pipeline.matches.finishing import OPEN
from arena_pipeline.matches.ladder_rules import is_practice_config
from arena_pipeline.matches.plan import ConfigRef, Entrant, FinishedMatch, MatchPlan, new_seed
from arena_pipeline.matches.resuming import play_resumed
from arena_pipeline.matches.runner import MatchFailed, OnStep
from arena_pipeline.registry.names import nearest
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Purpose

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
    CannotPlay for agents that may not play, don't fit the game or are expected to cost more than is
    left, and MatchPaused when one that calls a model can't go on: `go_on` plays it to its end, else
    it is void in time.
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
    owner = _owner() if any(everybody[alias].calls for alias in aliases) else None
    return asyncio.run(_play(store, settings, plans, owner, on_step, record=record))


def go_on(
    store: Store, settings: Settings, uuid: str, on_step: OnStep | None = None
) -> FinishedMatch:
    """Play a paused match of `play_matches` to its end and record it, asking nothing twice.

    Raises NotFound; CannotPlay for a match that is over, is played by another process or belongs to
    a placement; MatchPaused when it has to stop once more.
    """
    with store.read() as connection:
        found = connection.execute(
            select(Match.state, Match.evaluation_id).where(Match.uuid == uuid)
        ).one_or_none()
    if found is None:
        raise NotFound(f"There is no match {uuid}")
    if found.state not in OPEN:
        raise CannotPlay(f"Match {uuid} is over ({found.state})")
    if found.evaluation_id is not None:
        raise CannotPlay(f"Match {uuid} belongs to a placement; arena evaluate goes on with it")
    return asyncio.run(_go_on(store, settings, uuid, on_step))


async def _go_on(
    store: Store, settings: Settings, uuid: str, on_step: OnStep | None
) -> FinishedMatch:
    async with open_room(store, settings) as room:
        options = room.options(_owner())
        match = await play_resumed(
            room.recorder, uuid, room.players(), options, on_step, early=True
        )
        if match is None:
            raise CannotPlay(f"Match {uuid} is played by another process now")
        batch = Batch(room.recorder)
        batch.add(match)
        batch.flush()
    _check(batch)
    return match


def _owner() -> str:
    return f"play:{uuid4().hex}"


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
        admit = partial(admitting, store, settings)
        playing = play_in_order(room.recorder, plans, room.players(), options, on_step, admit)
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
    _check(batch)
    return played


def _check(batch: Batch) -> None:
    if batch.failed:
        raise CannotPlay("; ".join(error for _, error in batch.failed))


def _told(error: Exception) -> Exception:
    if isinstance(error, HeldUp):
        return CannotPlay(f"The match can't begin: {error}")
    return CannotPlay(str(error)) if isinstance(error, GameError) else error
