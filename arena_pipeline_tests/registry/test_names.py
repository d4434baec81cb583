import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.registry.names import LONGEST_ALIAS, alias_like, check_alias, nearest


def test_the_nearest_names_are_offered() -> None:
    assert nearest("gredy", ["greedy", "random"]) == "; did you mean 'greedy'?"
    assert nearest("GREEDY", ["Greedy"]) == "; did you mean 'Greedy'?"


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert nearest("zzz", ["greedy", "random"]) == ""
    assert nearest("nobody", ["flood", "random"]) == ""


@pytest.mark.parametrize("alias", ["a", "gpt-5-mini", "vendor/Model-1.5:free", "a+b_c"])
def test_what_can_be_an_alias_is_taken_as_it_is(alias: str) -> None:
    assert check_alias(alias) == alias_like(alias) == alias


@pytest.mark.parametrize("text", ["", "a@2", "-a", "a/../b", "a b", "\u00fc", "a\n", "x" * 101])
def test_what_can_be_no_alias_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no alias"):
        check_alias(text)


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("Z.AI: GLM 4 32B ", "Z.AI:-GLM-4-32B"),
        ("low@2", "low-2"),
        ("../up", "up"),
        ("_x", "x"),
    ],
)
def test_a_name_from_elsewhere_becomes_the_nearest_alias(text: str, alias: str) -> None:
    assert alias_like(text) == alias


@given(st.text(max_size=LONGEST_ALIAS * 2))
def test_whatever_is_made_of_a_name_is_an_alias_or_refused(text: str) -> None:
    try:
        alias = alias_like(text)
    except ValueError:
        return

    assert check_alias(alias) == alias == alias_like(alias)
