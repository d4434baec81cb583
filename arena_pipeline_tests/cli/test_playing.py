"""`arena play` and `arena league`, with the real bots."""

from pathlib import Path

import pytest

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


def test_a_league_on_a_fresh_checkout_makes_a_leaderboard(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("league", "--matches", 6, "--json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.document["played"] == 6
    assert arena("leaderboard", "--json").document["matches"] == 6


def test_a_league_goes_on_where_it_was(arena: Arena, fresh_dir: Path) -> None:
    arena("league", "--matches", 4)
    ran = arena("league", "--matches", 4)

    assert ran.out.startswith("4 matches played")
    assert arena("leaderboard", "--json").document["matches"] == 8


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
