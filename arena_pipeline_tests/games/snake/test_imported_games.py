"""The engine against games another arena really played: every state comes out as recorded.

The recorded apples are forced on the engine through its chance, which is all the randomness it has.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.games.protocol import Seat
from arena_pipeline.games.snake import Snake, SnakeState

Frames = list[dict[str, Any]]

pytestmark = pytest.mark.shared

GAME = Snake()
FIRST_OF_ENGINE_B = datetime(2025, 6, 13)  # noqa: DTZ001 the files' own stamps are naive
FIRST_OF_NEWEST_END = datetime(2025, 12, 12)  # noqa: DTZ001


class RecordedChance:
    """Chance whose next draws put apples where a recording has them."""

    def __init__(self) -> None:
        self.ranks: list[int] = []

    def below(self, n: int) -> int:
        rank = self.ranks.pop(0)
        assert rank < n
        return rank

    def expect(
        self, before: dict[str, Any], after: dict[str, Any], width: int, height: int
    ) -> None:
        """Prepare for the apples that `after` has and `before` had not."""
        taken = {tuple(cell) for body in after["snakes"].values() for cell in body}
        old = {tuple(apple) for apple in before["apples"]}
        new = [tuple(apple) for apple in after["apples"] if tuple(apple) not in old]
        taken |= {tuple(apple) for apple in after["apples"]} - set(new)
        for apple in new:
            cells = ((x, y) for y in range(height) for x in range(width))
            free = [cell for cell in cells if cell not in taken]
            self.ranks.append(free.index(apple))
            taken.add(apple)


def native_games(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Games of the engine we claim to reproduce, whose frames hold the state after the moves."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            game = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            continue
        if not isinstance(game, dict) or "frames" not in game:
            continue
        started = datetime.fromisoformat(game["game"]["started_at"])
        post_move = game["initial_state"] != game["frames"][0]["state"]
        if post_move and started.replace(tzinfo=None) >= FIRST_OF_ENGINE_B:
            found.append((path, game))
    return found


def as_recorded(state: SnakeState, seats: list[str]) -> dict[str, Any]:
    snapshot: Any = state.snapshot()
    return {
        "snakes": dict(zip(seats, snapshot["snakes"], strict=True)),
        "alive": dict(zip(seats, snapshot["alive"], strict=True)),
        "scores": dict(zip(seats, snapshot["scores"], strict=True)),
        "apples": snapshot["apples"],
    }


def by_board_order(recorded: dict[str, Any]) -> dict[str, Any]:
    return {**recorded, "apples": sorted(recorded["apples"], key=lambda cell: (cell[1], cell[0]))}


def test_every_state_of_native_sample_games_comes_out_as_recorded(shared_data: Path) -> None:
    games = native_games(shared_data / "snakebench" / "samples")
    assert len(games) >= 15

    for path, game in games:
        seats = sorted(game["players"])
        board, before = game["game"]["board"], game["initial_state"]
        newest = datetime.fromisoformat(game["game"]["started_at"]) >= FIRST_OF_NEWEST_END
        chance = RecordedChance()
        state = GAME.initial_state(
            GAME.settings(
                {
                    "width": board["width"],
                    "height": board["height"],
                    "apples": len(before["apples"]),
                    "max_rounds": game["game"]["max_rounds"],
                    "apple_target": 30,
                }
            ),
            [Seat()] * len(seats),
            chance,
            instance={
                "snakes": [before["snakes"][seat] for seat in seats],
                "apples": before["apples"],
            },
            rule_version="2025-12-11" if newest else "2025-06-12",
        )
        for frame in game["frames"]:
            chance.expect(before, frame["state"], board["width"], board["height"])
            state.apply_actions(
                {
                    seat: frame["moves"][name]["move"]
                    for seat, name in enumerate(seats)
                    if seat in state.current_players()
                }
            )
            assert as_recorded(state, seats) == by_board_order(frame["state"]), path.name
            before = frame["state"]

        players = [game["players"][name] for name in seats]
        results = [player.result.value for player in state.outcome().players]
        assert results == [player["result"] for player in players], path.name
        assert [
            death and {"reason": death[1].value, "round": death[0]} for death in state.deaths
        ] == [player["death"] for player in players], path.name
