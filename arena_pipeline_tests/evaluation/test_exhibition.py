"""Matches somebody asks for."""

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.evaluation.exhibition import CannotPlay, play_matches
from arena_pipeline.matches.recorder import OpenMatch
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.evaluation.arenas import BOTS, count, history, set_agent


def test_seeds_go_up_and_seats_move_on_from_match_to_match(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)

    played = play_matches(store, arena_settings, ["greedy", "flood", "random"], games=4, seed=7)

    assert [match.plan.seed for match in played] == [7, 8, 9, 10]
    assert [match.plan.entrants[0].name for match in played] == [
        "greedy",
        "flood",
        "random",
        "greedy",
    ]
    assert count(store, Match) == 4
    assert {row[3] for row in history(store)} == {"manual"}


def test_the_same_seed_plays_the_same_matches(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)

    first, again = (
        play_matches(store, arena_settings, ["greedy", "flood"], games=3, seed=2**63 - 2)
        for _ in range(2)
    )

    assert [match.steps for match in first] == [match.steps for match in again]
    assert count(store, Match) == 6


def test_a_spectator_sees_every_step_of_one_match_after_the_other(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    seen: list[str] = []

    def watch(match: OpenMatch) -> None:
        seen.append(match.plan.uuid)

    played = play_matches(
        store, arena_settings, ["greedy", "flood"], games=2, seed=1, on_step=watch
    )

    assert seen == [match.uuid for match in played for _ in match.steps]


def test_what_is_not_to_be_recorded_leaves_no_trace(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)

    assert len(play_matches(store, arena_settings, ["greedy", "flood"], record=False)) == 1
    assert count(store, Match) == 0


def test_mistakes_are_named_before_anything_is_played(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    add_agents(store, "gpt", kind="llm")
    set_agent(store, "random", active=False)

    with pytest.raises(NotFound, match="did you mean 'greedy'"):
        play_matches(store, arena_settings, ["gredy", "flood"])
    with pytest.raises(NotFound, match="snake-standard"):
        play_matches(store, arena_settings, ["greedy", "flood"], config="huge")
    with pytest.raises(CannotPlay, match="2 to 8 players, not 1"):
        play_matches(store, arena_settings, ["greedy"])
    with pytest.raises(CannotPlay, match="no prompt"):
        play_matches(store, arena_settings, ["greedy", "gpt"])
    with pytest.raises(CannotPlay, match="inactive"):
        play_matches(store, arena_settings, ["greedy", "random"])
    assert count(store, Match) == 0
