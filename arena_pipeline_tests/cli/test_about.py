"""`arena settings` and `arena version`."""

from pathlib import Path

import pytest

from arena_pipeline import __version__
from arena_pipeline.settings import Settings
from arena_pipeline_tests.cli.conftest import Arena

SECRET = "postgresql://arena:hunter2@db.example/arena"


def by_name(arena: Arena) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in arena("settings", "--json").document["settings"]}


def test_every_setting_is_shown_with_value_source_and_meaning(arena: Arena) -> None:
    shown = by_name(arena)

    assert list(shown) == list(Settings.model_fields)
    assert shown["port"] == {
        "name": "port",
        "env": "ARENA_PORT",
        "value": 3000,
        "source": "default",
        "meaning": "Port of the Dagster UI.",
    }


def test_a_value_says_where_it_comes_from(
    arena: Arena, fresh_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "arena.toml").write_text("port = 4000\n")
    monkeypatch.chdir(tmp_path)

    shown = by_name(arena)

    assert (shown["port"]["value"], shown["port"]["source"]) == (4000, "arena.toml")
    assert (shown["data_dir"]["value"], shown["data_dir"]["source"]) == (
        str(fresh_dir),
        "environment",
    )


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_a_password_is_never_shown(
    arena: Arena, option: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATABASE_URL", SECRET)

    ran = arena("settings", *option)

    assert "db.example" in ran.out
    assert "hunter2" not in ran.out + ran.err


def test_the_readme_table_has_no_value_of_this_machine(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATABASE_URL", SECRET)

    assert "db.example" not in arena("settings", "--markdown").out


def test_the_version_is_the_package_s(arena: Arena) -> None:
    assert arena("version").out.startswith(f"arena {__version__}, Python 3.")
    assert arena("version", "--json").document["version"] == __version__


def test_no_name_of_a_setting_is_broken_at_80_columns(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    words = set(arena("settings").out.split())

    assert {f"ARENA_{name.upper()}" for name in Settings.model_fields} <= words
