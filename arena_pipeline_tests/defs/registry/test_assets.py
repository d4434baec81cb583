from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.registry.agents import agents
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import failures, metadata
from arena_pipeline_tests.registry.days import Days

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


def test_models_are_summed_up_by_status_vendor_and_price(materialize: Materialize) -> None:
    told = metadata(materialize("openrouter_catalog", "models"), "models")

    known = told["dagster/row_count"]
    assert f"| known | {known} |" in told["by status"]
    for name in ("by vendor", "by price", "churn", "price level"):
        assert told[name].startswith("![chart](data:image/svg+xml;base64,")


def test_models_that_may_not_be_evaluated_are_counted_by_reason_with_an_example(
    materialize: Materialize, models_file: Path
) -> None:
    models_file.write_text("models: {deny: ['openai/*']}\n", encoding="utf-8")

    told = metadata(materialize("openrouter_catalog", "models"), "models")

    _, _, *reasons = told["may not be evaluated"].split("\n")
    by_reason = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in reasons}
    assert by_reason["denied"][2].startswith("openai/")
    assert "OPENROUTER" in by_reason["no key"][3]
    refused = sum(int(cells[1]) for cells in by_reason.values())
    assert told["may be evaluated"] + refused == told["dagster/row_count"]


def test_what_the_models_file_changed_is_told_once(
    materialize: Materialize, models_file: Path
) -> None:
    materialize("openrouter_catalog", "models")
    models_file.write_text("models: {deny: ['openai/gpt-4*']}\n", encoding="utf-8")

    first = metadata(materialize("models"), "models")
    again = metadata(materialize("models"), "models")

    assert "| access | openai/gpt-4" in first["what the models file changed"]
    assert again["what the models file changed"] == "Nothing."


def test_changes_since_yesterday_are_those_of_the_last_day(
    materialize: Materialize, store: Store, tmp_path: Path
) -> None:
    days = Days(store, tmp_path / "catalog")
    days.next(row("acme/one"), row("acme/two"))
    days.next(row("acme/one"), row("acme/two"), row("acme/old"))
    days.next(row("acme/one"), row("acme/two"), row("acme/old"), row("acme/new"),
              fetched_at=datetime.now(UTC))  # fmt: skip

    told = metadata(materialize("models"), "models")

    assert told["changes since yesterday"].split("\n")[2:] == ["| added | acme/new |  |  |"]


def test_active_models_are_enrolled_and_who_waits_is_told(
    materialize: Materialize, store: Store, models_file: Path, tmp_path: Path
) -> None:
    Days(store, tmp_path / "catalog").next(
        row("acme/free", prompt="0", completion="0"), row("acme/dear")
    )
    models_file.write_text(
        "gateways: [{name: openrouter, key: HOME}]\nmodels: {active: [acme/free]}"
    )

    told = metadata(materialize("models", "agents"), "agents")

    assert [one.alias for one in agents(store)] == ["acme/free"]
    assert "acme/free" in told["enrolled"]
    assert "no budget" in told["models without an agent"]
    assert told["prompts added"] == "snake@1"
