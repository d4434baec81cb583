"""Which action a reply names."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.players.llm.reading import (
    FREE_TEXT_CHARACTERS,
    READ_CHARACTERS,
    free_text,
    read_action,
)

MOVES = ("UP", "DOWN", "LEFT", "RIGHT")


@pytest.mark.parametrize(
    "reply",
    [
        "LEFT",
        "left",
        " Left. ",
        "**LEFT**",
        "_left_",
        "`LEFT`",
        '"LEFT"',
        "\u201cLEFT\u201d",
        "(LEFT)",
        "LEFT!",
        "- LEFT",
        "# LEFT",
        "\\boxed{LEFT}",
        "Move: LEFT",
        "**Final answer:** LEFT",
        '{"move": "LEFT"}',
        '```json\n{"action": "left"}\n```',
        '```json\n{\n  "action": "left",\n  "why": "going up is death"\n}\n```',
        "```\nLEFT\n```",
        "\u2192 LEFT \u2190",
        "LEFT\x00",
        "\u2066LEFT\u2069",
    ],
)
def test_a_word_is_found_in_whatever_it_is_wrapped(reply: str) -> None:
    assert read_action(reply, MOVES) == "LEFT"


@pytest.mark.parametrize(
    "reply",
    [
        "UP looks good, RIGHT too.\n\nLEFT",
        "The apple is up and to the right.\nI go LEFT",
        "LEFT\nthanks for the game",
        "UP or DOWN? No:\nnot UP, but LEFT",
        "LEFT, not UP",
        "LEFT instead of UP",
        "LEFT rather than **UP**",
        "Answer: LEFT (up would be the wall)",
        '{"move": "LEFT", "reason": "right is blocked"}',
        "<think>DOWN!</think>\nLEFT",
        "<think>a</think> UP <think>RIGHT</think>LEFT",
        "UP</think >LEFT",
        "First UP, then DOWN, so LEFT",
    ],
)
def test_of_several_words_the_one_meant_counts(reply: str) -> None:
    assert read_action(reply, MOVES) == "LEFT"


@pytest.mark.parametrize(
    "reply",
    ["", " \n\n ", "Hello", "UPPER", "upright", "follow-up", "move_left", "LEFTY", "l e f t",
     "not UP", "up's", "I resign"],
)  # fmt: skip
def test_no_action_is_none(reply: str) -> None:
    assert read_action(reply, MOVES) is None


def test_thoughts_count_only_where_nothing_follows_them() -> None:
    assert read_action("<think>LEFT</think>", MOVES) == "LEFT"
    assert read_action("<think>LEFT</think>\nI can't decide.", MOVES) is None


def test_actions_may_be_of_several_words_signs_and_cases() -> None:
    assert read_action("I bet 10", ("bet 1", "bet 10", "bet 100")) == "bet 10"
    assert read_action("play O-O-O now", ("O-O", "O-O-O")) == "O-O-O"
    assert read_action("g1f3+", ("g1f3+", "g1f3")) == "g1f3+"
    assert read_action("N or n? n", ("N", "n")) == "n"
    assert read_action("\u00c9TAGE", ("\u00e9tage",)) == "\u00e9tage"
    assert read_action("anything", ()) is None
    assert read_action("anything", ("",)) is None


def test_only_the_end_of_a_long_reply_is_read() -> None:
    assert read_action("LEFT\n" + "a" * READ_CHARACTERS, MOVES) is None
    assert read_action("a" * READ_CHARACTERS + "\nLEFT", MOVES) == "LEFT"


@given(st.text() | st.text("UPDOWNLEFTRIGHTupleft_-'\"{}<>/think \n:="), st.sets(st.text()))
def test_whatever_a_model_says_only_legal_actions_come_out(text: str, legal: set[str]) -> None:
    assert read_action(text, sorted(legal)) in {None, *legal}
    assert read_action(text, MOVES) in {None, *MOVES}


@given(st.text(), st.sampled_from(MOVES))
def test_a_last_line_of_one_action_is_what_counts(thoughts: str, move: str) -> None:
    assert read_action(f"{thoughts}\n{move}", MOVES) == move


@pytest.mark.parametrize(
    "unit",
    ["UP ", "move: ", "((((", "not ", "a\n", "</think", "move'", "UP-", "\n", "{", "}", "{}\n",
     "action ", "_", "<think>", "instead of "],
)  # fmt: skip
def test_megabytes_are_read_in_bounded_time(unit: str) -> None:
    text = unit * (4_000_000 // len(unit))
    began = time.process_time()

    for reply in (text, text + "x", "UP" + text):
        read_action(reply, MOVES)

    assert time.process_time() - began < 3.0


def test_free_text_is_the_whole_answer_clipped() -> None:
    assert free_text("<think>hm</think>\n I accuse Bob.\nTruly. ") == "I accuse Bob.\nTruly."
    assert free_text(" \n") is None
    assert len(free_text("a" * 10_000) or "") == FREE_TEXT_CHARACTERS
