"""Somebody's own loop through the recorder's verbs, and the journal of costly matches."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import Outcome, PlayerOutcome, Result
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.matches.journal import LeaseLost
from arena_pipeline.matches.plan import Entrant, TurnRecord
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Match,
    Standing,
    Turn,
)
from arena_pipeline_tests.agents import add_agents, finished_match, plan
from arena_pipeline_tests.matches.looking import count


@pytest.fixture
def agents(store: Store) -> dict[str, Entrant]:
    return add_agents(store, "anna", "bert", "cleo")


def opened(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], owner: str | None, seed: int = 9
) -> OpenMatch:
    finished = finished_match(store, [agents["anna"], agents["bert"]], seed=seed)
    return recorder.open(
        finished.plan,
        finished.seats,
        finished.initial,
        journal_owner=owner,
        lease=timedelta(hours=1),
    )


WON = Outcome(
    (PlayerOutcome(Result.WON, 1, 3.0), PlayerOutcome(Result.LOST, 2, 1.0)), ended_by="last_alive"
)


@pytest.mark.parametrize("owner", [None, "me"])
def test_somebodys_own_loop_records_a_match(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], owner: str | None
) -> None:
    match = opened(store, recorder, agents, owner)
    for slot in (0, 1):
        match.append(TurnRecord(0, slot, "UP", rationale="because \0 of <b>this</b>"))
    match.advance([], {"any": "state"})

    assert recorder.finish(match, WON)
    assert not recorder.finish(match, WON)

    assert count(store, Match) == 1
    assert count(store, Turn) == 0
    assert compare(store, "snake") == []


def test_turns_of_a_journaled_match_are_in_the_store_at_once(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, "me")

    match.append(TurnRecord(0, 0, "UP"))

    assert count(store, Turn) == 1
    with store.read() as connection:
        row = connection.execute(select(Match.__table__)).one()
    assert (row.state, row.lease_owner) == ("running", "me")


def test_a_turn_that_was_recorded_before_stands(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, "me")
    match.append(TurnRecord(0, 0, "UP"))
    match.pending.clear()

    assert match.append(TurnRecord(0, 0, "DOWN")).action == "UP"
    assert count(store, Turn) == 1


def test_who_lost_the_lease_can_append_nothing(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, "me")
    with store.write() as connection:
        connection.execute(update(Match).values(lease_owner="other"))

    with pytest.raises(LeaseLost, match="no longer played by me"):
        match.append(TurnRecord(0, 0, "UP"))

    assert count(store, Turn) == 0


@pytest.mark.parametrize(
    ("turn", "complaint"),
    [
        (TurnRecord(1, 0, "UP"), "is at step 0"),
        (TurnRecord(0, 2, "UP"), "has 2 seats"),
        (TurnRecord(0, -1, "UP"), "has 2 seats"),
    ],
)
def test_a_turn_out_of_order_is_refused(
    store: Store,
    recorder: Recorder,
    agents: dict[str, Entrant],
    turn: TurnRecord,
    complaint: str,
) -> None:
    match = opened(store, recorder, agents, None)

    with pytest.raises(RecordingError, match=complaint):
        match.append(turn)


def test_a_seat_decides_a_step_once(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, None)
    match.append(TurnRecord(0, 0, "UP"))

    with pytest.raises(RecordingError, match="has decided step 0"):
        match.append(TurnRecord(0, 0, "DOWN"))


def test_a_journaled_match_is_opened_once(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    opened(store, recorder, agents, "me")

    with pytest.raises(RecordingError, match="resume it instead"):
        opened(store, recorder, agents, "other")


def test_a_voided_match_is_not_recorded(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, "me")
    with store.write() as connection:
        connection.execute(update(Match).values(state="void"))

    with pytest.raises(RecordingError, match="was voided"):
        recorder.finish(match, WON)

    assert count(store, Standing) == 0


def test_a_match_with_an_open_step_is_not_finished(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, None)
    match.append(TurnRecord(0, 0, "UP"))

    with pytest.raises(RecordingError, match="turns after its last step"):
        recorder.finish(match, WON)

    assert count(store, Match) == 0


def test_every_seat_needs_an_outcome(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, None)

    with pytest.raises(RecordingError, match="2 seats but 1 outcomes"):
        recorder.finish(match, replace(WON, players=WON.players[:1]))


def test_seats_and_entrants_must_be_as_many(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    two = opened(store, recorder, agents, None)

    with pytest.raises(RecordingError, match="3 entrants for 2 seats"):
        recorder.open(plan(store, list(agents.values())), two.seats, two.initial)


def test_a_match_during_which_the_clock_was_put_back_ends_when_it_began(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    match = opened(store, recorder, agents, None)

    recorder.finish(match, WON, match.started_at - timedelta(days=2))

    with store.read() as connection:
        assert connection.execute(select(Match.started_at, Match.ended_at)).one() == (
            match.started_at,
            match.started_at,
        )
