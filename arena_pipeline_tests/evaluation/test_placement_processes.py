"""Placements by several processes at once, and by processes that are killed."""

import random
from collections import Counter

import pytest
from sqlalchemy import select

from arena_pipeline.evaluation.placement import next_placements, place
from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, EvaluationState, Match
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import (
    BOTS,
    count,
    evaluation,
    events,
    history,
    set_evaluation,
)
from arena_pipeline_tests.evaluation.conftest import Start


@pytest.mark.parametrize("kills", [(1,), (3, 0, 2)])
def test_a_placement_killed_and_resumed_ends_as_an_undisturbed_one(
    store: Store,
    arena_settings: Settings,
    start: Start,
    undisturbed: Store,
    kills: tuple[int, ...],
) -> None:
    for one in (store, undisturbed):
        add_agents(one, *BOTS)
        enqueue(one, arena_settings, now=NOON)
    dice = random.Random(sum(kills))
    for matches in kills:
        with start("place", "greedy") as process:
            assert process.stdout is not None
            assert process.stdin is not None
            process.stdout.readline()
            for _ in range(matches):
                process.stdin.write("go\n")
                process.stdin.flush()
                process.stdout.readline()
            if dice.random() < 0.5:
                # Somewhere in the next match, not between two.
                process.stdin.write("go\n")
                process.stdin.flush()
                for _ in range(dice.randrange(200_000)):
                    pass
            process.kill()
        assert evaluation(store, "greedy").state == EvaluationState.RUNNING
        set_evaluation(store, "greedy", lease_until=NOON)

    report = place(store, arena_settings, "greedy")
    place(undisturbed, arena_settings, "greedy")

    assert (report.resumed, report.played) == (True, 10)
    assert history(store) == history(undisturbed)
    assert events(store) == events(undisturbed)
    assert compare(store, "snake") == []


def test_the_placement_of_a_dead_process_is_started_again_under_another_key(
    store: Store, arena_settings: Settings, start: Start
) -> None:
    add_agents(store, *BOTS)
    (first, *_) = next_placements(store, arena_settings, limit=9).ready
    with start("place", first.agent) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert first.agent not in {
        one.agent for one in next_placements(store, arena_settings, limit=9).ready
    }
    set_evaluation(store, first.agent, lease_until=NOON)

    (again, *_) = next_placements(store, arena_settings, limit=9).ready

    assert (again.agent, again.attempt) == (first.agent, first.attempt)
    assert again.run_key != first.run_key


def test_many_sensors_and_workers_at_once_place_everybody_exactly_once(
    store: Store, arena_settings: Settings, start: Start
) -> None:
    add_agents(store, *BOTS)
    processes = [start("everybody", 3) for _ in range(4)]
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4

    with store.read() as connection:
        rows = connection.execute(select(Evaluation.state, Evaluation.attempt)).all()
        per_evaluation = Counter(connection.scalars(select(Match.evaluation_id)))
    placed = [line for one in said for line in one.splitlines() if line.startswith("placed ")]
    assert sorted(placed) == sorted(f"placed {alias}" for alias in BOTS)
    assert [tuple(row) for row in rows] == [("ranked", 1)] * len(BOTS)
    assert sorted(per_evaluation.values()) == [10] * len(BOTS)
    assert count(store, Match) == 10 * len(BOTS)
    assert compare(store, "snake") == []
