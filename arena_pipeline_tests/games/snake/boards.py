"""Snake positions drawn as text, so that a test shows its board."""

from collections.abc import Sequence
from typing import Any

from arena_pipeline.games.chance import Chance, SeededChance
from arena_pipeline.games.protocol import Event, Seat
from arena_pipeline.games.snake import Snake, SnakeState

GAME = Snake()


def position(
    *rows: str, chance: Chance | None = None, rule_version: str | None = None, **settings: Any
) -> SnakeState:
    """The state drawn in `rows`, top row first: `A` apples, digits snakes' heads, `.` nothing.

    The body of snake 0 follows its head along a, b, c, ..., that of snake 1 along k, l, m, ..., of
    snake 2 along u, v, w, ...
    """
    signs = {
        sign: [x, y] for y, row in enumerate(reversed(rows)) for x, sign in enumerate(row.split())
    }
    apples = [
        [x, y]
        for y, row in enumerate(reversed(rows))
        for x, sign in enumerate(row.split())
        if sign == "A"
    ]
    snakes = [
        [signs[head], *(signs[sign] for sign in tail if sign in signs)]
        for head, tail in (("0", "abcdefghij"), ("1", "klmnopqrst"), ("2", "uvwxyz"))
        if head in signs
    ]
    config = {"width": len(rows[0].split()), "height": len(rows), "apples": len(apples)}
    return GAME.initial_state(
        GAME.settings({**config, **settings}),
        [Seat()] * len(snakes),
        chance or SeededChance(0),
        instance={"snakes": snakes, "apples": apples},
        rule_version=rule_version,
    )


def turn(state: SnakeState, *actions: str) -> list[Event]:
    """Play one turn, actions in seat order of the living."""
    return state.apply_actions(dict(zip(state.current_players(), actions, strict=True)))


def deaths(state: SnakeState) -> list[str | None]:
    """What killed each snake."""
    return [death and death[1].value for death in state.deaths]


def heads(state: SnakeState) -> list[tuple[int, int]]:
    """Where the heads are."""
    return [state.board.points[body[0]] for body in state.bodies]


def start(players: int = 2, seed: int = 0, **settings: Any) -> SnakeState:
    """The starting position of a seed."""
    chance = SeededChance(seed, "test")
    config = GAME.settings(settings)
    return GAME.initial_state(config, GAME.seats(config, players, chance), chance)


def play(state: SnakeState, moves: Sequence[Sequence[str]]) -> None:
    """Play turns until they or the match end; each has an action for every seat, dead or not."""
    for actions in moves:
        if not state.is_terminal():
            state.apply_actions({seat: actions[seat] for seat in state.current_players()})
