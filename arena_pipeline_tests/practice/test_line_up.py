"""Practice models as files describe them."""

from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.practice.line_up import (
    LINE_UP,
    BadLineUp,
    Fault,
    check_names,
    read_line_up,
    usual_faults,
)


def test_a_file_lists_models_by_their_fields(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("- {slug: practice/bold, prompt: 0.1, faults: {server: 0.2}, thinks: 30}\n")

    (bold,) = read_line_up(file)

    assert (bold.prompt, bold.faults) == (Decimal("0.1"), {Fault.SERVER: 0.2})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "has to be a list"),
        ("- {slug: practice/a}\n- {slug: practice/a}", "listed twice"),
        ("- {slug: a/b}", "no slug like practice/"),
        ("- {slug: practice/a, colour: red}", "colour"),
        ("- {slug: practice/a, policy: gredy}", "greedy"),
        ("- [", "can't be read"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(
    tmp_path: Path, text: str, why: str
) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(text)

    with pytest.raises(BadLineUp, match=why):
        read_line_up(file)


def test_the_own_line_up_is_sound_and_has_a_free_model() -> None:
    check_names(LINE_UP)
    assert [model.is_free for model in LINE_UP].count(True) == 1


def test_the_usual_faults_add_up_to_their_rate() -> None:
    assert sum(usual_faults(0.1).values()) == pytest.approx(0.1)
