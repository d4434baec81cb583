"""A Snake position in words for a language model, and the way back from the words to the position.

The words are a fixed form: whoever reads them (a practice model, a test) gets the observation back
from `position_in` exactly as `describe` was given it. Snakes are named by letters, A for seat 0, so
that no head is taken for a coordinate.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena_pipeline.games.protocol import Json

NAMES = "ABCDEFGH"
"""Names of the snakes by seat: heads are drawn as these letters, bodies as their small ones."""

EMPTY, APPLE, DEAD = ".", "*", "#"

_NUMBER = r"\d{1,6}"
_POINT = re.compile(rf"\(({_NUMBER}),({_NUMBER})\)")
_POINTS = rf"\({_NUMBER},{_NUMBER}\)(?: \({_NUMBER},{_NUMBER}\))*"
_START = re.compile(
    rf"^Turn ({_NUMBER}) of ({_NUMBER})\. You are snake ([{NAMES}])\.$", re.MULTILINE
)
_BOARD = re.compile(
    rf"^Board ({_NUMBER})x({_NUMBER}), \(0,0\) is bottom-left, \({_NUMBER},{_NUMBER}\) top-right:$",
    re.MULTILINE,
)
_SNAKE = re.compile(
    rf"^Snake ([{NAMES}])(?: \(you\))?: (?:dead since turn ({_NUMBER}) \(([a-z_]+)\), )?"
    rf"score ({_NUMBER}), length {_NUMBER}, head ({_POINTS}(?:, then {_POINTS})?)$",
    re.MULTILINE,
)
_APPLES = re.compile(rf"^Apples: (none|{_POINTS})$", re.MULTILINE)
_END = re.compile(
    rf"^The match ends after turn {_NUMBER}(?:, or once a score is ({_NUMBER}))?\.$", re.M
)


def describe(observation: Mapping[str, Any]) -> str:
    """A `SnakeState.observation` as a picture of the board and lists of coordinates."""
    width, height = observation["board"]
    return "\n".join(
        [
            _turn(observation),
            f"Board {width}x{height}, (0,0) is bottom-left, ({width - 1},{height - 1}) top-right:",
            *_picture(observation),
            *(_snake(observation, seat) for seat in range(len(observation["snakes"]))),
            f"Apples: {_points(observation['apples']) or 'none'}",
            ending(observation),
        ]
    )


def ending(observation: Mapping[str, Any]) -> str:
    """What ends the match if nobody dies, as a sentence."""
    target = observation["apple_target"]
    early = "" if target is None else f", or once a score is {target}"
    return f"The match ends after turn {observation['max_rounds']}{early}."


PLACEHOLDERS = frozenset({"max_turns", "players", "width", "height", "max_x", "max_y", "ending"})
"""What a Snake prompt may have filled in beside what all games have."""


def words(observation: Mapping[str, Any]) -> dict[str, str]:
    """What a Snake prompt may have filled in, by placeholder."""
    width, height = observation["board"]
    return {
        "position": describe(observation),
        "player": NAMES[observation["player"]],
        "turn": str(observation["round"] + 1),
        "max_turns": str(observation["max_rounds"]),
        "players": str(len(observation["snakes"])),
        "width": str(width),
        "height": str(height),
        "max_x": str(width - 1),
        "max_y": str(height - 1),
        "ending": ending(observation),
    }


def position_in(text: str) -> dict[str, Json] | None:
    """The observation behind the last position described in `text`; None if there is none whole.

    Lists are as in `SnakeState.observation`: points [x, y], bodies head first, everything by seat.
    """
    starts = list(_START.finditer(text))
    if not starts:
        return None
    start, rest = starts[-1], text[starts[-1].end() :]
    board, apples, end = _BOARD.search(rest), _APPLES.search(rest), _END.search(rest)
    if board is None or apples is None or end is None or end.start() < apples.start():
        return None
    snakes = list(_SNAKE.finditer(rest, board.end(), apples.start()))
    player = NAMES.index(start[3])
    if [snake[1] for snake in snakes] != list(NAMES[: len(snakes)]) or player >= len(snakes):
        return None
    deaths: list[Json] = [
        None if snake[2] is None else {"round": int(snake[2]) - 1, "reason": snake[3]}
        for snake in snakes
    ]
    return {
        "player": player,
        "max_rounds": int(start[2]),
        "apple_target": None if end[1] is None else int(end[1]),
        "board": [int(board[1]), int(board[2])],
        "round": int(start[1]) - 1,
        "snakes": [_read_points(snake[5]) for snake in snakes],
        "alive": [death is None for death in deaths],
        "apples": _read_points(apples[1]),
        "scores": [int(snake[4]) for snake in snakes],
        "deaths": deaths,
    }


def _turn(observation: Mapping[str, Any]) -> str:
    turn, last = observation["round"] + 1, observation["max_rounds"]
    return f"Turn {turn} of {last}. You are snake {NAMES[observation['player']]}."


def _picture(observation: Mapping[str, Any]) -> Iterator[str]:
    """The board, top row first, with coordinates at the edges; the living lie above the dead."""
    width, height = observation["board"]
    grid = [[EMPTY] * width for _ in range(height)]
    for x, y in observation["apples"]:
        grid[y][x] = APPLE
    alive = observation["alive"]
    for seat in sorted(range(len(alive)), key=lambda seat: alive[seat]):
        head, *tail = observation["snakes"][seat]
        name = NAMES[seat]
        for x, y in tail:
            grid[y][x] = name.lower() if alive[seat] else DEAD
        grid[head[1]][head[0]] = name if alive[seat] else DEAD
    margin, cell = len(str(height - 1)), len(str(width - 1))
    for y in reversed(range(height)):
        yield f"{y:>{margin}} " + " ".join(f"{sign:>{cell}}" for sign in grid[y])
    yield " " * (margin + 1) + " ".join(f"{x:>{cell}}" for x in range(width))


def _snake(observation: Mapping[str, Any], seat: int) -> str:
    you = " (you)" if seat == observation["player"] else ""
    death, body = observation["deaths"][seat], observation["snakes"][seat]
    dead = "" if death is None else f"dead since turn {death['round'] + 1} ({death['reason']}), "
    tail = f", then {_points(body[1:])}" if len(body) > 1 else ""
    return (
        f"Snake {NAMES[seat]}{you}: {dead}score {observation['scores'][seat]}, "
        f"length {len(body)}, head {_points(body[:1])}{tail}"
    )


def _points(points: Sequence[Sequence[int]]) -> str:
    return " ".join(f"({x},{y})" for x, y in points)


def _read_points(text: str) -> list[Json]:
    return [[int(x), int(y)] for x, y in _POINT.findall(text)]
