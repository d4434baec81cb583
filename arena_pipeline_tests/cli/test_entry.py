"""What goes wrong ends as one sentence and an exit code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arena_pipeline.cli.entry import explain
from arena_pipeline.games.protocol import SettingsError
from arena_pipeline.store import open_store
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.tree import LEAVES

ARENA = (sys.executable, "-c", "import sys; from arena_pipeline.cli import main; sys.exit(main())")


def test_an_arena_that_is_not_there_is_one_sentence_saying_how_to_make_it(
    arena: Arena, fresh_dir: Path
) -> None:
    ran = arena("leaderboard")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"arena: There is no arena in {fresh_dir} yet; run: arena up --no-serve\n"


def test_with_json_an_error_is_the_document(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("leaderboard", "--json")

    assert (ran.code, ran.err) == (1, "")
    assert list(ran.document) == ["error"]


@pytest.mark.parametrize("arguments", [("ledger",), ("models", "--gratis"), ("play",)])
def test_a_wrong_call_is_one_sentence_naming_the_help(
    arena: Arena, arguments: tuple[str, ...]
) -> None:
    ran = arena(*arguments)

    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "--help shows how it is used" in ran.err


def test_a_wrong_call_with_json_is_a_document_too(arena: Arena) -> None:
    ran = arena("models", "--gratis", "--json")

    assert (ran.code, ran.err) == (2, "")
    assert "--gratis" in ran.document["error"]


NEEDED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("play",): ("random", "random"),
    ("up",): ("--no-serve",),
    ("practice",): ("--no-serve",),
    ("prices",): ("a/one",),
    ("estimate",): ("a/one",),
    ("restore",): ("x.tar",),
    ("void",): ("01234567", "--reason", "x"),
    ("unvoid",): ("01234567",),
    ("store", "copy"): ("sqlite:///copy.sqlite3",),
    ("sql",): ("FROM guide",),
    ("import", "snakebench"): (".",),
    ("verify-ratings",): ("stats.json",),
    ("agents", "add"): ("x", "--policy", "greedy"),
    ("agents", "disable"): ("x",),
    ("agents", "enable"): ("x",),
    ("prompts", "show"): ("snake",),
    ("prompts", "diff"): ("snake", "snake"),
    ("prompts", "fork"): ("snake", "mine"),
    ("prompts", "add"): ("x.md",),
    ("prompts", "activate"): ("snake",),
    ("prompts", "deactivate"): ("snake",),
    **{
        ("models", act): ("a/one",)
        for act in ("allow", "deny", "activate", "deactivate", "retire", "reset")
    },
}
"""What a command can't be called without here."""

STORELESS = {("settings",), ("version",), ("doctor",), ("practice-server",)}


@pytest.mark.parametrize("path", [path for path in LEAVES if path != ("version",)])
def test_with_json_a_setting_that_cannot_be_used_is_every_command_s_document(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ARENA_PORT", "none")

    ran = arena(*path, *NEEDED.get(path, ()), "--json")

    assert (ran.code, ran.err) == (1, "")
    assert "ARENA_PORT" in ran.document["error"]


@pytest.mark.parametrize("path", [path for path in LEAVES if path not in STORELESS])
def test_with_json_a_store_that_cannot_be_had_is_every_command_s_document(
    arena: Arena, fresh_dir: Path, path: tuple[str, ...]
) -> None:
    fresh_dir.write_text("a file where the folder should be")

    ran = arena(*path, *NEEDED.get(path, ()), "--json")

    assert (ran.code, ran.err) == (1, "")
    assert str(fresh_dir) in ran.document["error"]


def test_a_setting_that_cannot_be_used_is_named(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_PORT", "none")

    ran = arena("leaderboard")

    assert ran.code == 1
    assert ran.err.startswith("arena: ARENA_PORT: ")


def test_a_damaged_store_is_one_sentence(arena: Arena, played_dir: Path) -> None:
    (played_dir / "arena.sqlite3").write_bytes(b"no database at all" * 100)

    ran = arena("leaderboard")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "not a database" in ran.err


def test_a_store_of_a_newer_version_is_one_sentence(arena: Arena, played_dir: Path) -> None:
    store = open_store(f"sqlite:///{played_dir / 'arena.sqlite3'}")
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE arena_version SET version_num = '9999'")
    store.close()

    ran = arena("leaderboard")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "newer than this program knows" in ran.err


def test_what_a_game_or_the_system_refuses_is_a_sentence() -> None:
    assert explain(SettingsError("A board needs cells.")) == "A board needs cells."
    assert explain(FileNotFoundError(2, "No such file", "x.json")) == "x.json: No such file"


def test_a_mistake_of_the_program_keeps_its_traceback() -> None:
    assert explain(KeyError("x")) is None


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    ends = os.pipe()
    os.close(ends[0])

    done = subprocess.run(
        [*ARENA, "settings", "--json"],
        check=False,
        stdout=ends[1],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    os.close(ends[1])

    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_ends_a_command_quietly(fresh_dir: Path, models_file: Path) -> None:
    command = [*ARENA, "play", "random", "random", "--games", "2000", "--watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as playing:
        assert playing.stdout is not None
        assert playing.stdout.readline().startswith("Round 1")
        playing.send_signal(signal.SIGINT)
        _, errors = playing.communicate(timeout=60)

    assert (playing.returncode, errors) == (130, "")
