"""Matches of Snake between bots, each told by its seed alone."""

from collections.abc import Sequence
from typing import Any

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Outcome, Result
from arena_pipeline.games.snake import Snake, SnakeState
from arena_pipeline.players import bots

GAME = Snake()
POINTS = {Result.WON: 1.0, Result.TIED: 0.5, Result.LOST: 0.0}


def start(players: int, seed: int, **settings: Any) -> SnakeState:
    chance, config = SeededChance(seed, "game"), GAME.settings(settings)
    return GAME.initial_state(config, GAME.seats(config, players, chance), chance)


def play(names: Sequence[str], seed: int, **settings: Any) -> Outcome:
    """Play one match, a bot in each seat."""
    state = start(len(names), seed, **settings)
    seats = [
        (bots.policy(name).decide, SeededChance(seed, "player", seat))
        for seat, name in enumerate(names)
    ]
    while not state.is_terminal():
        actions = {}
        for seat in state.current_players():
            decide, chance = seats[seat]
            actions[seat] = decide(state, seat, state.legal_actions(seat), chance)
        state.apply_actions(actions)
    return state.outcome()


def points(name: str, opponent: str, matches: int) -> float:
    """Wins and half the ties of `name`; each start is played twice, with the seats swapped."""
    total = 0.0
    for number in range(matches):
        names = (name, opponent) if number % 2 == 0 else (opponent, name)
        outcome = play(names, seed=number // 2)
        total += POINTS[outcome.players[number % 2].result]
    return total
