"""Everybody who is ready is placed, in one call, by hand."""

from sqlalchemy import update

from arena_pipeline.evaluation.newcomers import place_newcomers
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent
from arena_pipeline_tests.agents import add_agents


def test_all_who_may_play_are_placed_and_a_second_call_places_nobody(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "random", "greedy", "flood")
    told: list[str] = []

    done = place_newcomers(store, arena_settings, on_placed=lambda one: told.append(one.agent))

    assert {report.agent for report in done.placed} == {"random", "greedy", "flood"}
    assert told == [report.agent for report in done.placed]
    assert {(report.played, report.state) for report in done.placed} == {(10, "ranked")}
    assert done.failed == ()
    assert place_newcomers(store, arena_settings).placed == ()


def test_who_may_not_play_is_not_placed(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "random", "greedy", "flood")
    with store.write() as connection:
        connection.execute(update(Agent).where(Agent.alias == "flood").values(active=False))

    done = place_newcomers(store, arena_settings)

    assert {report.agent for report in done.placed} == {"random", "greedy"}
