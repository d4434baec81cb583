"""Which rules and which apple target a game was played by is told by its date and its boards."""

from typing import Any

import pytest

from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.replaying.examining import Examined, examine
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import Played, play, written

OLD = makers.STARTS["v0a"]


def examined(document: dict[str, Any]) -> Examined:
    return examine(read_game(written(document)))


@pytest.mark.parametrize(
    ("start", "version"),
    [
        ("2025-02-04T20:07:53", "2025-02-04"),
        ("2025-06-12T11:59:59.999999", "2025-02-04"),
        ("2025-06-12T12:00:00", "2025-06-12"),
        ("2025-12-11T11:59:59", "2025-06-12"),
        ("2025-12-11T12:00:00", "2025-12-11"),
        ("2027-01-01T00:00:00", "2025-12-11"),
    ],
)
def test_the_rules_are_those_of_the_start(start: str, version: str) -> None:
    board = {"snakes": [[[0, 0]], [[5, 5]]], "apples": [[9, 9]]}
    played = play(start=start, instance=board, moves=[["LEFT", "UP"]], apples=1)

    assert examined(makers.v0b_native(played)).rule_version == version


def tail_chase(start: str, rule_version: str) -> Played:
    """A match whose first turn kills by the oldest rules alone: a snake follows its own tail."""
    ring = [[1, 1], [1, 2], [2, 2], [2, 1]]
    board = {"snakes": [ring, [[5, 5]]], "apples": [[9, 9]], "scores": [3, 0]}
    moves = [["RIGHT", "UP"], ["DOWN", "UP"], ["DOWN", "UP"], ["DOWN", "UP"]]
    return play(start=start, rule_version=rule_version, instance=board, moves=moves, apples=1)


@pytest.mark.parametrize("version", ["2025-02-04", "2025-06-12"])
@pytest.mark.parametrize("hour", ["09:00:00", "21:00:00"])
def test_on_the_day_of_a_change_the_board_decides(hour: str, version: str) -> None:
    played = tail_chase(f"2025-06-12T{hour}", version)

    found = examined(makers.v0b_native(played))

    assert (found.verification, found.rule_version) == ("verified", version)


def test_on_other_days_the_rules_of_the_day_hold() -> None:
    found = examined(makers.v0b_native(tail_chase("2025-06-14T09:00:00", "2025-02-04")))

    assert found.verification == "unexplained"
    assert found.detail == "turn 0: the deaths are not what rules 2025-06-12 give"


def test_a_game_without_any_date_is_played_by_the_rules_that_fit() -> None:
    document = makers.v0b_native(tail_chase(OLD, "2025-02-04"))
    document["metadata"].update(start_time=None, end_time=None)

    assert examined(document).verification == "verified"


@pytest.mark.parametrize(
    ("start", "top", "target"),
    [
        ("2025-11-21T23:59:59", 3, None),
        ("2025-11-22T00:00:00", 29, 30),
        ("2025-11-22T00:00:00", 30, None),
        ("2025-12-13T00:00:00", 29, 30),
        ("2025-12-13T00:00:00", 30, 50),
        ("2025-12-13T00:00:00", 50, None),
    ],
)
def test_the_apple_target_is_that_of_the_day_unless_somebody_ate_more(
    start: str, top: int, target: int | None
) -> None:
    document = makers.header_line(play(start=start, max_rounds=1))
    document["metadata"]["final_scores"] = {"1": top, "2": 0}

    assert examined(document).settings["apple_target"] == target
