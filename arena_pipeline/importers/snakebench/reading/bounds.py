"""Bounds against hostile files: what no game can be is refused before it is played."""

import re
from collections.abc import Sequence

from arena_pipeline.games.snake.settings import MAX_APPLES, MAX_ROUNDS, MAX_SIDE, MIN_SIDE
from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.game import PlayedGame, Position

MIN_PLAYERS, MAX_PLAYERS = 2, 8
MAX_SCORE = MAX_SIDE**2 * MAX_ROUNDS
MAX_TOKENS = 2**40
"""Of one move or one seat; a game's sum still fits the store."""

LONGEST_NAME = 1_000
"""In bytes: an index of PostgreSQL takes 2,704 of them."""

LONGEST_WORD = 100
"""Of a time, a type of game, a reason of death."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_id(game_id: str) -> str:
    """The id if it is a lower-case UUID. Raises BadGame."""
    if not _UUID.fullmatch(game_id):
        raise BadGame(f"its id {game_id[:100]!r} is no lower-case UUID.")
    return game_id


def check(game: PlayedGame) -> PlayedGame:
    """The game if it could have been played. Raises BadGame with what could not."""
    _within("width", game.width, MIN_SIDE, MAX_SIDE)
    _within("height", game.height, MIN_SIDE, MAX_SIDE)
    _within("number of players", len(game.seats), MIN_PLAYERS, MAX_PLAYERS)
    _within("max_rounds", game.max_rounds, 1, MAX_ROUNDS)
    _within("number of rounds", game.actual_rounds, 0, MAX_ROUNDS)
    if game.apples is not None:
        _within("number of apples", game.apples, 0, min(MAX_APPLES, game.width * game.height))
    for what, text in (
        ("start", game.started_text),
        ("end", game.ended_text),
        ("type", game.game_type),
    ):
        _brief(f"its {what}", text)
    for seat in game.seats:
        _within(f"score of player {seat.player_id[:20]!r}", seat.score, 0, MAX_SCORE)
        if len(seat.name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
            raise BadGame(f"the name of player {seat.player_id[:20]!r} is {len(seat.name)} long.")
        if seat.death is not None:
            reason, died = seat.death
            _within("round of a death", died, 0, MAX_ROUNDS)
            _brief("what killed a player", reason)
    if game.initial is not None:
        _check_position(game, game.initial, "the start")
        for number, turn in enumerate(game.turns):
            _check_position(game, turn.after, f"the board after turn {number}")
    return game


def _check_position(game: PlayedGame, position: Position, which: str) -> None:
    width, height = game.width, game.height
    for cells in (*position.snakes, position.apples):
        if len(cells) > width * height:
            raise BadGame(f"{which} has more cells of one thing than the board.")
        for x, y in cells:
            if not (0 <= x < width and 0 <= y < height):
                raise BadGame(f"{which} has something at ({x}, {y}), off the board.")
    if not all(position.snakes):
        raise BadGame(f"{which} has a snake without a body.")
    if any(not 0 <= score <= MAX_SCORE for score in position.scores):
        raise BadGame(f"{which} has a score no snake can have: {_short(position.scores)}.")


def _within(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadGame(f"the {what} is {_short(value)}, not {low} to {high}.")


def _brief(what: str, text: str | None) -> None:
    if text is not None and len(text) > LONGEST_WORD:
        raise BadGame(f"{what} is told in {len(text)} letters.")


def _short(value: int | Sequence[int]) -> str:
    return str(value)[:100]
