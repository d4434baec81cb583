from pathlib import Path

from arena_pipeline.registry.agents import agents
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import failures, metadata

BOTS = ["careful_random", "flood", "greedy", "random", "search"]


def test_agents_are_those_of_the_models_file(materialize: Materialize, store: Store) -> None:
    result = materialize("agents")

    assert [agent.alias for agent in agents(store)] == BOTS
    assert metadata(result, "agents")["added"] == ", ".join(BOTS)


def test_a_bot_without_a_policy_is_left_out_and_named(
    materialize: Materialize, store: Store, models_file: Path
) -> None:
    models_file.write_text(
        "bots:\n  - {alias: a, policy: greedy}\n  - {alias: b, policy: psychic}\n", encoding="utf-8"
    )

    result = materialize("agents")

    assert [agent.alias for agent in agents(store)] == ["a"]
    assert "b (There is no bot 'psychic'" in metadata(result, "agents")["notice"]


def test_a_bot_with_settings_its_policy_refuses_is_left_out_and_named(
    materialize: Materialize, store: Store, models_file: Path
) -> None:
    models_file.write_text("bots: [{alias: b, policy: search, settings: {depth: 9}}]")

    result = materialize("agents")

    assert agents(store) == ()
    assert "9 is not from 1 to 4" in metadata(result, "agents")["notice"]


def test_a_broken_models_file_fails_with_the_line_of_the_mistake(
    materialize: Materialize, store: Store, models_file: Path
) -> None:
    materialize("agents")
    models_file.write_text("bots:\n  - alias: [\n", encoding="utf-8")

    result = materialize("agents")

    assert "models.yaml:" in failures(result)["agents"]
    assert [agent.alias for agent in agents(store)] == BOTS


def test_models_show_the_newest_and_count_all(materialize: Materialize) -> None:
    result = materialize("openrouter_catalog", "models")

    told = metadata(result, "models")
    assert told["dagster/row_count"] == metadata(result, "openrouter_catalog")["models"]
    assert "| model | status |" in told["newest"]
