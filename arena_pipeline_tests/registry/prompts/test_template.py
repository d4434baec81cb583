from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.registry.prompts.template import mistakes, placeholders


def test_placeholders_are_names_in_braces_each_once() -> None:
    assert placeholders("{position} {a} {position}") == ("position", "a")


def test_other_braces_are_braces() -> None:
    assert placeholders('{"move": "UP"} {} { position } {A} {{x}} {1}') == ("x",)


def test_a_name_nobody_fills_in_is_a_mistake_with_its_place() -> None:
    found = list(mistakes("{position}\n\n  {positon}", {"position", "memory"}, first_line=6))

    assert [(one.line, one.column) for one in found] == [(8, 3)]
    assert "'position'" in found[0].what
    assert "memory, position" in found[0].what


def test_a_text_without_the_position_is_a_mistake() -> None:
    (one,) = mistakes("Play!", None)

    assert "{position} is missing" in one.what


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    list(mistakes(text, {"position"}))
