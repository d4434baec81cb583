from collections.abc import Callable

import pytest
from sqlalchemy import update

from arena_pipeline.registry.agents import agent, agents
from arena_pipeline.registry.declared.agents import AgentsReport, sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import Days, everything
from arena_pipeline_tests.registry.stored import put

POLICIES = {"random": "1", "search": "1"}
ONE = "bots: [{alias: one, policy: random}]"
DEEP = "bots: [{alias: one, policy: search, settings: {depth: 4}}]"
AGENT = "agents: [{alias: low, model: acme/one, settings: {effort: low}}]"

Declare = Callable[[str], AgentsReport]


@pytest.fixture
def declare(store: Store) -> Declare:
    """Makes the store's agents what a models file declares."""
    return lambda text: sync_agents(store, parse_models_file(text, "f"), policies=POLICIES)


def active(store: Store) -> list[str]:
    return [row.alias for row in agents(store, active=True)]


def switch(store: Store, alias: str, active: bool) -> None:
    """What a person does by command."""
    with store.write() as connection:
        values = {"active": active, "active_set_by": "person"}
        connection.execute(update(Agent).where(Agent.alias == alias).values(**values))


def test_an_agent_is_made_for_the_model_behind_the_slug_now(days: Days, declare: Declare) -> None:
    days.next(row("acme/one"))
    declare(AGENT)
    put(days.store, "acme/one", version=2)

    assert declare(AGENT).changed == ("low@2",)
    assert declare(AGENT).unchanged == ("low@2",)

    assert agent(days.store, "low").model_version == 1
    assert agent(days.store, "low@2").model_version == 2
    assert active(days.store) == ["low@2"]


def test_a_bot_is_made_for_no_model(store: Store, declare: Declare) -> None:
    declare(ONE)

    assert agent(store, "one").model_version is None


def test_the_successor_of_an_agent_whose_model_was_replaced_is_found_as_declared(
    days: Days, declare: Declare
) -> None:
    days.next(row("acme/one"))
    declare(AGENT)
    days.next(row("acme/one", created=MAY + 1))
    before = everything(days.store, Agent)

    assert declare(AGENT).unchanged == ("low@2",)
    assert everything(days.store, Agent) == before


def test_an_agents_own_gateway_is_among_its_settings(days: Days, declare: Declare) -> None:
    days.next(row("acme/one"))

    declare("agents: [{alias: low, model: acme/one, gateway: openrouter, settings: {x: 1}}]")

    assert agent(days.store, "low").settings == {"x": 1, "gateway": "openrouter"}


@pytest.mark.parametrize("on", [True, False])
def test_whom_a_person_switched_stays_so_whatever_the_file_says(
    store: Store, declare: Declare, on: bool
) -> None:
    text = ONE.replace("random}", f"random, active: {str(not on).lower()}}}")
    declare(text)
    switch(store, "one", on)
    before = everything(store, Agent)

    assert declare(text).unchanged == ("one",)
    declare("")

    assert everything(store, Agent) == before


@pytest.mark.parametrize("on", [True, False])
def test_a_new_version_is_on_or_off_as_a_person_said(
    store: Store, declare: Declare, on: bool
) -> None:
    declare(ONE)
    switch(store, "one", on)

    declare(DEEP)
    assert [(a.active, a.active_set_by) for a in agents(store)] == [(False, None), (on, "person")]

    declare(ONE)
    assert [(a.active, a.active_set_by) for a in agents(store)] == [(on, "person"), (False, None)]


def test_what_a_person_said_of_an_older_version_is_not_said_of_the_one_in_force(
    store: Store, declare: Declare
) -> None:
    declare(ONE)
    declare(DEEP)
    switch(store, "one", False)

    assert declare(DEEP).unchanged == ("one@2",)
    assert active(store) == ["one@2"]


def test_a_bot_nobody_can_play_any_more_is_off_even_if_a_person_switched_it_on(
    store: Store, declare: Declare
) -> None:
    declare(ONE)
    switch(store, "one", True)

    report = sync_agents(store, parse_models_file(ONE, "f"), policies={"greedy"})

    assert report.deactivated == ("one",)
    assert declare(ONE).changed == ("one",)


def test_the_older_list_declares_agents_that_differ_in_settings(
    store: Store, declare: Declare
) -> None:
    entry = "{{name: o9-{0}, model_name: o9, provider: openai, reasoning_effort: {0}}}"
    text = f"models: [{entry.format('low')}, {entry.format('high')}]"
    sync_overrides(store, parse_models_file(text, "f"))

    assert declare(text) == AgentsReport(added=("o9-high", "o9-low"))

    assert {row.model for row in agents(store)} == {"openai/o9"}
    assert agent(store, "o9-low").settings == {
        "reasoning_effort": "low", "gateway": "openai", "client_name": "o9"
    }  # fmt: skip
    assert declare(text) == AgentsReport(unchanged=("o9-high", "o9-low"))
