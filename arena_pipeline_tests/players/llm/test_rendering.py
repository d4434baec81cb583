"""What a language model is told."""

import json
import re

import pytest

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake import Snake
from arena_pipeline.players.llm.rendering import example, one_of, placeholders_of, render
from arena_pipeline.players.llm.snake import describe, position_in, words
from arena_pipeline.players.protocol import PastTurn, TurnRequest
from arena_pipeline_tests.games.snake.boards import start
from arena_pipeline_tests.players.llm.prompts import built_in, prompt, request


def about_tokens(text: str) -> int:
    """Words, digits and signs: more than common tokenizers make of plain English."""
    return len(re.findall(r"[A-Za-z]+|\d|[^\w\s]", text))


def test_the_snake_prompt_fills_everything_and_shows_the_position() -> None:
    state = start()

    told = render(built_in().text, "snake", request(state))

    assert position_in(told) == state.observation(0)
    assert not re.search(r"\{[a-z_]+\}", told)
    assert "\n\n\n" not in told
    assert told.endswith("only one word: UP, DOWN, LEFT or RIGHT.")


def test_the_snake_prompt_fits_a_small_context_even_late_in_a_match() -> None:
    board = [[[x, y] for x in range(10)] for y in range(10)]
    state = Snake().initial_state(
        Snake().settings({}),
        Snake().seats(Snake().settings({}), 2, SeededChance(0)),
        SeededChance(0),
        instance={"snakes": [board[0] + board[1][::-1], board[8] + board[9][::-1]],
                  "apples": board[5][:5], "scores": [19, 19], "round": 140},
    )  # fmt: skip

    assert about_tokens(render(built_in().text, "snake", request(start()))) <= 750
    assert about_tokens(render(built_in().text, "snake", request(state))) <= 950


def test_memory_stands_where_the_prompt_wants_it_and_leaves_no_gap_without() -> None:
    text = "a\n{memory}\nb {position}"
    past = [PastTurn(3, "UP", None, "I like\nit there"), PastTurn(4, "LEFT", "no_action", "hm")]

    with_memory = render(text, "snake", request(start()), past)

    assert with_memory.startswith(
        "a\nYour earlier turns:\n"
        "Turn 4: UP - you wrote: I like it there\n"
        "Turn 5: LEFT (drawn by chance: your reply named no legal action) - you wrote: hm\n"
        "b Turn 1 of"
    )
    assert render(text, "snake", request(start())).startswith("a\nb Turn 1 of")


def test_memory_is_put_at_the_end_of_a_prompt_that_does_not_place_it() -> None:
    told = render("{position}", "snake", request(start()), [PastTurn(0, "UP")])

    assert told.endswith("Your earlier turns:\nTurn 1: UP")


def test_a_long_reply_is_remembered_by_its_end() -> None:
    told = render("{memory}", "snake", request(start()), [PastTurn(0, "UP", None, "a" * 900 + "!")])

    assert told.endswith("...{}!".format("a" * 199))


def test_nothing_a_model_said_is_filled_in() -> None:
    said = "{position} {legal_actions} {0} {{turn}}"

    told = render("{memory}", "snake", request(start()), [PastTurn(0, "UP", None, said)])

    assert told.endswith(said)


def test_braces_that_are_no_placeholder_stay() -> None:
    text = 'Answer {"move": "UP"} or {} or {Unknown} or {nobody}: {player}'

    assert render(text, "snake", request(start())) == text.replace("{player}", "A")


def test_a_game_without_words_of_its_own_is_told_as_json() -> None:
    state = start()
    asked = TurnRequest(1, 4, {"secret": "\u00e9", "to": [1, None]}, None, state)

    told = render("{turn} {player} {legal_actions}: {position}", "other", asked)

    head, _, shown = told.partition(": ")
    assert head == "5 1 any text"
    assert json.loads(shown) == asked.observation


def test_the_placeholders_announced_are_those_that_are_filled() -> None:
    every = placeholders_of("snake")

    told = render("".join(f"{{{name}}} " for name in sorted(every)), "snake", request(start()))

    assert "{" not in told
    assert every == set(words(start().observation(0))) | {"memory", "legal_actions"}
    assert placeholders_of("other") < every


@pytest.mark.parametrize(
    ("legal", "said"),
    [(["a"], "a"), (["a", "b", "c"], "a, b or c"), ([], "nothing"), (None, "any text")],
)
def test_legal_actions_in_words(legal: list[str] | None, said: str) -> None:
    assert one_of(legal) == said


def test_a_prompt_can_be_shown_in_use() -> None:
    shown = example(built_in())

    assert shown is not None
    assert position_in(shown) is not None
    assert describe(position_in(shown) or {}) in shown
    assert example(prompt("{position}", "no_such_game")) is None
