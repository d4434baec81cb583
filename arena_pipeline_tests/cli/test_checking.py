"""`arena verify` and `arena doctor`."""

from pathlib import Path

from sqlalchemy import select

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.cli.conftest import MATCHES, Arena
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.stored import store_file


def some_match(store: Store) -> tuple[str, str]:
    """Uuid and replay path of one match."""
    with store.read() as connection:
        uuid, path = connection.execute(select(Match.uuid, Match.replay_path).limit(1)).one()
    assert path is not None
    return uuid, path


def test_sound_replays_verify(arena: Arena, played_dir: Path) -> None:
    ran = arena("verify")

    assert (ran.code, ran.out) == (0, f"{MATCHES} matches verified, 0 failed.\n")


def test_a_tampered_replay_is_named_and_fails(
    arena: Arena, played_dir: Path, played_store: Store
) -> None:
    uuid, path = some_match(played_store)
    with (played_dir / "replays" / path).open("ab") as file:
        file.write(b"more")

    ran = arena("verify")

    assert ran.code == 1
    assert f"{uuid} Replay {path} was altered" in ran.out
    assert f"{MATCHES - 1} matches verified, 1 failed." in ran.out


def test_verifying_as_json_lists_each_failure(
    arena: Arena, played_dir: Path, played_store: Store
) -> None:
    uuid, path = some_match(played_store)
    (played_dir / "replays" / path).unlink()

    ran = arena("verify", "--json")

    assert ran.code == 1
    assert (ran.document["verified"], ran.document["failed"]) == (MATCHES - 1, 1)
    assert [failure["uuid"] for failure in ran.document["failures"]] == [uuid]


def explained_match(played_dir: Path, played_store: Store) -> str:
    """The uuid of an import that holds by a reason."""
    content = makers.written(makers.v0a(makers.play_with_respawn(1)))
    return store_file(played_store, Recorder(played_store, played_dir / "replays"), content)


def test_an_import_that_holds_by_a_reason_is_named_and_no_failure(
    arena: Arena, played_dir: Path, played_store: Store
) -> None:
    uuid = explained_match(played_dir, played_store)

    ran = arena("verify")

    assert ran.code == 0
    assert f"{MATCHES} matches verified, 1 explained, 0 failed." in ran.out
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["same_turn_apple_respawn", uuid] in lines
    assert ["same_turn_apple_respawn", "1"] in lines


def test_verifying_as_json_lists_what_holds_by_a_reason(
    arena: Arena, played_dir: Path, played_store: Store
) -> None:
    uuid = explained_match(played_dir, played_store)

    ran = arena("verify", "--json")

    assert (ran.code, ran.document["verified"], ran.document["failed"]) == (0, MATCHES, 0)
    assert ran.document["explained"] == [{"uuid": uuid, "reason": "same_turn_apple_respawn"}]


def test_matches_may_be_named_and_an_unknown_one_fails(
    arena: Arena, played_dir: Path, played_store: Store
) -> None:
    uuid, _ = some_match(played_store)

    assert arena("verify", uuid).out == "1 matches verified, 0 failed.\n"
    assert arena("verify", "nobody").code == 1


def test_a_sound_arena_is_healthy(arena: Arena, played_dir: Path) -> None:
    ran = arena("doctor", "--json")

    assert ran.code == 0
    assert ran.document["healthy"] is True
    assert {one["health"] for one in ran.document["findings"]} <= {"ok", "warn"}


def test_the_doctor_says_what_to_do(arena: Arena, played_store: Store) -> None:
    with played_store.write() as connection:
        connection.exec_driver_sql("UPDATE standings SET top_score = 99 WHERE matches > 0")

    ran = arena("doctor")

    assert ran.code == 1
    assert "fail  ratings" in ran.out
    assert "-> arena recompute --ladder snake" in ran.out


def test_the_doctor_examines_what_there_is_of_an_arena_never_started(
    arena: Arena, fresh_dir: Path
) -> None:
    ran = arena("doctor")

    assert ran.code == 1
    assert "ok    disk" in ran.out
    assert "There is no arena in" in ran.out
    assert not fresh_dir.exists()
