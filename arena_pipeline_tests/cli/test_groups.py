"""Groups: a line that names none of its commands means the first one."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_of_a_group_shows_its_own_options_and_its_commands(
    arena: Arena, option: str
) -> None:
    ran = arena("models", option)

    assert ran.code == 0
    assert "Usage: arena models [OPTIONS] [SLUG] | COMMAND [ARGS]..." in ran.out
    for part in ("--max-price", "--why", "deactivate", "reset"):
        assert part in ran.out
    assert "│ show " not in ran.out


def test_help_among_options_is_the_help_of_the_group(arena: Arena) -> None:
    assert arena("models", "--free", "--help").out == arena("models", "--help").out


def test_a_command_of_a_group_has_help_of_its_own(arena: Arena) -> None:
    assert "Usage: arena models deny [OPTIONS] {SLUG}..." in arena("models", "deny", "--help").out


def test_a_wrong_option_names_the_help_of_the_group(arena: Arena) -> None:
    ran = arena("models", "--gratis")

    assert (ran.code, ran.out) == (2, "")
    assert "(arena models --help shows how it is used)" in ran.err


def test_a_word_that_is_no_command_of_a_group_without_arguments_is_a_wrong_call(
    arena: Arena,
) -> None:
    ran = arena("catalog", "lug")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "No such command 'lug'. Did you mean 'log'?" in ran.err


def test_the_data_folder_reaches_a_command_of_a_group(arena: Arena, tmp_path: Path) -> None:
    before = arena("--data-dir", tmp_path / "a", "catalog", "log")
    after = arena("catalog", "log", "--data-dir", tmp_path / "a")

    assert before.err == after.err
    assert f"There is no arena in {tmp_path / 'a'} yet" in before.err


@pytest.mark.parametrize(
    "words",
    [
        ("models",),
        ("models", "list"),
        ("models", "list", "--free"),
        ("catalog", "list"),
        ("models", "a/one"),
        ("models", "--free"),
        ("catalog",),
        ("catalog", "--limit", "3"),
        ("agents",),
    ],
)
def test_a_group_does_what_its_first_command_does(
    arena: Arena, fresh_dir: Path, words: tuple[str, ...]
) -> None:
    ran = arena(*words)

    assert (ran.code, ran.out) == (1, "")
    assert f"There is no arena in {fresh_dir} yet" in ran.err
