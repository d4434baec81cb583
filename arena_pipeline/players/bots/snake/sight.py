"""What a Snake bot sees: which steps kill, how far things are, how much room there is.

A set of cells is one integer with a bit per cell (`Grid`), so that spreading over a whole board is
a few shifts. The rows have one spare bit between them, which stops a shift from running over an
edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action
from arena_pipeline.games.snake.board import ACTIONS, WALL, board
from arena_pipeline.games.snake.state import SnakeState


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one board size as bits."""

    stride: int
    everything: int
    bits: tuple[int, ...]
    """The bit of each cell."""
    steps: tuple[tuple[tuple[Action, int], ...], ...]
    """From each cell, the actions that stay on the board and the cells they lead to."""

    def spread(self, cells: int) -> int:
        """The neighbours of `cells`, with spare bits that an `&` with free cells removes."""
        return cells << 1 | cells >> 1 | cells << self.stride | cells >> self.stride

    def of(self, cells: Sequence[int]) -> int:
        """The set of these cells."""
        bits, found = self.bits, 0
        for cell in cells:
            found |= bits[cell]
        return found


@lru_cache(maxsize=64)
def grid(width: int, height: int) -> Grid:
    """The grid of this board size."""
    stride = width + 1
    bits = tuple(1 << y * stride + x for y in range(height) for x in range(width))
    cells = range(width * height)
    to = board(width, height).steps
    steps = tuple(
        tuple((action, to[action][cell]) for action in ACTIONS if to[action][cell] != WALL)
        for cell in cells
    )
    return Grid(stride, sum(bits), bits, steps)


def grid_of(state: SnakeState) -> Grid:
    """The grid of this state's board."""
    return grid(state.board.width, state.board.height)


def living_others(state: SnakeState, player: int) -> list[int]:
    """Seats of the other snakes that live."""
    return [seat for seat in state.current_players() if seat != player]


def surviving_steps(state: SnakeState, player: int) -> list[tuple[Action, int]]:
    """Actions and their cells that meet neither wall nor body; all on the board if none is left.

    A tail counts as gone if its snake can't eat in this turn. What others' heads may do is left
    open.
    """
    apples = state.apples
    squares = grid_of(state)
    taken: set[int] = set()
    for seat in state.current_players():
        body = state.bodies[seat]
        may_eat = seat != player and any(cell in apples for _, cell in squares.steps[body[0]])
        taken.update(body if may_eat else body[:-1])
    steps = squares.steps[state.bodies[player][0]]
    return [step for step in steps if step[1] not in taken] or list(steps)


def pick(among: Sequence[Action], chance: Chance) -> Action:
    """One of these, each equally likely; no chance is used up where there is no choice."""
    return among[chance.below(len(among))] if len(among) > 1 else among[0]


def free_next(state: SnakeState) -> int:
    """The cells free after the next turn if nobody eats: all but bodies without their tails."""
    squares = grid_of(state)
    solid = 0
    for seat in state.current_players():
        solid |= squares.of(state.bodies[seat][:-1])
    return squares.everything & ~solid


def territory(squares: Grid, mine: int, theirs: int, free: int, apples: int) -> tuple[int, int]:
    """Cells I reach first, and steps to the nearest apple there (none: as many as cells)."""
    steps, far = 0, len(squares.bits)
    spread = squares.spread
    while True:
        if mine & apples and steps < far:
            far = steps
        theirs |= spread(theirs) & free & ~mine
        wider = mine | spread(mine) & free & ~theirs
        if wider == mine:
            return mine, far
        mine, steps = wider, steps + 1
