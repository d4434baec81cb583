"""The bot that thinks a few turns ahead against the worst its nearest rival can do."""

from collections.abc import Sequence

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.bots.registry import Between, bot
from arena_pipeline.players.bots.snake.lookahead import WIN, Lookahead
from arena_pipeline.players.bots.snake.sight import (
    grid_of,
    living_others,
    pick,
    surviving_steps,
)

DEPTH = 2
"""Turns looked ahead. A third costs seven times as much and wins hardly more."""

DEPTHS = Between(1, 4)


@bot("search", games=["snake"], settings={"depth": DEPTHS})
def search(
    state: SnakeState,
    player: int,
    legal: Sequence[Action],
    chance: Chance,
    *,
    depth: int = DEPTH,
) -> Action:
    """The step whose worst case a few turns on is best."""
    squares = grid_of(state)
    rival = nearest_rival(state, player)
    bystanders = [seat for seat in living_others(state, player) if seat != rival]
    obstacles = squares.of([cell for seat in bystanders for cell in state.bodies[seat][:-1]])
    # Where a bystander's head may go next is not searched, only feared.
    feared = squares.spread(squares.of([state.bodies[seat][0] for seat in bystanders]))
    ahead = Lookahead(squares, squares.everything & ~obstacles, duel=len(state.bodies) == 2)
    me, foe = ahead.walker(state, player), ahead.walker(state, rival)
    apples = squares.of(state.apples)

    valued = []
    for action, cell in surviving_steps(state, player):
        fear = WIN / 2 if squares.bits[cell] & feared else 0.0
        valued.append((ahead.worst_reply(me, foe, apples, cell, depth, -2 * WIN) - fear, action))
    best = max(valued)[0]
    return pick([action for value, action in valued if value == best], chance)


def nearest_rival(state: SnakeState, player: int) -> int:
    """The living snake whose head is nearest."""
    points = state.board.points
    x, y = points[state.bodies[player][0]]

    def distance(seat: int) -> int:
        there = points[state.bodies[seat][0]]
        return abs(x - there[0]) + abs(y - there[1])

    return min(living_others(state, player), key=distance)
