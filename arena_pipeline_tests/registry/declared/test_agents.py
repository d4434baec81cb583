from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import insert, update

from arena_pipeline.registry.agents import agent, agents
from arena_pipeline.registry.declared.agent_configs import Refusal
from arena_pipeline.registry.declared.agents import KINDS, AgentsReport, sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Kind
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, count, everything

POLICIES = {"random": "1", "greedy": "1", "search": "1"}
ONE = "bots: [{alias: one, policy: random}]"
DEEP = "bots: [{alias: one, policy: search, settings: {depth: 4}}]"
TWO = "bots: [{alias: one, policy: random}, {alias: two, policy: random}]"

Declare = Callable[[str], AgentsReport]


@pytest.fixture
def declare(store: Store) -> Declare:
    """Makes the store's agents what a models file declares."""
    return lambda text: sync_agents(store, parse_models_file(text, "f"), policies=POLICIES)


def active(store: Store) -> list[str]:
    return [row.alias for row in agents(store, active=True)]


def test_declared_bots_come_in_with_the_version_of_their_policy(
    store: Store, declare: Declare
) -> None:
    report = declare(TWO)

    assert report == AgentsReport(added=("one", "two"))
    assert agent(store, "one").settings == {"policy": "random", "policy_version": "1"}
    assert (agent(store, "one").version, agent(store, "one").source) == (1, "yaml")


def test_a_bot_called_like_a_model_s_slug_is_rejected_and_the_others_go_on(
    store: Store, declare: Declare
) -> None:
    report = declare("bots: [{alias: acme/one, policy: random}, {alias: two, policy: random}]")

    assert report.added == ("two",)
    ((alias, reason),) = report.rejected
    assert (alias, "could be a model's slug" in reason) == ("acme/one", True)


def test_a_bot_that_was_called_so_before_stays(store: Store, declare: Declare) -> None:
    declare(ONE)
    with store.write() as connection:
        connection.execute(
            update(Agent).values(alias="acme/one", config_digest=Agent.config_digest + "-")
        )

    report = declare("bots: [{alias: acme/one, policy: random}]")

    assert (report.rejected, report.changed) == ((), ("acme/one@2",))


def test_declaring_the_same_again_changes_nothing(store: Store, declare: Declare) -> None:
    declare(TWO)
    before = everything(store, Agent, Kind)

    assert declare(TWO) == AgentsReport(unchanged=("one", "two"))
    assert everything(store, Agent, Kind) == before


def test_kinds_come_in_enabled_and_stay_as_somebody_set_them(
    store: Store, declare: Declare
) -> None:
    declare(ONE)
    with store.write() as connection:
        connection.execute(update(Kind).where(Kind.name == "human").values(enabled=False))
    declare(ONE)

    assert count(store, Kind, Kind.name.in_(KINDS)) == len(KINDS)
    assert count(store, Kind, Kind.enabled.is_(False)) == 1


def test_other_settings_make_a_new_version_and_leave_the_old_one_as_it_is(
    store: Store, declare: Declare
) -> None:
    declare(ONE)
    old = agent(store, "one")

    assert declare(DEEP) == AgentsReport(changed=("one@2",))

    assert (agent(store, "one@2").version, agent(store, "one@2").family) == (2, "one")
    assert agent(store, "one").config_digest == old.config_digest
    assert active(store) == ["one@2"]


def test_the_old_settings_bring_the_old_version_back(store: Store, declare: Declare) -> None:
    declare(ONE)
    declare(DEEP)

    assert declare(ONE) == AgentsReport(changed=("one",))
    assert active(store) == ["one"]
    assert declare(DEEP) == AgentsReport(changed=("one@2",))
    assert len(agents(store)) == 2


def test_a_policy_that_plays_differently_makes_its_bots_new_agents(
    store: Store, declare: Declare
) -> None:
    declare(ONE)

    report = sync_agents(store, parse_models_file(ONE, "f"), policies=POLICIES | {"random": "2"})

    assert report.changed == ("one@2",)


def test_a_bot_taken_out_is_deactivated_and_comes_back_as_itself(
    store: Store, declare: Declare
) -> None:
    declare(TWO)
    was = agent(store, "two")

    assert declare(ONE) == AgentsReport(deactivated=("two",), unchanged=("one",))
    assert declare(ONE) == AgentsReport(unchanged=("one",))
    assert declare(TWO) == AgentsReport(changed=("two",), unchanged=("one",))
    assert agent(store, "two") == was


def test_a_bot_declared_inactive_does_not_play(store: Store, declare: Declare) -> None:
    declare(ONE)

    report = declare("bots: [{alias: one, policy: random, active: false}]")

    assert (report.deactivated, active(store)) == (("one",), [])


def test_a_new_title_makes_no_new_agent(store: Store, declare: Declare) -> None:
    declare(ONE)

    report = declare("bots: [{alias: one, policy: random, title: First}]")

    assert (report.changed, agent(store, "one").title) == (("one",), "First")


def test_a_bot_nobody_can_play_is_rejected_and_the_others_go_on(
    store: Store, declare: Declare
) -> None:
    report = declare("bots: [{alias: bad, policy: greddy}, {alias: one, policy: random}]")

    assert report.added == ("one",)
    ((alias, reason),) = report.rejected
    assert alias == "bad"
    assert reason == (
        "there is no policy 'greddy'; did you mean 'greedy'? (there are greedy, random, search)"
    )


def test_a_bot_whose_new_declaration_is_rejected_stays_as_it_was(
    store: Store, declare: Declare
) -> None:
    declare(ONE)
    before = everything(store, Agent)

    declare("bots: [{alias: one, policy: greddy}]")

    assert everything(store, Agent) == before


def test_a_bot_whose_policy_is_gone_is_deactivated(store: Store, declare: Declare) -> None:
    declare(TWO)

    report = sync_agents(store, parse_models_file(ONE, "f"), policies={"greedy"})

    assert report.deactivated == ("one", "two")
    assert active(store) == []


def test_an_alias_that_belongs_to_somebody_else_is_rejected(store: Store, declare: Declare) -> None:
    with store.write() as connection:
        connection.execute(store.insert_ignore(Kind).values(name="human", title="People"))
        connection.execute(
            insert(Agent).values(
                alias="one", kind="human", source="person", config_digest="x", created_at=FIRST_DAY
            )
        )

    ((alias, reason),) = declare(ONE).rejected

    assert (alias, "not from this file" in reason) == ("one", True)
    assert agent(store, "one").kind == "human"


def test_settings_cant_smuggle_in_another_policy(declare: Declare) -> None:
    ((_, reason),) = declare(
        "bots: [{alias: a, policy: random, settings: {policy: search}}]"
    ).rejected

    assert "'policy' can't be one of a bot's settings" in reason


def test_a_bot_whose_settings_are_refused_is_rejected_and_the_others_go_on(store: Store) -> None:
    text = (
        "bots: [{alias: bad, policy: search, settings: {depth: 9}}, {alias: one, policy: random}]"
    )

    report = sync_agents(
        store, parse_models_file(text, "f"), policies=POLICIES, refusal=no_deeper_than(4)
    )

    assert (report.added, report.rejected) == (("one",), (("bad", "9 is too deep"),))


def test_a_bot_whose_policy_takes_its_settings_no_more_is_deactivated(
    store: Store, declare: Declare
) -> None:
    declare(DEEP)

    report = sync_agents(
        store, parse_models_file(DEEP, "f"), policies=POLICIES, refusal=no_deeper_than(3)
    )

    assert (report.deactivated, active(store)) == (("one",), [])


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        (".nan", "the number nan"),
        ("[{deep: -.inf}]", "the number -inf"),
        (f"0x{'f' * 5000}", "a number of 20000 bits"),
        (r'"a\0b"', "the text 'a\\x00b'"),
        (r'{"\ud800": 1}', "the text"),
    ],
)
@pytest.mark.parametrize(
    "who", ["bots: [{alias: a, policy: random", "agents: [{alias: a, model: x"]
)
def test_settings_that_no_database_gives_back_are_rejected(
    declare: Declare, who: str, setting: str, fault: str
) -> None:
    ((alias, reason),) = declare(f"{who}, settings: {{x: {setting}}}}}]").rejected

    assert alias == "a"
    assert f"its settings hold {fault}" in reason


@pytest.mark.parametrize("number", ["1.0e+300", "1.0", "-0.0", "12345678901234567890123"])
def test_the_same_number_declared_again_is_the_same_agent(
    store: Store, declare: Declare, number: str
) -> None:
    text = f"bots: [{{alias: one, policy: random, settings: {{x: {number}}}}}]"
    declare(text)

    assert declare(text).unchanged == ("one",)
    assert active(store) == ["one"]


def no_deeper_than(limit: int) -> Refusal:
    def refusal(policy: str, settings: Mapping[str, Any]) -> str | None:
        depth = settings.get("depth", 0)
        return f"{depth} is too deep" if depth > limit else None

    return refusal


def test_an_agent_plays_with_a_model_under_any_of_its_names(days: Days, declare: Declare) -> None:
    days.next(row("acme/one", name="Acme: One"))

    report = declare(
        "agents: [{alias: low, model: 'Acme: One', settings: {effort: low}},"
        " {alias: x, model: acme/on}]"
    )

    low = agent(days.store, "low")
    assert (low.kind, low.model, low.settings) == ("llm", "acme/one", {"effort": "low"})
    ((alias, reason),) = report.rejected
    assert alias == "x"
    assert reason.startswith("No model goes by 'acme/on'; did you mean 'acme/one'")
