"""A Snake position as text, for terminals and prompts."""

from collections.abc import Mapping
from typing import Any

EMPTY, APPLE, BODY, DEAD = ".", "A", "T", "x"


def render(snapshot: Mapping[str, Any]) -> str:
    """The board of a `SnakeState.snapshot`, top row first, with coordinates at the edges.

    Heads are seat numbers, bodies T, apples A, dead snakes x: where a living snake lies over a dead
    one, the living shows.
    """
    width, height = snapshot["board"]
    grid = [[EMPTY] * width for _ in range(height)]
    for x, y in snapshot["apples"]:
        grid[y][x] = APPLE
    seats = sorted(range(len(snapshot["snakes"])), key=lambda seat: snapshot["alive"][seat])
    for seat in seats:
        head, *tail = snapshot["snakes"][seat]
        alive = snapshot["alive"][seat]
        for x, y in tail:
            grid[y][x] = BODY if alive else DEAD
        grid[head[1]][head[0]] = str(seat) if alive else DEAD
    margin = len(str(height - 1))
    cell = len(str(width - 1)) + 1
    rows = [
        f"{y:>{margin}} " + "".join(f"{sign:>{cell}}" for sign in grid[y]).rstrip()
        for y in reversed(range(height))
    ]
    footer = " " * (margin + 1) + "".join(f"{x:>{cell}}" for x in range(width))
    return "\n".join([*rows, footer])
