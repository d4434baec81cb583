"""The command tree: complete, explained, and alike in what every command has."""

import subprocess
import sys
from pathlib import Path

import pytest

from arena_pipeline.cli.groups import HELP_ORDER
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.tree import COMMANDS, LEAVES

SLOW = {"dagster", "pandas", "pyarrow", "numba", "altair", "sqlalchemy", "pydantic", "numpy"}


def test_the_help_lists_every_command_in_the_order_of_use(arena: Arena) -> None:
    shown = arena().out

    assert sorted(COMMANDS) == sorted(HELP_ORDER)
    places = [shown.index(f"│ {name} ") for name in HELP_ORDER]
    assert places == sorted(places)


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_and_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    command = LEAVES[path]

    assert command.help
    assert [one.name for one in command.params if not one.help] == []


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_takes_json_and_data_dir(path: tuple[str, ...]) -> None:
    options = {option for one in LEAVES[path].params for option in one.opts}

    assert {"--json", "--data-dir"} <= options


@pytest.mark.parametrize("path", [path for path in LEAVES if len(path) > 1])
def test_a_group_s_help_names_every_command_of_it(arena: Arena, path: tuple[str, ...]) -> None:
    shown = arena(path[0], "--help").out

    assert COMMANDS[path[0]].help
    assert (f"│ {path[1]} " in shown) != LEAVES[path].hidden


def test_arena_alone_shows_the_help(arena: Arena) -> None:
    ran = arena()

    assert ran.code == 0
    assert "Usage: arena" in ran.out


def test_the_data_folder_may_be_named_before_or_after_the_command(
    arena: Arena, tmp_path: Path
) -> None:
    before = arena("--data-dir", tmp_path / "a", "settings", "--json").document["settings"]
    after = arena("settings", "--data-dir", tmp_path / "a", "--json").document["settings"]

    assert before == after
    assert (before[0]["value"], before[0]["source"]) == (str(tmp_path / "a"), "--data-dir")


def test_nothing_slow_is_imported_for_the_help() -> None:
    program = (
        "import sys; from arena_pipeline.cli import main; main(['--help']); "
        f"sys.exit(', '.join({SLOW!r} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
