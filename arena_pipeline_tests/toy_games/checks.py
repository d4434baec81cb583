"""What every toy game refuses in the same words."""

import difflib
from collections.abc import Mapping
from typing import Any

from arena_pipeline.games.protocol import Game, GameError, IllegalAction, Json, SettingsError


def check_keys(raw: Mapping[str, Any], defaults: dict[str, int]) -> dict[str, Json]:
    """The defaults with `raw` over them. Raises SettingsError for other keys and values."""
    for key, value in raw.items():
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, n=1) or sorted(defaults)
            raise SettingsError(f"There is no setting {key!r}; perhaps {near[0]!r}?")
        if type(value) is not int or value < 1:
            raise SettingsError(f"{key} must be a positive whole number, not {value!r}.")
    return {**defaults, **raw}


def check_version(game: Game, rule_version: str | None) -> None:
    """Raise SettingsError unless `game` can be played by these rules."""
    if rule_version not in (None, game.rule_version):
        raise SettingsError(f"{game.name} has no rule version {rule_version!r}.")


def check_seats(current: tuple[int, ...], actions: Mapping[int, Any]) -> None:
    """Raise IllegalAction unless exactly the current players act; GameError after the end."""
    if not current:
        raise GameError("The match is over; no turn can be played.")
    for player, action in actions.items():
        if player not in current:
            raise IllegalAction(player, action, "it is not this player's turn")
    for player in current:
        if player not in actions:
            raise IllegalAction(player, None, "every current player must act")
