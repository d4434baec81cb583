"""Names of the game configs that imported games were played on: the store's, where it knows the
settings, else one that says what they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from arena_pipeline.games import catalogue
from arena_pipeline.matches.configs import config_digest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import GameConfig

_GAME = "snake"
_IN_NAME = frozenset({"width", "height", "apples", "max_rounds", "apple_target"})


@dataclass(frozen=True, slots=True)
class ConfigNames:
    """The store's configs as an import found them: names by digest."""

    by_digest: Mapping[str, str]

    def name_of(self, settings: Mapping[str, Any]) -> str:
        """The name of the config with these settings (complete ones)."""
        digest = config_digest(_GAME, settings)
        known = self.by_digest.get(digest)
        if known is not None:
            return known
        name = pure_name(settings)
        return f"{name}-{digest[:8]}" if name in self.by_digest.values() else name


def known_configs(store: Store) -> ConfigNames:
    """The names that are in the store now."""
    with store.read() as connection:
        return ConfigNames({row.digest: row.name for row in connection.execute(_CONFIGS)})


def pure_name(settings: Mapping[str, Any]) -> str:
    """A name made of settings, such as `snake-10x10-5a-100r`, or `snake-10x10-5a-150r-30t` where so
    many apples win.
    """
    told = "snake-{width}x{height}-{apples}a-{max_rounds}r".format(**settings)
    target = settings.get("apple_target")
    told += "" if target is None else f"-{target}t"
    default = catalogue.game(_GAME).settings({})
    others = (
        f"-{key}-{value}"
        for key, value in sorted(settings.items())
        if key not in _IN_NAME and value != default.get(key)
    )
    return told + "".join(others)


_CONFIGS = select(GameConfig.digest, GameConfig.name)
