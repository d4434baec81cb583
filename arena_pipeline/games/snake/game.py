"""Snake towards the `Game` protocol: settings, seats and starting positions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Json, Seat, SettingsError
from arena_pipeline.games.snake.board import board
from arena_pipeline.games.snake.instance import state_from_instance
from arena_pipeline.games.snake.rules import NEWEST, VERSIONS
from arena_pipeline.games.snake.settings import SnakeSettings
from arena_pipeline.games.snake.state import SnakeState


class Snake:
    """Snake for two to eight players."""

    name: ClassVar[str] = "snake"
    rule_version: ClassVar[str] = NEWEST.name
    min_players: ClassVar[int] = 2
    max_players: ClassVar[int] = 8

    def settings(self, raw: Mapping[str, Any]) -> dict[str, Json]:
        """width, height, apples, max_rounds and apple_target, checked and completed."""
        return SnakeSettings.parse(raw).as_json()

    def seats(self, settings: Mapping[str, Json], players: int, chance: Chance) -> tuple[Seat, ...]:
        """Seats without teams or roles. Raises SettingsError unless so many may play and fit."""
        if not self.min_players <= players <= self.max_players:
            raise SettingsError(
                f"Snake is for {self.min_players} to {self.max_players} players, not {players}."
            )
        SnakeSettings.parse(settings).check_room(players)
        return (Seat(),) * players

    def initial_state(
        self,
        settings: Mapping[str, Json],
        seats: Sequence[Seat],
        chance: Chance,
        *,
        instance: Mapping[str, Json] | None = None,
        rule_version: str | None = None,
    ) -> SnakeState:
        """Apples, then snakes of length one, on random free cells; or the `instance`, a snapshot.

        Raises SettingsError for a rule version nobody knows and for an instance that does not fit.
        """
        try:
            rules = VERSIONS[rule_version or self.rule_version]
        except KeyError:
            raise SettingsError(
                f"Snake has no rule version {rule_version!r}; it has {', '.join(VERSIONS)}."
            ) from None
        config = SnakeSettings.parse(settings)
        if instance is not None:
            return state_from_instance(instance, config, rules, chance, players=len(seats))
        config.check_room(len(seats))
        grid = board(config.width, config.height)
        free = list(range(grid.cells))
        apples = [free.pop(chance.below(len(free))) for _ in range(config.apples)]
        return SnakeState(
            grid,
            config,
            rules,
            chance,
            bodies=[[free.pop(chance.below(len(free)))] for _ in seats],
            apples=apples,
            scores=[0] * len(seats),
            deaths=[None] * len(seats),
        )
