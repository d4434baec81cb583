"""`arena play` and `arena league`, with the real bots."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import State
from arena_pipeline.players import bots
from arena_pipeline.players.bots import registry
from arena_pipeline_tests.cli.conftest import Arena


def test_two_bots_play_on_a_fresh_checkout(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("play", "greedy", "random")

    assert (ran.code, ran.err) == (0, "")
    assert "greedy" in ran.out
    assert "random" in ran.out


def test_the_same_seed_gives_the_same_matches(arena: Arena, fresh_dir: Path) -> None:
    def play() -> list[object]:
        matches = arena("play", "greedy", "random", "--seed", 5, "--games", 2, "--json").document
        return [(one["seed"], one["rounds"], one["participants"]) for one in matches["matches"]]

    assert play() == play()


def test_seats_rotate_between_games(arena: Arena, fresh_dir: Path) -> None:
    played = arena("play", "greedy", "random", "--games", 2, "--json").document["matches"]

    seats = [[seat["agent"] for seat in one["participants"]] for one in played]
    assert seats == [["greedy", "random"], ["random", "greedy"]]


def test_played_matches_are_recorded_and_verify(arena: Arena, fresh_dir: Path) -> None:
    played = arena("play", "greedy", "random", "--games", 3, "--json").document["matches"]

    ran = arena("verify", *(one["uuid"] for one in played), "--json")

    assert (ran.code, ran.document["verified"]) == (0, 3)


def test_an_unknown_agent_names_the_nearest(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("play", "greedy", "randon")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "'random'" in ran.err


def test_an_unknown_config_names_those_there_are(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("play", "greedy", "random", "--config", "chess")

    assert ran.code == 1
    assert "snake-standard" in ran.err


@pytest.mark.parametrize("number", [0, -1, "many", 10**12])
@pytest.mark.parametrize(
    ("command", "option"), [(("play", "greedy", "random"), "games"), (("league",), "matches")]
)
def test_a_number_of_matches_nobody_can_play_is_a_wrong_call(
    arena: Arena, command: tuple[str, ...], option: str, number: object
) -> None:
    ran = arena(*command, f"--{option}={number}")

    assert (ran.code, f"--{option}" in ran.err) == (2, True)


def test_a_league_on_a_fresh_checkout_places_everybody_and_makes_a_leaderboard(
    arena: Arena, fresh_dir: Path
) -> None:
    ran = arena("league", "--matches", 6, "--json")

    assert ran.code == 0
    assert [line.partition(",")[0] for line in ran.err.splitlines()] == [
        "random is placed: 10 matches",
        "greedy is placed: 10 matches",
    ]
    assert ran.document["played"] == 6
    board = arena("leaderboard", "--json").document
    assert board["matches"] == 26
    assert {row["status"] for row in board["rows"]} == {"ranked"}


def test_a_models_file_that_is_no_good_does_not_keep_those_registered_from_playing(
    arena: Arena, fresh_dir: Path, models_file: Path
) -> None:
    arena("league", "--matches", 2)
    models_file.write_text("bots: [")

    ran = arena("league", "--matches", 2)

    assert ran.code == 0
    assert "going on with what there is" in ran.err


def test_a_fault_is_told_with_its_reason(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @bots.bot("crashing", games=["snake"])
    def crashing(state: State, player: int, legal: Sequence[str], chance: Chance) -> str:
        """Never decides."""
        raise ZeroDivisionError("no such thing")

    try:
        models = fresh_dir.parent / "models.yaml"
        models.write_text("bots: [{alias: c, policy: crashing}, {alias: random, policy: random}]")
        monkeypatch.setenv("ARENA_MODELS_FILE", str(models))
        ran = arena("play", "c", "random", "--json")
    finally:
        registry._policies.pop("crashing")

    seat = ran.document["matches"][0]["participants"][0]
    assert list(seat["faults"]) == ["crashed"]
    assert seat["last_fault"] == "ZeroDivisionError: no such thing"


def test_a_league_goes_on_where_it_was(arena: Arena, fresh_dir: Path) -> None:
    arena("league", "--matches", 4)
    ran = arena("league", "--matches", 4)

    assert ran.out.startswith("4 matches played")
    assert arena("leaderboard", "--json").document["matches"] == 28


def test_a_league_without_a_number_plays_what_the_settings_say(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_LEAGUE_MATCHES", "2")

    assert arena("league", "--json").document["played"] == 2


def test_a_models_file_that_is_wrong_stops_with_its_line(
    arena: Arena, fresh_dir: Path, models_file: Path
) -> None:
    models_file.write_text("bots:\n  - {alias: r, polcy: random}\n")

    ran = arena("play", "r", "r")

    assert ran.code == 1
    assert "models.yaml:2:" in ran.err


def test_a_league_of_one_plays_nothing_and_says_why(
    arena: Arena, fresh_dir: Path, models_file: Path
) -> None:
    models_file.write_text("bots: [{alias: alone, policy: random}]")

    ran = arena("league")

    assert ran.code == 1
    assert "A league needs two agents" in ran.err
