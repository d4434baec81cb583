"""Which bots there are: each announces itself with the decorator `bot`, and is found by name.

Every module below `arena_pipeline.players.bots` is looked through when a bot is first asked for, so
a file put there needs no list to be in. Bots made elsewhere name their module in the entry point
group `arena_pipeline.bots`, or are imported by hand.
"""

import difflib
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.metadata import entry_points
from typing import Any, TypeVar

from arena_pipeline.errors import ArenaError
from arena_pipeline.games.protocol import Action

ENTRY_POINTS = "arena_pipeline.bots"

Decide = Callable[..., Action]
"""From (state, player, legal actions, chance) to an action; the state is of a game it plays.

Keyword-only arguments with defaults are the bot's settings, which models.yaml may set.
"""

DecideT = TypeVar("DecideT", bound=Decide)

_policies: dict[str, "BotPolicy"] = {}
_broken: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Between:
    """The numbers a setting may have, both ends among them."""

    low: float
    high: float

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        return f"from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class BotPolicy:
    """A bot's rule and what it is for. `games` None: any game that lists its legal actions."""

    name: str
    decide: Decide
    games: tuple[str, ...] | None
    version: str
    """Raise it when the bot plays differently, or its old ratings become those of a stranger."""
    description: str
    limits: Mapping[str, Between] = field(default_factory=dict)

    def plays(self, game: str) -> bool:
        """Whether it can play the game of this name."""
        return self.games is None or game in self.games

    def with_settings(self, settings: Mapping[str, Any]) -> "BotPolicy":
        """The same rule with some of its keyword-only arguments set.

        Raises BadBotSettings for one it does not have, of another type than its default, or beyond
        what the bot declares.
        """
        if not settings:
            return self
        known = _settings_of(self.decide)
        for name, value in settings.items():
            if name not in known:
                raise BadBotSettings(self.name, name, f"it has {', '.join(known) or 'none'}")
            if type(value) is not type(known[name]):
                raise BadBotSettings(self.name, name, f"{value!r} is not like {known[name]!r}")
            if name in self.limits and value not in self.limits[name]:
                raise BadBotSettings(self.name, name, f"{value!r} is not {self.limits[name]}")
            if isinstance(value, float) and not math.isfinite(value):
                raise BadBotSettings(self.name, name, f"{value!r} is no number to play by")
        return replace(self, decide=partial(self.decide, **settings))


class UnknownBot(ArenaError):
    """A name no bot answers to."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known bots: {', '.join(known)}"
        unread = "".join(f"; {module} can't be loaded: {why}" for module, why in _broken.items())
        super().__init__(f"There is no bot {name!r}; {hint}{unread}")


class BadBotSettings(ArenaError):
    """A setting a bot can't be played with."""

    def __init__(self, bot: str, setting: str, reason: str) -> None:
        super().__init__(f"Bot {bot!r} can't take the setting {setting!r}: {reason}")


class BotNameTaken(ArenaError):
    """Two bots under one name: one's ratings would become the other's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another bot is already called {name!r}; give the new one another name.")


def bot(
    name: str,
    *,
    games: Sequence[str] | None = None,
    version: str = "1",
    settings: Mapping[str, Between] | None = None,
) -> Callable[[DecideT], DecideT]:
    """Announce a bot, described by its docstring's first line.

    `settings` limits those of its settings that are numbers: what is not declared here may be any
    number, so declare what makes it slow. Raises BotNameTaken, and BadBotSettings for limits that
    do not fit the function.
    """
    limits = dict(settings or {})

    def announce(decide: DecideT) -> DecideT:
        own = _settings_of(decide)
        for setting, limit in limits.items():
            if setting not in own:
                raise BadBotSettings(name, setting, f"it has {', '.join(own) or 'none'}")
            if own[setting] not in limit:
                raise BadBotSettings(name, setting, f"its own default is not {limit}")
        known = _policies.get(name)
        if known and (known.decide.__module__, known.decide.__qualname__) != (
            decide.__module__,
            decide.__qualname__,
        ):
            raise BotNameTaken(name)
        description = (decide.__doc__ or name).strip().splitlines()[0]
        _policies[name] = BotPolicy(
            name, decide, None if games is None else tuple(games), version, description, limits
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


def versions() -> dict[str, str]:
    """The version of each bot's rule, by name: whoever changes a rule changes its version."""
    return {found.name: found.version for found in policies()}


def broken() -> dict[str, str]:
    """Modules that should hold bots and can't be loaded, each with its error."""
    _find_bots()
    return dict(_broken)


def refusal(name: str, settings: Mapping[str, Any]) -> str | None:
    """Why the bot called `name` can't be played with these settings; None if it can."""
    try:
        policy(name).with_settings(settings)
    except (UnknownBot, BadBotSettings) as error:
        return str(error)
    return None


def _settings_of(decide: Decide) -> dict[str, Any]:
    """A rule's settings with their defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(decide).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


@cache
def _find_bots() -> None:
    package = importlib.import_module("arena_pipeline.players.bots")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        _load(module.name, partial(importlib.import_module, module.name))
    for entry in entry_points(group=ENTRY_POINTS):
        _load(entry.value, entry.load)


def _load(module: str, load: Callable[[], object]) -> None:
    try:
        load()
    except Exception as error:  # noqa: BLE001 - one broken file of a person must not stop the others
        _broken[module] = f"{type(error).__name__}: {error}"
