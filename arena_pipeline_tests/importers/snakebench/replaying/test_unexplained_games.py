"""A game that nothing explains is kept as it was published, with the first gap."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.replaying.examining import examine
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import play, written

Spoil = Callable[[dict[str, Any]], object]


def change_move(turn: int, move: dict[str, Any] | None) -> Spoil:
    """Have the file say another move of the first player, or none."""

    def change(document: dict[str, Any]) -> None:
        for one in document["rounds"]:
            for moves in one["move_history"][turn : turn + 1]:
                moves["1"] = move

    return change


SPOILT: dict[str, Spoil] = {
    "another move": change_move(1, {"move": "DOWN"}),
    "no direction": change_move(0, {"move": "FLY"}),
    "a lost move": change_move(2, None),
    "a result": lambda d: d["metadata"].update(game_result={"1": "tied", "2": "tied"}),
    "a score": lambda d: d["metadata"]["final_scores"].update({"1": 99}),
    "no death": lambda d: d["metadata"].update(death_info={}),
    "a reason": lambda d: [
        death.update(reason="boredom") for death in d["metadata"]["death_info"].values()
    ],
    "a doubled cell": lambda d: d["rounds"][0]["apples"].append(
        d["rounds"][0]["snake_positions"]["1"][0]
    ),
    "a cut off end": lambda d: d["rounds"].pop(),
    "a turn after the end": lambda d: d["rounds"].append(d["rounds"][-1]),
    "an apple more": lambda d: d["rounds"][-1]["scores"].update({"1": 99}),
    "an apple nobody ate": lambda d: d["rounds"][1]["apples"].pop(),
}
"""What a v0 file may say against the rules."""


@pytest.mark.parametrize("what", SPOILT)
def test_what_nothing_explains_is_kept_as_published_with_its_first_gap(what: str) -> None:
    played = play(3, start="2025-06-20T09:00:00", moves=[["UP", "DOWN"]] * 3)
    document = json.loads(written(makers.v0b_native(played)))
    SPOILT[what](document)
    game = read_game(written(document))

    found = examine(game)

    assert found.verification == "unexplained"
    assert found.detail
    assert len(found.steps) == len(game.turns)
    assert found.steps[-1].state["snakes"] == [
        [list(cell) for cell in body] for body in game.turns[-1].after.snakes
    ]
    assert [player.result.value for player in found.outcome.players] == [
        seat.result for seat in game.seats
    ]
