"""`arena warehouse`."""

import fcntl
import threading
from pathlib import Path

from arena_pipeline_tests.cli.conftest import MATCHES, Arena


def test_it_builds_and_says_what_there_is(arena: Arena, played_dir: Path) -> None:
    ran = arena("warehouse")

    assert ran.code == 0
    assert f"matches {MATCHES} " in ran.out
    assert len(ran.out.splitlines()) < 6
    assert "Built in full" in ran.out
    assert (played_dir / "warehouse" / "arena.duckdb").is_file()


def test_the_document_says_what_was_read_and_taken_over(arena: Arena, played_dir: Path) -> None:
    first = arena("warehouse", "--json").document
    second = arena("warehouse", "--json").document
    whole = arena("warehouse", "--full", "--moves", "--json").document

    assert (first["kind"], second["kind"], whole["kind"]) == ("full", "incremental", "full")
    assert (second["rebuilt"], second["kept"]) == (0, first["rebuilt"])
    assert first["tables"]["matches"] == MATCHES
    assert (first["tables"]["moves"], first["problems"], first["notes"]) == (0, [], [])
    assert whole["tables"]["moves"] > 0
    assert whole["path"] == str(played_dir / "warehouse" / "arena.duckdb")


def test_a_replay_that_can_t_be_read_is_told_and_the_rest_is_there(
    arena: Arena, played_dir: Path
) -> None:
    next((played_dir / "replays").rglob("*.zst")).unlink()

    ran = arena("warehouse", "--moves")

    assert ran.code == 1
    assert "is missing" in ran.err
    assert "1 replay could not be read." in ran.err
    assert (played_dir / "warehouse" / "arena.duckdb").is_file()


def test_who_has_to_wait_is_told(arena: Arena, played_dir: Path) -> None:
    lock = played_dir / "warehouse" / ".lock"
    lock.parent.mkdir()
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        release = threading.Timer(0.5, fcntl.flock, (file, fcntl.LOCK_UN))
        release.start()
        ran = arena("warehouse")
        release.join()

    assert ran.code == 0
    assert "Another build is under way" in ran.err


def test_without_an_arena_it_says_how_to_make_one(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("warehouse")

    assert ran.code == 1
    assert "arena up" in ran.err
