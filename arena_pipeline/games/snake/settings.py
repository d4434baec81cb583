"""What a Snake config may say: board size, apples, and when a match ends without a death."""

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from arena_pipeline.games.protocol import Json, SettingsError

MIN_SIDE, MAX_SIDE = 2, 100
MAX_APPLES = 1_000
MAX_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class SnakeSettings:
    """A checked config. `apple_target` None: nobody wins by apples before the last round."""

    width: int = 10
    height: int = 10
    apples: int = 5
    max_rounds: int = 150
    apple_target: int | None = 30

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "SnakeSettings":
        """Fill in what is left out. Raises SettingsError for unknown keys and impossible values."""
        for key in raw:
            if key not in RANGES:
                raise SettingsError(f"Snake has no setting {key!r}; {_nearest(key)}")
        checked: dict[str, Any] = {key: _checked(key, value) for key, value in raw.items()}
        settings = cls(**checked)
        settings.check_room(players=2)
        return settings

    def check_room(self, players: int) -> None:
        """Raise SettingsError unless apples and `players` snakes of length one fit on the board."""
        cells = self.width * self.height
        if self.apples + players > cells:
            raise SettingsError(
                f"A {self.width}x{self.height} board has {cells} cells, too few for "
                f"{self.apples} apples and {players} snakes; take a larger board or fewer apples."
            )

    def as_json(self) -> dict[str, Json]:
        """Every setting with its value."""
        return asdict(self)


RANGES: dict[str, tuple[int, int]] = {
    "width": (MIN_SIDE, MAX_SIDE),
    "height": (MIN_SIDE, MAX_SIDE),
    "apples": (0, MAX_APPLES),
    "max_rounds": (1, MAX_ROUNDS),
    "apple_target": (1, MAX_APPLES),
}
"""Smallest and largest value of each setting."""

assert set(RANGES) == {field.name for field in fields(SnakeSettings)}


def _checked(key: str, value: Any) -> int | None:
    low, high = RANGES[key]
    if key == "apple_target" and value is None:
        return None
    # bool is an int to Python, but `apples: true` is a mistake.
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        nothing = " or null" if key == "apple_target" else ""
        raise SettingsError(
            f"Snake's {key} must be a whole number from {low} to {high}{nothing}, not {value!r}."
        )
    return value


def _nearest(key: object) -> str:
    near = difflib.get_close_matches(str(key), RANGES, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"its settings are {', '.join(RANGES)}."
