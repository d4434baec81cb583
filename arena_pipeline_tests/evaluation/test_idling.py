"""The one query of a tick that finds nobody to place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import Connection, event, insert, select

from arena_pipeline.evaluation.idling import may_have_work
from arena_pipeline.evaluation.switch import pause
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, PRACTICE_LADDER, ensure_ladder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, CompetitorKind, Evaluation, EvaluationState, Ladder
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import set_agent, set_evaluation


def look(store: Store) -> bool:
    with store.read() as connection:
        return may_have_work(connection)


def evaluated(store: Store, *aliases: str, kind: str = "bot", state: str = "ranked") -> None:
    """Agents that were placed on the usual ladder."""
    agents = add_agents(store, *aliases, kind=kind)
    with store.write() as connection:
        ladder = connection.scalar(select(Ladder.id).where(Ladder.name == DEFAULT_LADDER))
        rows = [
            {
                "agent_id": one.agent_id,
                "ladder_id": ladder,
                "state": state,
                "attempt": 1,
                "planned": 1,
                "queued_at": NOON,
            }
            for one in agents.values()
        ]
        connection.execute(insert(Evaluation), rows)


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """What is asked of the store meanwhile."""
    told: list[str] = []

    def tell(_c: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(connection, "before_cursor_execute", tell)
    yield told
    event.remove(connection, "before_cursor_execute", tell)


def test_with_five_hundred_ranked_models_one_query_says_that_nobody_is_to_be_placed(
    store: Store,
) -> None:
    evaluated(store, *(f"vendor/m{number}" for number in range(500)), kind="llm")

    with store.read() as connection, statements(connection) as asked:
        assert not may_have_work(connection)

    assert len(asked) == 1


def test_a_tick_finds_evaluations_by_their_indexes(undisturbed: Store) -> None:
    with undisturbed.read() as connection:
        with statements(connection) as asked:
            may_have_work(connection)
        # The values do not matter to the plan; how many there are is the statement's business.
        values = ("",) * asked[0].count("?")
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", values).all()

    steps = [row[3] for row in plan]
    assert [step for step in steps if "evaluations" in step]
    assert [step for step in steps if step.startswith("SCAN evaluations")] == []


@pytest.mark.parametrize("state", ["queued", "waiting", "running", "failed"])
def test_an_evaluation_that_is_not_over_takes_a_look(store: Store, state: str) -> None:
    evaluated(store, "random")
    assert not look(store)

    set_evaluation(store, "random", state=state)

    assert look(store)


@pytest.mark.parametrize("kind", ["bot", "llm"])
def test_an_agent_that_was_never_evaluated_takes_a_look(store: Store, kind: str) -> None:
    add_agents(store, "newcomer", kind=kind)
    assert look(store)

    set_agent(store, "newcomer", active=False)

    assert not look(store)


def test_a_bot_ranked_on_one_ladder_is_new_on_the_one_to_practise_on(store: Store) -> None:
    evaluated(store, "random")
    assert not look(store)

    ensure_ladder(
        store, PRACTICE_LADDER, "snake", title="Practice", competitor=CompetitorKind.MODEL
    )

    assert look(store)


def test_a_failure_that_was_given_up_or_made_good_takes_none(store: Store) -> None:
    evaluated(store, "given_up", "made_good", state=EvaluationState.FAILED.value)
    set_evaluation(store, "given_up", cancelled_at=NOON)
    assert look(store)

    with store.write() as connection:
        again(connection, "made_good", NOON)

    assert not look(store)


def test_a_pause_takes_a_look_as_its_reason_is_to_be_told(store: Store) -> None:
    assert not look(store)

    pause(store, "somebody")

    assert look(store)


def again(connection: Connection, alias: str, at: datetime) -> None:
    """A second attempt of an agent, which went well."""
    first = connection.execute(
        select(Evaluation.__table__)
        .join(Agent, Agent.id == Evaluation.agent_id)
        .where(Agent.alias == alias)
    ).one()
    values = {"agent_id": first.agent_id, "ladder_id": first.ladder_id, "planned": 1}
    connection.execute(
        insert(Evaluation),
        [{**values, "attempt": 2, "state": EvaluationState.RANKED.value, "queued_at": at}],
    )
