"""Foreign text can't act on the terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.cli.text import clean, clean_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe 数", "Größe 数"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("a\r\nb\tc", "a b c"),
        ("\u202eevil", "evil"),
        ("\x9b2J", "2J"),
        ("half \ud800 pair", "half pair"),
    ],
)
def test_what_a_terminal_would_act_on_is_taken_out(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_nothing_unfit_is_ever_left(text: str) -> None:
    cleaned = clean(text)

    assert not {unicodedata.category(sign) for sign in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(cleaned) == cleaned


def test_a_list_of_mistakes_keeps_its_lines() -> None:
    assert clean_lines("wrong:\na\x1bb\n") == "wrong:\na b"
