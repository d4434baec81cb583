"""The bot that lives for apples."""

from collections.abc import Sequence

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.bots.registry import bot
from arena_pipeline.players.bots.snake.sight import grid_of, pick, surviving_steps

AHEAD = 5
"""Steps that must be possible after this one."""


@bot("greedy", games=["snake"])
def greedy(state: SnakeState, player: int, legal: Sequence[Action], chance: Chance) -> Action:
    """Straight to the nearest apple, unless that kills or leads where it can't walk on."""
    taken = {cell for seat in state.current_players() for cell in state.bodies[seat][:-1]}
    judged = [
        (AHEAD - longest_walk(state, (cell,), taken), to_nearest_apple(state, cell), action)
        for action, cell in surviving_steps(state, player)
    ]
    best = min(judged)[:2]
    return pick([action for *merits, action in judged if tuple(merits) == best], chance)


def to_nearest_apple(state: SnakeState, cell: int) -> int:
    """Steps to the nearest apple as if nothing were in the way."""
    points = state.board.points
    x, y = points[cell]
    apples = [points[apple] for apple in state.apples]
    return min((abs(x - there[0]) + abs(y - there[1]) for there in apples), default=0)


def longest_walk(state: SnakeState, path: tuple[int, ...], taken: set[int]) -> int:
    """How many steps, up to AHEAD, can follow `path` without crossing it or what is taken."""
    walked = len(path) - 1
    longest = walked
    for _, cell in grid_of(state).steps[path[-1]]:
        if longest == AHEAD:
            break
        if cell not in taken and cell not in path:
            longest = max(longest, longest_walk(state, (*path, cell), taken))
    return longest
