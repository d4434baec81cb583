"""The scribe: journals of many matches written together, each as if it were alone."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.matches import replay
from arena_pipeline.matches.entries import Entry, LeaseLost, Pause, write_entries
from arena_pipeline.matches.journal import Journal, Scribe
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions, play, start
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Turn
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches import many_seats
from arena_pipeline_tests.matches.looking import assert_sound
from arena_pipeline_tests.matches.seat import steady
from arena_pipeline_tests.matches.thinking import match_row, thinking

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
AGENTS = ("anna", "bert", "cleo", "dora", "emil")


@pytest.fixture
def plans(store: Store) -> Sequence[MatchPlan]:
    entrants = list(add_agents(store, "anna", "bert").values())
    return [plan(store, entrants, seed=seed) for seed in range(1, 31)]


def opened(recorder: Recorder, plan: MatchPlan) -> Journal:
    journal = start(recorder, plan, OPTIONS)[0].journal
    assert journal is not None
    return journal


def written(store: Store, *entries: Entry) -> list[tuple[TurnRecord, ...] | Exception]:
    with store.write() as connection:
        return write_entries(store, connection, entries)


def test_thirty_matches_at_once_are_each_what_they_are_alone(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    expected = [asyncio.run(play(recorder, one, steady(one))) for one in plans]

    async def all_at_once() -> list[FinishedMatch]:
        async with Scribe(store) as scribe:
            own = Recorder(store, recorder.replay_dir, scribe)
            return await asyncio.gather(*(play(own, one, thinking(one), OPTIONS) for one in plans))

    finished = asyncio.run(all_at_once())

    recorder.record(finished)
    assert [[step.state for step in match.steps] for match in finished] == [
        [step.state for step in match.steps] for match in expected
    ]
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"] * 30
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Turn)) == 0


def test_a_lost_lease_stops_its_own_match_only(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    mine, lost = (opened(recorder, one) for one in plans[:2])
    with store.write() as connection:
        connection.execute(update(Match).where(Match.uuid == lost.uuid).values(lease_owner="other"))
    turn = TurnRecord(0, 0, "UP")

    answers = written(store, mine.entry((turn,)), lost.entry((turn,)), mine.entry())

    assert isinstance(answers[1], LeaseLost)
    assert answers[2] == ()
    with store.read() as connection:
        assert connection.scalars(select(Turn.match_id)).all() == [mine.match_id]


def test_of_two_turns_for_one_seat_the_first_stands(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    journal, other = (opened(recorder, one) for one in plans[:2])
    written(store, journal.entry((TurnRecord(0, 1, "UP"),)))

    answers = written(
        store,
        journal.entry((TurnRecord(0, 0, "LEFT"), TurnRecord(0, 1, "DOWN"))),
        other.entry((TurnRecord(0, 0, "RIGHT"),)),
    )

    actions = [[turn.action for turn in answer] for answer in answers if isinstance(answer, tuple)]
    assert actions == [["LEFT", "UP"], ["RIGHT"]]


def test_a_turn_and_a_pause_in_one_transaction_leave_the_match_paused_anew(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    journal = opened(recorder, plans[0])
    before = match_row(store, journal.uuid).started_at
    with store.write() as connection:
        connection.execute(update(Match).values(paused_at=before))

    written(
        store,
        journal.entry((TurnRecord(0, 0, "UP"),)),
        journal.entry(pause=Pause("circuit: open")),
    )

    row = match_row(store, journal.uuid)
    assert (row.state, row.pause_reason) == ("paused", "circuit: open")
    assert row.paused_at > before


def test_letting_go_of_what_is_somebody_elses_changes_nothing(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    journal = opened(recorder, plans[0])
    with store.write() as connection:
        connection.execute(update(Match).values(lease_owner="other"))

    journal.release("circuit: open")

    row = match_row(store, journal.uuid)
    assert (row.state, row.lease_owner) == ("running", "other")


def test_a_turn_soon_after_another_writes_no_new_lease(
    store: Store, recorder: Recorder, plans: Sequence[MatchPlan]
) -> None:
    journal = opened(recorder, plans[0])
    until = match_row(store, journal.uuid).lease_until

    journal.write(TurnRecord(0, 0, "UP"))

    assert match_row(store, journal.uuid).lease_until == until


def kill_and_go_on(
    store: Store, store_url: str, recorder: Recorder, count: int, kills: int, seed: int
) -> None:
    """Play matches with a process that is killed again and again, then to the end; each must be
    what it is undisturbed.
    """
    add_agents(store, *AGENTS)
    dice = random.Random(seed)
    arguments = (sys.executable, "-m", many_seats.__name__, store_url, recorder.replay_dir, count)
    for _ in range(kills):
        with subprocess.Popen(list(map(str, arguments)), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(dice.randrange(1, 12)):
                process.stdout.readline()
            process.kill()

    asyncio.run(many_seats.play_all(store, recorder.replay_dir, count))

    assert_sound(store, recorder, count)
    for expected in many_seats.plans(store, count):
        undisturbed = asyncio.run(play(recorder, expected, steady(expected)))
        row = match_row(store, expected.uuid)
        document = replay.read(recorder.replay_dir, row.replay_path, row.replay_digest)
        assert [step["state"] for step in document["steps"]] == [
            step.state for step in undisturbed.steps
        ]


def test_many_matches_of_a_killed_process_end_as_undisturbed_ones(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    kill_and_go_on(store, store_url, recorder, count=6, kills=2, seed=1)


@pytest.mark.soak
def test_many_matches_of_a_process_killed_fifteen_times_end_as_undisturbed_ones(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    kill_and_go_on(store, store_url, recorder, count=20, kills=15, seed=2)
