"""Imports are verified from their recorded chance, and a reason holds only where the replay shows
it.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from arena_pipeline.errors import ReplayError
from arena_pipeline.games.protocol import GameError
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import (
    Status,
    Verification,
    check_replay,
    verify_matches,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import play, written
from arena_pipeline_tests.importers.snakebench.stored import document_of, store_file

Forge = Callable[[dict[str, Any]], object]

OLD = makers.STARTS["v0a"]

EXPLAINED = {
    "same_turn_apple_respawn": lambda: makers.v0b_rewritten(makers.play_with_respawn(1)),
    "double_shifted_history": lambda: makers.double_shifted(play(5, start=OLD)),
    "shifted_moves": lambda: makers.shifted(play(5, start=OLD)),
    "leading_move": lambda: makers.with_leading_move(play(5, start=OLD)),
}


def verify(store: Store, recorder: Recorder) -> Verification:
    (found,) = verify_matches(store, recorder.replay_dir)
    return found


def say(store: Store, verification: str | None) -> None:
    """Have the store tell something else of the only match."""
    with store.write() as connection:
        connection.execute(update(Match).values(verification=verification))


@pytest.mark.parametrize("layout", ["v0b_native", "v1_native"])
def test_an_import_is_verified_from_its_recorded_draws(
    store: Store, recorder: Recorder, layout: str
) -> None:
    uuid = store_file(store, recorder, makers.make(layout, 4))

    assert verify(store, recorder) == Verification(uuid, Status.VERIFIED)


@pytest.mark.parametrize("layout", [*makers.V0, *makers.V1])
def test_the_replay_tells_where_the_match_came_from(layout: str) -> None:
    content = makers.make(layout, 4)

    document = document_of(content)

    match = document["match"]
    assert (match["seed"], match["instance"]) == (None, document["initial"])
    assert match["draws"]
    assert match["source"] == {
        "system": "snakebench",
        "layout": layout,
        "digest": hashlib.sha256(content).hexdigest(),
    }
    check_replay(document)


def test_a_match_without_times_has_a_replay_too(store: Store, recorder: Recorder) -> None:
    document = makers.v0b_native(play(4))
    document["metadata"].update(start_time=None, end_time=None)
    store_file(store, recorder, written(document))

    assert verify(store, recorder).status == "verified"


@pytest.mark.parametrize("reason", EXPLAINED)
def test_a_reason_that_the_replay_shows_explains_it(
    store: Store, recorder: Recorder, reason: str
) -> None:
    uuid = store_file(store, recorder, written(EXPLAINED[reason]()))

    found = verify(store, recorder)

    assert (found.uuid, found.status, found.reason) == (uuid, "explained", reason)


@pytest.mark.parametrize("reason", EXPLAINED)
def test_a_reason_that_the_replay_does_not_show_is_a_failure(reason: str) -> None:
    with pytest.raises(ReplayError, match=f"does not show '{reason}'"):
        check_replay(document_of(makers.make("v0b_native", 4)), reason)


@pytest.mark.parametrize("reason", ["solar_flare", "header_only"])
def test_a_reason_without_a_check_explains_nothing(reason: str) -> None:
    with pytest.raises(ReplayError, match=f"Nothing in a replay can show that '{reason}'"):
        check_replay(document_of(makers.make("v0b_native", 4)), reason)


def test_a_leading_move_that_the_store_is_silent_of_is_a_failure(
    store: Store, recorder: Recorder
) -> None:
    store_file(store, recorder, written(makers.with_leading_move(play(5, start=OLD))))
    say(store, "verified")

    assert "outcome is not what the rules give" in str(verify(store, recorder).detail)


@pytest.mark.parametrize("reason", sorted(EXPLAINED.keys() - {"leading_move"}))
def test_a_reason_that_the_store_is_silent_of_is_a_failure(
    store: Store, recorder: Recorder, reason: str
) -> None:
    store_file(store, recorder, written(EXPLAINED[reason]()))
    say(store, "verified")

    found = verify(store, recorder)

    assert found.status == "failed"
    assert "but the store says that it fits word for word" in str(found.detail)


def test_an_unexplained_match_fails_with_its_first_gap(store: Store, recorder: Recorder) -> None:
    document = makers.v0b_native(play(4))
    document["rounds"][2]["apples"][0] = document["rounds"][2]["snake_positions"]["1"][0]
    store_file(store, recorder, written(document))

    found = verify(store, recorder)

    assert found.status == "failed"
    assert "never fitted the rules: turn 1: the apples are not what" in str(found.detail)


def test_a_header_has_no_replay_and_says_why(store: Store, recorder: Recorder) -> None:
    store_file(store, recorder, makers.make("v0a", 4))
    say(store, "header_only")
    with store.write() as connection:
        connection.execute(
            update(Match).values(
                replay_path=None, replay_digest=None, replay_missing="only its header was published"
            )
        )

    found = verify(store, recorder)

    assert (found.status, found.detail) == ("no_replay", "only its header was published")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d["match"]["draws"].pop(), "draws are recorded and the rules ask for another"),
        (lambda d: d["match"]["draws"].append(0), "1 draws that nothing needs"),
        (lambda d: d["match"]["draws"].__setitem__(0, 10_000), "Draw 0 is 10000"),
        (lambda d: d["match"]["draws"].__setitem__(0, "1"), "Draw 0 is '1'"),
        (lambda d: d["match"].pop("draws"), "neither a seed nor recorded draws"),
        (lambda d: d["match"]["instance"]["apples"].pop(), "initial state"),
    ],
)
def test_a_forged_import_is_named_with_what_is_wrong(change: Forge, complaint: str) -> None:
    document = document_of(makers.make("v0b_native", 4))
    change(document)

    with pytest.raises((ReplayError, GameError), match=complaint):
        check_replay(document)


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("double_shifted_history", lambda d: d["steps"][0]["turns"]["0"].pop("extra")),
        (
            "shifted_moves",
            lambda d: [
                step["turns"][slot].update(extra={"derived": True})
                for step in d["steps"]
                for slot in step["actions"]
            ],
        ),
    ],
)
def test_marks_of_derived_moves_must_be_those_of_the_reason(reason: str, change: Forge) -> None:
    document = document_of(written(EXPLAINED[reason]()))
    check_replay(document, reason)
    change(document)

    with pytest.raises(ReplayError, match=f"does not show '{reason}'"):
        check_replay(document, reason)


def test_a_match_of_another_source_than_the_store_says_fails(
    store: Store, recorder: Recorder
) -> None:
    store_file(store, recorder, makers.make("v0b_native", 4))
    with store.write() as connection:
        connection.execute(update(Match).values(source_digest="0" * 64))

    assert "source_digest in the store" in str(verify(store, recorder).detail)
