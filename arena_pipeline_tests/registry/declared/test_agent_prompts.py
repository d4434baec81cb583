from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from arena_pipeline.registry.acts.agents import add_agent, disable_agents
from arena_pipeline.registry.acts.audit import ActRefused
from arena_pipeline.registry.agents import agent, agents
from arena_pipeline.registry.declared.agents import AgentsReport, sync_agents
from arena_pipeline.registry.declared.models_file import ModelsFileError, parse_models_file
from arena_pipeline.registry.prompts import register_prompts
from arena_pipeline.registry.prompts.acts import switch_prompts
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Prompt
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days, everything
from arena_pipeline_tests.registry.prompts.prompt_files import content, put

ONE = "agents: [{alias: low, model: acme/one}]"

Tell = Callable[..., str]


def asking(prompt: str) -> str:
    return f"agents: [{{alias: low, model: acme/one, prompt: {prompt}}}]"


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows a model."""
    days.next(row("acme/one"))
    return days.store


@pytest.fixture
def tell(known: Store, tmp_path: Path) -> Tell:
    """Registers a prompt's next version; returns its reference."""

    def register(name: str, text: str) -> str:
        path = put(tmp_path / "prompts", f"{name}.md", content(name, f"{text} {{position}}"))
        (reference,) = register_prompts(known, [path.parent]).added
        return reference

    return register


def declare(store: Store, text: str) -> AgentsReport:
    return sync_agents(store, parse_models_file(text, "f"))


def told(store: Store) -> dict[str, str | None]:
    """By alias, what the active agents are told."""
    return {one.alias: one.prompt for one in agents(store, active=True)}


def test_an_agent_that_asks_for_none_gets_the_newest_active_one_and_keeps_it(
    known: Store, tell: Tell
) -> None:
    tell("plain", "A")
    declare(known, ONE)
    tell("plain", "B")
    tell("other", "C")

    assert declare(known, ONE) == AgentsReport(unchanged=("low",))
    assert told(known) == {"low": "plain@1"}


def test_a_changed_prompt_is_another_agent_and_the_old_one_comes_back_as_itself(
    known: Store, tell: Tell
) -> None:
    tell("plain", "A")
    declare(known, ONE)
    tell("other", "B")

    assert declare(known, asking("other")).changed == ("low@2",)
    assert told(known) == {"low@2": "other@1"}
    assert declare(known, asking("plain@1")).changed == ("low",)
    assert told(known) == {"low": "plain@1"}


def test_a_name_alone_is_pinned_and_a_version_is_that_very_one(known: Store, tell: Tell) -> None:
    tell("plain", "A")
    declare(known, asking("plain"))
    tell("plain", "B")

    assert declare(known, asking("plain")).unchanged == ("low",)
    assert declare(known, asking("plain@2")).changed == ("low@2",)
    assert declare(known, asking("plain")).unchanged == ("low@2",)
    assert told(known) == {"low@2": "plain@2"}


def test_other_settings_keep_the_prompt(known: Store, tell: Tell) -> None:
    tell("plain", "A")
    declare(known, ONE)
    tell("plain", "B")

    declare(known, "agents: [{alias: low, model: acme/one, settings: {temperature: 1}}]")

    assert told(known) == {"low@2": "plain@1"}


def test_a_prompt_that_rests_can_be_asked_for(known: Store, tell: Tell) -> None:
    tell("plain", "A")
    switch_prompts(known, ["plain"], on=False, actor="me")

    declare(known, asking("plain"))

    assert told(known) == {"low": "plain@1"}


def test_a_prompt_nobody_knows_rejects_the_agent_only(known: Store, tell: Tell) -> None:
    tell("plain", "A")

    report = declare(
        known,
        "agents: [{alias: low, model: acme/one, prompt: plane}, {alias: high, model: acme/one}]",
    )

    ((alias, reason),) = report.rejected
    assert (alias, "did you mean 'plain'" in reason) == ("low", True)
    assert report.added == ("high",)


def test_what_can_be_no_prompt_is_a_mistake_of_the_file() -> None:
    with pytest.raises(ModelsFileError, match=r"f:1:40: prompt: 'A B' is no prompt"):
        parse_models_file(asking("A B"), "f")


def test_settings_no_call_can_have_reject_the_agent(known: Store) -> None:
    report = sync_agents(
        known, parse_models_file(ONE, "f"), call_refusal=lambda settings: "too hot"
    )

    assert report.rejected == (("low", "too hot"),)


def test_agents_from_before_there_were_prompts_get_one_as_a_new_version(
    known: Store, tell: Tell
) -> None:
    declare(known, ONE)
    add_agent(known, "mine", model="acme/one", settings={"temperature": 1}, actor="me")
    add_agent(known, "off", model="acme/one", actor="me")
    disable_agents(known, ["off"], actor="me")
    assert told(known) == {"low": None, "mine": None}
    tell("plain", "A")

    report = declare(known, ONE)

    assert report.changed == ("low@2", "mine@2", "off@2")
    assert told(known) == {"low@2": "plain@1", "mine@2": "plain@1"}
    assert agent(known, "mine@2").settings == {"temperature": 1}
    assert not agent(known, "off@2").active
    before = everything(known, Agent, Prompt)
    assert declare(known, ONE).unchanged == ("low@2",)
    assert everything(known, Agent, Prompt) == before


def test_a_person_says_what_an_agent_is_told(known: Store, tell: Tell) -> None:
    tell("plain", "A")
    tell("other", "B")

    added = add_agent(known, "mine", model="acme/one", prompt="plain", actor="me")

    assert added.prompt == "plain@1"
    assert add_agent(known, "mine", model="acme/one", prompt="plain@1", actor="me") == added
    assert add_agent(known, "mine", model="acme/one", actor="me") == added
    with pytest.raises(ActRefused, match="taken by mine"):
        add_agent(known, "mine", model="acme/one", prompt="other", actor="me")


def test_a_bot_is_told_nothing(known: Store) -> None:
    with pytest.raises(ActRefused, match="bots are told nothing"):
        add_agent(known, "bot", policy="random", prompt="plain", actor="me")


def test_what_no_call_can_have_is_refused(known: Store) -> None:
    with pytest.raises(ActRefused, match="too hot"):
        add_agent(known, "mine", model="acme/one", actor="me", call_refusal=lambda _: "too hot")


def test_the_prompt_is_part_of_what_an_agent_is(known: Store, tell: Tell) -> None:
    tell("plain", "A")
    one = add_agent(known, "a", model="acme/one", actor="me")
    with known.write() as connection:
        connection.execute(update(Agent).where(Agent.id == one.id).values(alias="b"))
    tell("plain", "B")

    assert add_agent(known, "a", model="acme/one", actor="me").config_digest != one.config_digest
