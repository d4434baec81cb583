"""Published games are played again: they come out as they were, or with the reason why not."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_pipeline.games.chance import RecordedChance
from arena_pipeline.games.protocol import Event, Seat
from arena_pipeline.games.snake import Snake
from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.replaying.examining import Examined, examine
from arena_pipeline.importers.snakebench.replaying.outcomes import header_outcome
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import Played, make, play, written

REPLAYS = (*makers.V0, *makers.V1)
OLD, NEW = makers.STARTS["v0a"], makers.STARTS["v1_native"]


def examined(document: dict[str, Any]) -> Examined:
    return examine(read_game(written(document)))


def grown(event: Event) -> list[Any]:
    """Where an event lets an apple grow."""
    found = event.get("grown")
    return found if isinstance(found, list) else []


def without_grown(events: Sequence[Event]) -> list[Event]:
    """The events but for that."""
    return [{key: event[key] for key in event if key != "grown"} for event in events]


def assert_played(found: Examined, played: Played) -> None:
    """The examined game is the match that was played, to the last event.

    Where several eat in one turn, boards do not tell whose apple grew where.
    """
    assert found.initial == played.boards[0]
    assert [step.state for step in found.steps] == played.boards[1:]
    for step, events in zip(found.steps, played.events, strict=True):
        assert without_grown(step.events) == without_grown(events)
        assert sorted(map(grown, step.events)) == sorted(map(grown, events))
    assert [player.result.value for player in found.outcome.players] == played.results


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {
            "seed": st.integers(0, 2**32),
            "names": st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=4),
            "start": st.sampled_from([OLD, "2025-06-20T00:00:00", NEW]),
            "width": st.integers(4, 9),
            "height": st.integers(4, 9),
            "apples": st.integers(0, 7),
            "max_rounds": st.integers(1, 20),
            "first_id": st.integers(0, 1),
        }
    ),
    st.sampled_from(REPLAYS),
)
def test_a_match_comes_back_from_every_layout(how: dict[str, Any], layout: str) -> None:
    played = play(bot="careful_random", **how)

    found = examined(makers.WRITERS[layout](played))

    assert found.verification in ("verified", "same_turn_apple_respawn"), found.detail
    assert_played(found, played)


@given(st.integers(0, 2**32), st.sampled_from([OLD, NEW]))
def test_recorded_draws_are_all_chance_there_was(seed: int, start: str) -> None:
    found = examined(makers.v0b_native(play(seed=seed, start=start, apples=8, max_rounds=30)))
    chance = RecordedChance(found.draws)
    state = Snake().initial_state(
        found.settings,
        [Seat()] * 2,
        chance,
        instance=found.initial,
        rule_version=found.rule_version,
    )

    for step in found.steps:
        assert state.apply_actions({one.slot: one.action for one in step.turns}) == step.events

    assert state.snapshot() == found.steps[-1].state
    assert state.outcome() == found.outcome
    assert chance.left == 0


def test_an_apple_that_grows_and_is_eaten_in_one_turn_is_found() -> None:
    played = makers.play_with_respawn()

    found = examined(makers.v0a(played))

    assert found.verification == "same_turn_apple_respawn"
    assert "an apple is eaten that grew in it" in str(found.detail)
    assert_played(found, played)


def test_among_three_an_apple_may_grow_and_be_eaten_in_one_turn_too() -> None:
    played = makers.play_with_respawn(names=["a", "b", "c"])

    found = examined(makers.v0b_rewritten(played))

    assert found.verification == "same_turn_apple_respawn"
    assert_played(found, played)


def test_moves_shifted_twice_are_put_back_and_the_lost_ones_derived() -> None:
    played = play(5, start=OLD)

    found = examined(makers.double_shifted(played))

    assert found.verification == "double_shifted_history"
    assert_played(found, played)
    assert [[turn.extra for turn in step.turns] for step in found.steps[:2]] == [
        [{"derived": True}] * 2,
        [{}, {}],
    ]
    assert found.steps[1].turns[0].rationale == played.moves[1][0]["rationale"]


def test_moves_one_turn_early_are_put_back() -> None:
    played = play(5, start=OLD)

    found = examined(makers.shifted(played))

    assert found.verification == "shifted_moves"
    assert_played(found, played)


def test_a_leading_move_is_dropped_and_its_count_of_rounds_kept_as_published() -> None:
    played = play(5, start=OLD)

    found = examined(makers.with_leading_move(played))

    assert found.verification == "leading_move"
    assert_played(found, played)
    published = [death and death["round"] + 1 for death in played.deaths]
    assert [player.death_round for player in found.outcome.players] == published


def test_an_end_with_both_alive_before_the_last_round_is_by_apples() -> None:
    played = play(6, start=OLD, apple_target=3)
    assert sum(played.boards[-1]["alive"]) == 2

    found = examined(makers.v0b_native(played))

    assert (found.verification, found.settings["apple_target"]) == ("verified", 3)
    assert found.outcome.ended_by == "apple_target"


def test_an_end_by_the_round_limit_is_one() -> None:
    found = examined(makers.v1_native(play(1, start=NEW, max_rounds=2)))

    assert (found.verification, found.outcome.ended_by) == ("verified", "max_rounds")


def test_faults_tokens_costs_and_times_come_with_each_turn() -> None:
    rationales = {
        (0, 0): "Provider error: 429. Generated random move UP to continue the game.",
        (0, 1): "I can't say.\n\nThis is a random move: DOWN",
        (1, 0): "odd \0 sign",
    }
    played = play(1, start=NEW, rationales=rationales, moves=[["UP", "DOWN"]], max_rounds=2)

    found = examined(makers.v1_native(played))

    first, second = found.steps[0].turns
    assert (first.fault, second.fault) == ("gateway_error", "no_action")
    assert (first.input_tokens, first.output_tokens) == (900, 100)
    assert first.cost == Decimal("0.00025")
    assert first.decided_at == datetime.fromtimestamp(1766239200.25, UTC)
    assert found.steps[1].turns[0].rationale == "odd \ufffd sign"


def test_keys_in_error_texts_do_not_come_in() -> None:
    key = "sk-or-v1-" + "0123456789abcdef" * 4
    text = f"Provider error: bad key {key} of user_2abcDEF0123456789"

    found = examined(makers.v1_native(play(1, start=NEW, rationales={(0, 0): text})))

    rationale = str(found.steps[0].turns[0].rationale)
    assert key not in rationale
    assert "user_2abcDEF0123456789" not in rationale


@pytest.mark.parametrize("seconds", [-5, 1e300, 0])
def test_an_impossible_time_of_decision_is_none(seconds: float) -> None:
    document = makers.v1_native(play(1, start=NEW, max_rounds=1))
    document["frames"][0]["timestamp"] = seconds

    assert examined(document).steps[0].turns[0].decided_at is None


def test_a_header_says_how_it_ended_and_has_no_steps() -> None:
    played = play(1, start=OLD)

    found = examine(read_game(make("header", 1, start=OLD)))

    assert (found.verification, found.steps, found.initial) == ("header_only", (), {})
    outcome = examined(makers.v0a(played)).outcome
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("results", "deaths", "ended_by"),
    [
        (["won", "lost"], {"2"}, "last_alive"),
        (["tied", "tied"], {"1", "2"}, "all_dead"),
        (["won", "lost"], set(), "apple_target"),
    ],
)
def test_a_header_s_outcome_follows_its_results(
    results: list[str], deaths: set[str], ended_by: str
) -> None:
    document = makers.header_line(play(1, start=OLD))
    document["metadata"] |= {
        "game_result": dict(zip(("1", "2"), results, strict=True)),
        "death_info": {one: {"reason": "wall", "round": 3} for one in sorted(deaths)},
        "actual_rounds": 4,
    }

    outcome = header_outcome(read_game(written(document)))

    assert outcome.ended_by == ended_by
    assert [player.result.value for player in outcome.players] == results
    expected = [1, 1] if results[0] == "tied" else [1, 2]
    assert [player.placement for player in outcome.players] == expected
    assert math.fsum(player.reward for player in outcome.players) == 0


def test_settings_no_board_has_room_for_are_refused() -> None:
    document = makers.header_line(play(1))
    document["board"] = {"width": 2, "height": 2, "num_apples": 4}

    with pytest.raises(BadGame, match="too few for"):
        examined(document)
