"""A stored position becomes a state: what a snapshot must say before a match may start from it."""

from collections.abc import Mapping
from typing import Any

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import SettingsError
from arena_pipeline.games.snake.board import Board, board
from arena_pipeline.games.snake.rules import DeathReason, RuleVersion
from arena_pipeline.games.snake.settings import SnakeSettings
from arena_pipeline.games.snake.state import SnakeState


def state_from_instance(
    instance: Mapping[str, Any],
    settings: SnakeSettings,
    rules: RuleVersion,
    chance: Chance,
    *,
    players: int,
) -> SnakeState:
    """Make the state `instance` describes; it needs `snakes` and `apples`. Raises SettingsError."""
    grid = board(settings.width, settings.height)
    if instance.get("board", [grid.width, grid.height]) != [grid.width, grid.height]:
        raise _unfit(
            f"its board is {instance['board']}, the config says {[grid.width, grid.height]}"
        )
    bodies = [_cells(grid, body, "a snake") for body in _list(instance, "snakes")]
    apples = _cells(grid, _list(instance, "apples"), "the apples")
    if len(bodies) != players or not all(bodies):
        raise _unfit(
            f"it has {len(bodies)} snakes (each of at least one cell), the match {players} players"
        )
    scores = list(instance.get("scores", [0] * players))
    deaths = [_death(death) for death in instance.get("deaths", [None] * players)]
    if len(scores) != players or len(deaths) != players:
        raise _unfit(f"scores and deaths must be lists of {players}")
    living = [
        cell for body, death in zip(bodies, deaths, strict=True) if death is None for cell in body
    ]
    if len(set(living)) < len(living) or set(living) & set(apples):
        raise _unfit("two things lie on one cell")
    return SnakeState(
        grid,
        settings,
        rules,
        chance,
        bodies=bodies,
        apples=apples,
        scores=scores,
        deaths=deaths,
        rounds=int(instance.get("round", 0)),
    )


def _list(instance: Mapping[str, Any], key: str) -> list[Any]:
    value = instance.get(key)
    if not isinstance(value, list):
        raise _unfit(f"it must have a list called {key!r}")
    return value


def _cells(grid: Board, points: Any, whose: str) -> list[int]:
    try:
        cells = [grid.cell(int(x), int(y)) for x, y in points]
    except (TypeError, ValueError):
        raise _unfit(f"{whose} must be a list of [x, y], not {points!r}") from None
    inside = [cell for cell in cells if cell is not None]
    if len(inside) < len(cells):
        raise _unfit(f"{whose} at {points!r} leaves the {grid.width}x{grid.height} board")
    if len(set(inside)) < len(inside):
        raise _unfit(f"{whose} at {points!r} lies on a cell twice")
    return inside


def _death(death: Any) -> tuple[int, DeathReason] | None:
    if death is None:
        return None
    try:
        return int(death["round"]), DeathReason(death["reason"])
    except (KeyError, TypeError, ValueError):
        raise _unfit(f"a death is null or has round and reason, not {death!r}") from None


def _unfit(problem: str) -> SettingsError:
    return SettingsError(f"This Snake instance can't be played: {problem}.")
