"""Verification names every replay that is not what the rules, or the store, say."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import select, update

from arena_pipeline.matches import replay
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import Verification, verify_matches
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant
from arena_pipeline_tests.agents import NOON, add_agents, finished_match

Forge = Callable[[dict[str, Any]], object]


@pytest.fixture
def recorded(store: Store, recorder: Recorder) -> str:
    """The uuid of a match with several steps."""
    agents = list(add_agents(store, "anna", "bert").values())
    match = next(
        match
        for match in (finished_match(store, agents, seed=seed) for seed in range(100))
        if len(match.steps) > 4
    )
    recorder.record([match])
    return match.uuid


def verify(store: Store, recorder: Recorder, *uuids: str) -> Verification:
    (found,) = verify_matches(store, recorder.replay_dir, uuids or None)
    return found


def forge(store: Store, recorder: Recorder, change: Forge) -> None:
    """Change a replay and put the new digest into the store, as a careful forger would."""
    with store.read() as connection:
        row = connection.execute(select(Match.__table__)).one()
    document = replay.read(recorder.replay_dir, row.replay_path, row.replay_digest)
    change(document)
    content = zstandard.compress(msgspec.json.encode(document))
    (recorder.replay_dir / row.replay_path).write_bytes(content)
    with store.write() as connection:
        connection.execute(update(Match).values(replay_digest=hashlib.sha256(content).hexdigest()))


def turn_snake(document: dict[str, Any]) -> None:
    actions = document["steps"][1]["actions"]
    actions["0"] = "LEFT" if actions["0"] != "LEFT" else "RIGHT"


def test_an_untouched_replay_is_verified(store: Store, recorder: Recorder, recorded: str) -> None:
    assert verify(store, recorder) == Verification(recorded, verify(store, recorder).status)
    assert verify(store, recorder, recorded).status == "verified"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (turn_snake, "step 1 is not what the rules give"),
        (lambda d: d["steps"][2]["state"]["scores"].__setitem__(0, 99), "state after step 2"),
        (lambda d: d["initial"]["apples"].pop(), "initial state"),
        (lambda d: d["steps"][0]["events"].append({"type": "gift"}), "events of step 0"),
        (lambda d: d["match"].update(seed=12345), "seed in the store"),
        (lambda d: d["steps"].pop(), "rounds in the store"),
        (lambda d: d["outcome"].update(ended_by="boredom"), "ended_by in the store"),
        (lambda d: d["outcome"]["players"][0].update(score=77), "total_score in the store"),
        (lambda d: d["match"].update(uuid="0" * 36), "uuid"),
        (lambda d: d.pop("steps"), "lacks what a replay has"),
        (lambda d: d["match"].update(game="chess9"), "There is no game 'chess9'"),
        (lambda d: d["match"].update(rule_version="1066"), "rule_version in the store"),
        (lambda d: d.update(format="other"), "not in the format"),
        (lambda d: d.update(version=99), "has version 99"),
        (lambda d: d["steps"][1]["actions"].update({"0": "FLY"}), "FLY"),
        (lambda d: d["steps"][1]["actions"].update({"7": "UP"}), "7"),
        (lambda d: d.update(steps=7), "lacks what a replay has"),
    ],
)
def test_a_forged_replay_is_named_with_what_is_wrong(
    store: Store, recorder: Recorder, recorded: str, change: Forge, complaint: str
) -> None:
    forge(store, recorder, change)

    found = verify(store, recorder)

    assert (found.uuid, found.status) == (recorded, "failed")
    assert complaint in str(found.detail)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("score", 50.0),
        ("reward", 0.25),
        ("result", "tied"),
        ("placement", 7),
        ("name", "somebody"),
        ("team", "reds"),
        ("death_round", 77),
        ("death_reason", "boredom"),
        ("faults", {"timeout": 3}),
        ("agent_faults", 3),
        ("gateway_faults", 3),
        ("metrics", {"x": 1}),
    ],
)
def test_an_altered_participant_does_not_fit_its_replay(
    store: Store, recorder: Recorder, recorded: str, column: str, value: object
) -> None:
    with store.write() as connection:
        connection.execute(update(Participant).where(Participant.slot == 0).values({column: value}))

    assert f"{column} of slot 0 in the store" in str(verify(store, recorder).detail)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("total_score", 99.0),
        ("winning_team", "reds"),
        ("ended_by", "boredom"),
        ("rule_version", "1066"),
        ("rounds", 1),
        ("seed", 7),
        ("purpose", "placement"),
        ("started_at", NOON + timedelta(days=1)),
    ],
)
def test_an_altered_row_of_a_match_does_not_fit_its_replay(
    store: Store, recorder: Recorder, recorded: str, column: str, value: object
) -> None:
    with store.write() as connection:
        connection.execute(update(Match).values({column: value}))

    assert f"{column} in the store" in str(verify(store, recorder).detail)


def test_a_path_taken_out_of_the_store_is_no_excuse(
    store: Store, recorder: Recorder, recorded: str
) -> None:
    with store.write() as connection:
        connection.execute(update(Match).values(replay_path=None))

    assert verify(store, recorder).status == "failed"


def test_a_path_that_leads_out_of_the_folder_is_not_read(
    store: Store, recorder: Recorder, recorded: str
) -> None:
    with store.write() as connection:
        connection.execute(update(Match).values(replay_path="../../../etc/passwd"))

    assert "leads out of the replay folder" in str(verify(store, recorder).detail)


def test_garbage_is_named(store: Store, recorder: Recorder, recorded: str) -> None:
    garbage = b"this is no replay"
    with store.write() as connection:
        path = connection.scalar(select(Match.replay_path))
        connection.execute(update(Match).values(replay_digest=hashlib.sha256(garbage).hexdigest()))
    (recorder.replay_dir / str(path)).write_bytes(garbage)

    assert "is damaged" in str(verify(store, recorder).detail)


def test_a_match_without_a_replay_says_why(store: Store, recorder: Recorder, recorded: str) -> None:
    with store.write() as connection:
        connection.execute(
            update(Match).values(
                replay_path=None, replay_digest=None, replay_missing="only its header is known"
            )
        )

    found = verify(store, recorder)

    assert (found.status, found.detail) == ("no_replay", "only its header is known")


def test_a_match_nobody_knows_is_named(store: Store, recorder: Recorder, recorded: str) -> None:
    found = verify(store, recorder, "nonsense")

    assert (found.uuid, found.status) == ("nonsense", "failed")


def test_a_compression_bomb_is_refused(
    store: Store, recorder: Recorder, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_LARGEST", 1000)

    assert "unpacks to more than" in str(verify(store, recorder).detail)
