"""Which games there are: found by name, open for more.

A game made elsewhere joins in one of two ways: `register(MyGame())`, or an entry point in the group
`arena_pipeline.games` that names a Game object or class. Entry points are loaded when a game is
first asked for.
"""

import difflib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points

from arena_pipeline.games.protocol import Game, GameError
from arena_pipeline.games.snake import Snake

ENTRY_POINTS = "arena_pipeline.games"

_games: dict[str, Game] = {}


class UnknownGame(GameError):
    """A name no game answers to."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known games: {', '.join(known)}"
        super().__init__(f"There is no game {name!r}; {hint}")


class GameNameTaken(GameError):
    """Two games under one name: matches of one would be verified by the rules of the other."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another game is already called {name!r}; give the new one a name of its own."
        )


def register(game: Game) -> Game:
    """Make `game` known under its name; the same game twice is fine. Raises GameNameTaken."""
    known = _games.setdefault(game.name, game)
    if type(known) is not type(game):
        raise GameNameTaken(game.name)
    return known


def game(name: str) -> Game:
    """The game called `name`. Raises UnknownGame, which names the nearest ones."""
    if name not in _games:
        _load_entry_points()
    try:
        return _games[name]
    except KeyError:
        raise UnknownGame(name, _games) from None


def games() -> tuple[Game, ...]:
    """Every known game, by name."""
    _load_entry_points()
    return tuple(_games[name] for name in sorted(_games))


@cache
def _load_entry_points() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        found = entry.load()
        register(found() if isinstance(found, type) else found)


register(Snake())
