"""Which bots there are: each announces itself with the decorator `bot`, and is found by name.

Every module below `arena_pipeline.players.bots` is looked through when a bot is first asked for, so
a file put there needs no list to be in. Bots made elsewhere name their module in the entry point
group `arena_pipeline.bots`, or are imported by hand.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeVar

from arena_pipeline.errors import ArenaError
from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action

ENTRY_POINTS = "arena_pipeline.bots"

Decide = Callable[[Any, int, Sequence[Action], Chance], Action]
"""From (state, player, legal actions, chance) to an action; the state is of a game it plays."""

DecideT = TypeVar("DecideT", bound=Decide)

_policies: dict[str, "BotPolicy"] = {}


@dataclass(frozen=True, slots=True)
class BotPolicy:
    """A bot's rule and what it is for. `games` None: any game that lists its legal actions."""

    name: str
    decide: Decide
    games: tuple[str, ...] | None
    version: str
    """Raise it when the bot plays differently, or its old ratings become those of a stranger."""
    description: str

    def plays(self, game: str) -> bool:
        """Whether it can play the game of this name."""
        return self.games is None or game in self.games


class UnknownBot(ArenaError):
    """A name no bot answers to."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known bots: {', '.join(known)}"
        super().__init__(f"There is no bot {name!r}; {hint}")


class BotNameTaken(ArenaError):
    """Two bots under one name: one's ratings would become the other's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another bot is already called {name!r}; give the new one another name.")


def bot(
    name: str, *, games: Sequence[str] | None = None, version: str = "1"
) -> Callable[[DecideT], DecideT]:
    """Announce a bot, described by its docstring's first line. Raises BotNameTaken."""

    def announce(decide: DecideT) -> DecideT:
        known = _policies.get(name)
        if known and (known.decide.__module__, known.decide.__qualname__) != (
            decide.__module__,
            decide.__qualname__,
        ):
            raise BotNameTaken(name)
        description = (decide.__doc__ or name).strip().splitlines()[0]
        _policies[name] = BotPolicy(
            name, decide, None if games is None else tuple(games), version, description
        )
        return decide

    return announce


def policy(name: str) -> BotPolicy:
    """The bot called `name`. Raises UnknownBot, which names the nearest ones."""
    _find_bots()
    try:
        return _policies[name]
    except KeyError:
        raise UnknownBot(name, _policies) from None


def policies(game: str | None = None) -> tuple[BotPolicy, ...]:
    """Every bot (that plays `game`), by name."""
    _find_bots()
    return tuple(
        found for _, found in sorted(_policies.items()) if game is None or found.plays(game)
    )


def names(game: str | None = None) -> tuple[str, ...]:
    """The names of every bot (that plays `game`)."""
    return tuple(found.name for found in policies(game))


@cache
def _find_bots() -> None:
    package = importlib.import_module("arena_pipeline.players.bots")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()
