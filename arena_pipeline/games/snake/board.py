"""The geometry of a board: cells as small integers, and where each step leads.

Cell 0 is the bottom-left corner (0, 0), cells count to the right and then upwards, UP is y + 1. A
position is a handful of integers this way, and a move is one look into a table. What happens on the
cells is decided in `rules` and `state`.
"""

from dataclasses import dataclass
from functools import lru_cache

WALL = -1
"""Where a step off the board leads."""

DIRECTIONS = {"UP": (0, 1), "DOWN": (0, -1), "LEFT": (-1, 0), "RIGHT": (1, 0)}
"""The four actions, in their fixed order, with their step in x and y."""

ACTIONS = tuple(DIRECTIONS)


@dataclass(frozen=True, slots=True)
class Board:
    """One board size, shared by all matches on it: never to be changed. Get one from `board`."""

    width: int
    height: int
    points: tuple[tuple[int, int], ...]
    """(x, y) of each cell."""
    steps: dict[str, tuple[int, ...]]
    """For each action, the cell it leads to from each cell, or WALL."""

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.points)

    def cell(self, x: int, y: int) -> int | None:
        """The cell at (x, y); None outside the board."""
        return y * self.width + x if 0 <= x < self.width and 0 <= y < self.height else None


@lru_cache(maxsize=64)
def board(width: int, height: int) -> Board:
    """The board of this size."""
    points = tuple((x, y) for y in range(height) for x in range(width))

    def target(x: int, y: int) -> int:
        return y * width + x if 0 <= x < width and 0 <= y < height else WALL

    steps = {
        action: tuple(target(x + dx, y + dy) for x, y in points)
        for action, (dx, dy) in DIRECTIONS.items()
    }
    return Board(width, height, points, steps)
