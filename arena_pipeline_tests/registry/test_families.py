import pytest

from arena_pipeline.registry.acts.agents import add_agent, disable_agents, enable_agents
from arena_pipeline.registry.agents import agent, agents
from arena_pipeline.registry.declared.agents import sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.models import model
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import Days

BOT = "bots: [{alias: bot, policy: random}]"
DEEP = "bots: [{alias: bot, policy: search}]"


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows two models."""
    days.next(row("acme/one"), row("acme/two"))
    return days.store


def declare(store: Store, text: str) -> None:
    sync_agents(store, parse_models_file(text, "f"))


def active(store: Store) -> list[str]:
    return [row.alias for row in agents(store, active=True)]


def test_a_name_without_version_is_the_version_in_force(known: Store) -> None:
    declare(known, BOT)
    declare(known, DEEP)

    assert disable_agents(known, ["bot"], actor="ada").done == ("bot@2",)
    assert enable_agents(known, ["bot"], actor="ada").done == ("bot@2",)
    declare(known, BOT)  # the old settings are in force again
    assert disable_agents(known, ["bot"], actor="ada").done == ("bot",)


def test_a_version_is_named_by_its_number(known: Store) -> None:
    declare(known, BOT)
    declare(known, DEEP)

    assert disable_agents(known, ["bot@1", "bot@2", "bot"], actor="ada").done == ("bot", "bot@2")
    assert agent(known, "bot").active_set_by == "person"


def test_of_two_versions_one_can_be_on(known: Store) -> None:
    declare(known, BOT)
    declare(known, DEEP)

    ((name, reason),) = enable_agents(known, ["bot@1"], actor="ada").failed
    assert name == "bot@1"
    assert reason.startswith("bot@2, another version of bot, may play already")

    disable_agents(known, ["bot@2"], actor="ada")
    report = enable_agents(known, ["bot@1", "bot@2"], actor="ada")
    assert (report.done, [name for name, _ in report.failed]) == (("bot",), ["bot@2"])
    assert active(known) == ["bot"]


def test_an_agent_of_a_replaced_model_cant_be_enabled(known: Store, days: Days) -> None:
    add_agent(known, "low", model="acme/one", actor="ada")
    disable_agents(known, ["low"], actor="ada")
    days.next(row("acme/one", created=MAY + 86_400), row("acme/two"))
    assert model(known, "acme/one").version == 2

    report = enable_agents(known, ["low@1", "low"], actor="ada")

    ((_, reason),) = report.failed
    assert reason == ("low plays an earlier model behind the slug acme/one; its successor is low@2")
    assert report.done == ("low@2",)
    assert active(known) == ["low@2"]


def test_a_name_nobody_has_is_reported_and_the_others_go_on(known: Store) -> None:
    declare(known, BOT)

    report = disable_agents(known, ["bto", "bot@7", "a\0@", "bot"], actor="ada")

    assert report.done == ("bot",)
    assert report.failed[0] == ("bto", "No agent is called 'bto'; did you mean 'bot'?")
    assert [name for name, _ in report.failed] == ["bto", "bot@7", "a\0@"]
