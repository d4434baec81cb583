"""Lights out: alone, press cells, each toggling itself and its neighbours, until all is dark.

A solo puzzle on stored instances, with a score.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import (
    Action,
    Event,
    IllegalAction,
    Json,
    Outcome,
    PlayerOutcome,
    Result,
    Seat,
    SettingsError,
)
from arena_pipeline_tests.toy_games.checks import check_keys, check_seats, check_version


class LightsState:
    """Which cells are lit, row by row. An action is the number of the cell to press."""

    def __init__(self, size: int, lights: list[int], rounds: int, max_presses: int) -> None:
        self._size, self._lights, self.round, self._max_presses = size, lights, rounds, max_presses

    @property
    def dark(self) -> bool:
        return not any(self._lights)

    def press(self, cell: int) -> None:
        size = self._size
        x, y = cell % size, cell // size
        for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            if 0 <= x + dx < size and 0 <= y + dy < size:
                self._lights[(y + dy) * size + x + dx] ^= 1

    def is_terminal(self) -> bool:
        return self.dark or self.round >= self._max_presses

    def current_players(self) -> tuple[int, ...]:
        return () if self.is_terminal() else (0,)

    def legal_actions(self, player: int) -> Sequence[Action]:
        cells = range(self._size**2)
        return tuple(map(str, cells)) if player in self.current_players() else ()

    def observation(self, player: int) -> dict[str, Json]:
        return {**self.snapshot(), "player": player, "max_presses": self._max_presses}

    def apply_actions(self, actions: Mapping[int, Action]) -> list[Event]:
        check_seats(self.current_players(), actions)
        if actions[0] not in self.legal_actions(0):
            raise IllegalAction(0, actions[0], "press a cell by its number")
        self.press(int(actions[0]))
        self.round += 1
        return []

    def snapshot(self) -> dict[str, Json]:
        return {"size": self._size, "lights": [*self._lights], "round": self.round}

    def outcome(self) -> Outcome:
        if not self.is_terminal():
            raise ValueError("There is light and presses are left.")
        left = self._max_presses - self.round if self.dark else 0
        score = float(self._lights.count(0) + left)
        player = PlayerOutcome(
            Result.WON if self.dark else Result.LOST,
            placement=1,
            score=score,
            reward=1.0 if self.dark else -1.0,
        )
        return Outcome((player,), "dark" if self.dark else "max_presses")

    def clone(self) -> "LightsState":
        return LightsState(self._size, [*self._lights], self.round, self._max_presses)


class Lights:
    """Lights out for one."""

    name: ClassVar[str] = "toy_lights"
    rule_version: ClassVar[str] = "1"
    min_players: ClassVar[int] = 1
    max_players: ClassVar[int] = 1

    def settings(self, raw: Mapping[str, Any]) -> dict[str, Json]:
        return check_keys(raw, {"size": 3, "max_presses": 20})

    def seats(self, settings: Mapping[str, Json], players: int, chance: Chance) -> tuple[Seat, ...]:
        if players != 1:
            raise SettingsError(f"Lights out is for one, not {players}.")
        return (Seat(),)

    def initial_state(
        self,
        settings: Mapping[str, Any],
        seats: Sequence[Seat],
        chance: Chance,
        *,
        instance: Mapping[str, Any] | None = None,
        rule_version: str | None = None,
    ) -> LightsState:
        check_version(self, rule_version)
        size = settings["size"]
        state = LightsState(size, [0] * size**2, 0, settings["max_presses"])
        if instance is not None:
            rounds = instance.get("round", 0)
            return LightsState(size, [*instance["lights"]], rounds, settings["max_presses"])
        while state.is_terminal():
            for _ in range(size):
                state.press(chance.below(size**2))
        return state
