import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.agents import agent, agents, config_digest
from arena_pipeline.registry.declared.agents import sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.store import Store

TWO = """\
bots:
  - {alias: greedy, policy: greedy, title: Greedy}
  - {alias: random, policy: random, active: false}
"""


@pytest.fixture
def known(store: Store) -> Store:
    """A store with two bots."""
    sync_agents(store, parse_models_file(TWO, "models.yaml"))
    return store


def test_agents_are_listed_by_alias_and_filtered(known: Store) -> None:
    assert [row.alias for row in agents(known)] == ["greedy", "random"]
    assert [row.alias for row in agents(known, active=True)] == ["greedy"]
    assert agents(known, kind="llm") == ()


def test_a_bot_says_how_it_decides(known: Store) -> None:
    greedy = agent(known, "greedy")

    assert (greedy.kind, greedy.policy, greedy.model, greedy.title) == (
        "bot",
        "greedy",
        None,
        "Greedy",
    )


def test_an_alias_nobody_has_names_the_nearest(known: Store) -> None:
    with pytest.raises(NotFound, match="'gredy'; did you mean 'greedy'"):
        agent(known, "gredy")


def test_the_digest_covers_everything_an_agent_is() -> None:
    digests = {
        config_digest("a", "bot", None, {"policy": "x"}, 1),
        config_digest("b", "bot", None, {"policy": "x"}, 1),
        config_digest("a", "llm", None, {"policy": "x"}, 1),
        config_digest("a", "bot", "acme/one", {"policy": "x"}, 1),
        config_digest("a", "bot", None, {"policy": "y"}, 1),
        config_digest("a", "bot", None, {"policy": "x"}, 2),
        config_digest("a", "bot", None, {"policy": "x"}, 1, prompt="p"),
        config_digest("a", "bot", None, {"policy": "x"}, 1, agent_class="c"),
        config_digest("a", "bot", None, {"policy": "x"}, 1, model_version=2),
    }

    assert len(digests) == 9


def test_the_order_of_settings_makes_no_other_agent() -> None:
    one, other = {"policy": "x", "depth": 3}, {"depth": 3, "policy": "x"}

    assert config_digest("a", "bot", None, one, 1) == config_digest("a", "bot", None, other, 1)


def test_the_first_model_behind_a_slug_changes_no_digest() -> None:
    first = config_digest("a", "llm", "acme/one", {}, 1, model_version=1)

    assert first == config_digest("a", "llm", "acme/one", {}, 1)
