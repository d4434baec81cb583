"""Calls sealed into the replay: all that is known of them, word for word, and their sums."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches import replay
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions, play
from arena_pipeline.matches.sealing import payload_in
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Participant
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches.thinking import add_calls, calls_of, match_row, thinking

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)

CALLS = [
    {
        "step": 0, "slot": 0, "attempt": 1, "error_kind": "server", "cost_counted": Decimal("0.25"),
        "payload": '{"request": {"n": 1e2}, "response": "<html>\\u0000"}',
    },
    {
        "step": 0, "slot": 0, "attempt": 2, "prompt_tokens": 700, "completion_tokens": 30,
        "cost_counted": Decimal("0.5"),
        "payload": '{"request": {}, "response": {"usage": {"cost": 0.10}}}',
    },
    {
        "step": 1, "slot": 0, "prompt_tokens": 800, "completion_tokens": 40,
        "cost_counted": Decimal("0.000000000001"), "payload": None,
    },
    {"step": 1, "slot": 1, "cost_counted": Decimal("2"), "payload": "no JSON {"},
]  # fmt: skip


@pytest.fixture
def duel(store: Store) -> MatchPlan:
    return plan(store, list(add_agents(store, "anna", "bert").values()), seed=12)


@pytest.fixture
def called(store: Store, recorder: Recorder, duel: MatchPlan) -> FinishedMatch:
    """A journaled match, finished but not recorded, with calls in the ledger."""
    finished = asyncio.run(play(recorder, duel, thinking(duel), OPTIONS))
    add_calls(store, duel.uuid, CALLS)
    return finished


def read(recorder: Recorder, uuid: str) -> dict[str, object]:
    row = match_row(recorder.store, uuid)
    return replay.read(recorder.replay_dir, row.replay_path, row.replay_digest)


def turn_calls(recorder: Recorder, uuid: str, step: int, slot: int) -> list[dict[str, object]]:
    document: dict = read(recorder, uuid)  # type: ignore[type-arg]
    found: list[dict[str, object]] = document["steps"][step]["turns"][str(slot)]["calls"]
    return found


def test_the_replay_tells_every_attempt_and_still_verifies(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    recorder.record([called])

    failed, answered = turn_calls(recorder, called.uuid, 0, 0)
    assert (failed["attempt"], failed["error_kind"]) == (1, "server")
    assert failed["payload"] == {"request": {"n": 100.0}, "response": "<html>\0"}
    assert (answered["prompt_tokens"], answered["cost_counted"]) == (700, "0.5")
    assert turn_calls(recorder, called.uuid, 1, 1)[0]["payload"] == "no JSON {"
    assert "payload" not in turn_calls(recorder, called.uuid, 1, 0)[0]
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"]


def test_payloads_leave_the_store_and_their_rows_say_where_they_lie(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    recorder.record([called])

    path = match_row(store, called.uuid).replay_path
    rows = calls_of(store, called.uuid)
    assert [row.payload for row in rows] == [None] * 4
    assert [row.payload_at for row in rows] == [
        f"replay:{path}#0/0/1",
        f"replay:{path}#0/0/2",
        None,
        f"replay:{path}#1/1/1",
    ]
    assert payload_in(recorder.replay_dir, str(rows[1].payload_at)) == {
        "request": {},
        "response": {"usage": {"cost": 0.1}},
    }
    with pytest.raises(ReplayError, match="There is no call at"):
        payload_in(recorder.replay_dir, f"replay:{path}#0/0/9")


def test_costs_and_tokens_are_those_of_all_attempts(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    recorder.record([called])

    with store.read() as connection:
        seats: Sequence[object] = connection.execute(
            select(Participant.cost, Participant.input_tokens, Participant.output_tokens).order_by(
                Participant.slot
            )
        ).all()
    assert list(map(tuple, seats)) == [  # type: ignore[arg-type]
        (Decimal("0.750000000001"), 1500, 70),
        (Decimal(2), None, None),
    ]
    assert match_row(store, called.uuid).cost == Decimal("2.750000000001")


def test_where_payloads_are_not_wanted_they_are_nowhere(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    sparing = Recorder(store, recorder.replay_dir, keep_payloads=False)

    sparing.record([called])

    rows = calls_of(store, called.uuid)
    assert [(row.payload, row.payload_at) for row in rows] == [(None, None)] * 4
    assert all("payload" not in call for call in turn_calls(recorder, called.uuid, 0, 0))
    assert len(turn_calls(recorder, called.uuid, 0, 0)) == 2


def test_a_payload_that_comes_after_the_sealing_stays_in_the_store(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    recorder.record([called])
    with store.write() as connection:
        connection.execute(
            update(LlmCall).where(LlmCall.step == 1, LlmCall.slot == 0).values(payload="{}")
        )

    assert recorder.record([called]) == []

    late = calls_of(store, called.uuid)[2]
    assert (late.payload, late.payload_at) == ("{}", None)


def test_a_call_for_a_turn_that_never_was_keeps_its_payload(
    store: Store, recorder: Recorder, called: FinishedMatch
) -> None:
    add_calls(store, called.uuid, [{"step": 900, "slot": 0}])

    recorder.record([called])

    assert calls_of(store, called.uuid)[-1].payload is not None


def test_a_replay_without_calls_is_byte_for_byte_what_it_was(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    finished = asyncio.run(play(recorder, duel, thinking(duel), OPTIONS))

    recorder.record([finished])

    sealed = replay.seal(finished)
    assert match_row(store, duel.uuid).replay_digest == sealed.digest
    assert b'"calls"' not in replay.unpack(sealed.content, "it").__repr__().encode()
