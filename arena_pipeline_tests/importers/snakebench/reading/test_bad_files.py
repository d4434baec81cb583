"""What is no game, a damaged one, or one that cannot have been is refused, and says why."""

from collections.abc import Callable
from typing import Any

import pytest

from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import make, play, written

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"[1, 2]",
        b"17",
        b'"metadata"',
        b"{}",
        b'{"vendor-a-mini": {"wins": 1, "elo": 1500.0}}',
        b'[{"game_id": "x", "filename": "y"}]',
        b'{"game_id": "x", "participants": []}',
    ],
)
def test_other_documents_are_no_games(content: bytes) -> None:
    with pytest.raises(NotAGame):
        read_game(content)


def test_two_documents_in_one_file_are_named_as_that() -> None:
    with pytest.raises(BadGame, match=r"two JSON documents .*Extra data"):
        read_game(make("v0b_native") + b"\n" + make("v0b_native"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"metadata: {}",
        make("v0a")[:-40],
        make("v1_native")[:500],
        b'{"metadata": ' * 100_000,
        b"\x00\x01\x02",
        b"9" * 5_000,
    ],
)
def test_what_is_cut_off_or_no_json_is_refused(content: bytes) -> None:
    with pytest.raises((BadGame, NotAGame)):
        read_game(content)


def _first_round(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["rounds"][0]
    return found


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d["metadata"].update(game_id="../../etc/passwd"), "no lower-case UUID"),
        (lambda d: d["metadata"].update(game_id="A" * 10_000), "no lower-case UUID"),
        (lambda d: d["metadata"].update(models={"1": "alone"}), "2 snakes for 1 players"),
        (lambda d: d["metadata"].update(models={"1": "a", "7": "b"}), "says nothing of player '7'"),
        (lambda d: d["metadata"].update(models=["a", "b"]), "not what it should be"),
        (lambda d: d["metadata"].update(max_rounds=10**9), "max_rounds is 1000000000"),
        (lambda d: d["metadata"].update(max_rounds=True), "not what it should be"),
        (lambda d: d["metadata"].update(max_rounds=1.5), "not what it should be"),
        (lambda d: d["metadata"].update(actual_rounds=-1), "number of rounds is -1"),
        (lambda d: d["metadata"]["final_scores"].update({"1": -1}), "score of player '1'"),
        (lambda d: d["metadata"]["final_scores"].update({"1": 10**400}), "score of player '1'"),
        (lambda d: d["metadata"]["models"].update({"1": "x" * 10_000}), "name of player '1'"),
        (
            lambda d: d["metadata"].update(death_info={"1": {"reason": "x" * 999, "round": 1}}),
            "what killed a player is told in 999 letters",
        ),
        (lambda d: d["metadata"].update(end_time="2025" * 100), "its end is told in 400 letters"),
        (
            lambda d: d["metadata"]["models"].update({"1": "\N{SNAKE}" * 300}),
            "name of player '1' is 300 long",
        ),
        (lambda d: _first_round(d).update(width=10**6), "width is 1000000"),
        (lambda d: _first_round(d).update(height=0), "height is 0"),
        (lambda d: _first_round(d)["snake_positions"].update({"1": [[10, 0]]}), "off the board"),
        (lambda d: _first_round(d)["snake_positions"].update({"1": []}), "without a body"),
        (lambda d: _first_round(d)["snake_positions"].update({"1": [[1]]}), "not what it should"),
        (
            lambda d: _first_round(d)["snake_positions"].update({"1": [[1, 1]] * 101}),
            "more cells of one thing than the board",
        ),
        (lambda d: _first_round(d).update(apples=[[0, -1]]), "off the board"),
        (lambda d: _first_round(d)["scores"].update({"1": -5}), "score no snake can have"),
        (lambda d: _first_round(d).pop("alive"), "not what it should be"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change: Change, complaint: str) -> None:
    document = makers.v0b_native(play(1, max_rounds=3))
    change(document)

    with pytest.raises(BadGame, match=complaint):
        read_game(written(document))


def test_nine_players_are_too_many() -> None:
    document = makers.header_line(play(1))
    document["metadata"]["models"] = {str(n): f"name {n}" for n in range(9)}

    with pytest.raises(BadGame, match="number of players is 9"):
        read_game(written(document))
