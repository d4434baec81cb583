"""The bot that counts the room behind each step before it takes it."""

from collections.abc import Sequence

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.bots.registry import bot
from arena_pipeline.players.bots.snake.sight import (
    free_next,
    grid_of,
    living_others,
    pick,
    surviving_steps,
    territory,
)


@bot("flood", games=["snake"])
def flood(state: SnakeState, player: int, legal: Sequence[Action], chance: Chance) -> Action:
    """To the apple it reaches first, but into no room too small, nor where a head may go."""
    squares = grid_of(state)
    others = living_others(state, player)
    rivals = squares.of([state.bodies[seat][0] for seat in others])
    threatened = squares.spread(rivals)
    if len(state.bodies) == 2 and state.scores[player] > state.scores[others[0]]:
        threatened = 0  # Meeting head on is a win for whoever has more apples.
    apples, free = squares.of(state.apples), free_next(state)
    length = len(state.bodies[player])

    judged = []
    for action, cell in surviving_steps(state, player):
        here = squares.bits[cell]
        mine, far = territory(squares, here, rivals, free, apples)
        room = mine.bit_count()
        judged.append((max(0, length - room), bool(here & threatened), far, -room, action))
    best = min(judged)[:4]
    return pick([action for *merits, action in judged if tuple(merits) == best], chance)
