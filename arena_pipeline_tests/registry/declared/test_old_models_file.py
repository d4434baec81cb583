from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from arena_pipeline.registry.declared.entries import AgentEntry, DatedPriceEntry, ModelsFile
from arena_pipeline.registry.declared.models_file import (
    ModelsFileError,
    parse_models_file,
    read_models_file,
)

EFFORTS = """\
models:
  - name: o9-low
    model_name: o9-2025-01-31
    provider: openai
    reasoning_effort: low
    max_completion_tokens: 100000
    pricing: {date: "2025-04-30", input: 1.1, output: 4.40}
  - name: o9-high
    model_name: o9-2025-01-31
    provider: openai
    reasoning_effort: high
    kwargs: {top_p: 0.5, seed: 1}
    seed: 7
"""


def read(text: str) -> ModelsFile:
    return parse_models_file(text, "f")


def mistakes(text: str) -> list[str]:
    with pytest.raises(ModelsFileError) as caught:
        read(text)
    return str(caught.value).splitlines()[1:]


def test_entries_that_differ_in_settings_are_agents_of_one_model() -> None:
    declared = read(EFFORTS)

    (model,) = declared.models.bootstrap
    assert (model.slug, model.gateway, model.client_name) == (
        "openai/o9-2025-01-31",
        "openai",
        "o9-2025-01-31",
    )
    assert model.prices == DatedPriceEntry(
        prompt=Decimal("1.1"), completion=Decimal("4.4"), since=date(2025, 4, 30)
    )
    assert [(agent.alias, agent.model) for agent in declared.agents] == [
        ("o9-low", model.slug),
        ("o9-high", model.slug),
    ]
    assert declared.models.names == {model.slug: ("o9-low", "o9-2025-01-31", "o9-high")}


def test_settings_pass_through_with_parameters_nobody_knows() -> None:
    low, high = read(EFFORTS).agents

    called = {"client_name": "o9-2025-01-31"}
    assert low.settings == {"reasoning_effort": "low", "max_completion_tokens": 100_000} | called
    assert high.settings == {"reasoning_effort": "high", "top_p": 0.5, "seed": 7} | called


def test_a_model_name_with_a_vendor_is_the_slug() -> None:
    declared = read("models: [{name: a b, model_name: acme/One-2, provider: together}]")

    (model,) = declared.models.bootstrap
    assert (model.slug, model.gateway, model.client_name) == (
        "acme/One-2",
        "together",
        "acme/One-2",
    )
    assert declared.agents == (AgentEntry(alias="a-b", model="acme/One-2", gateway="together"),)
    assert declared.models.names == {"acme/One-2": ("a b",)}


def test_where_an_entry_is_called_and_as_what_goes_with_its_agent() -> None:
    declared = read(
        "models: [{name: a, model_name: acme/one, provider: together},"
        " {name: b, model_name: one, provider: acme},"
        " {name: c, model_name: acme/one, provider: openrouter}]"
    )

    called = [(agent.model, agent.gateway, agent.settings) for agent in declared.agents]
    assert called == [
        ("acme/one", "together", {}),
        ("acme/one", "acme", {"client_name": "one"}),
        ("acme/one", None, {}),
    ]


def test_of_several_prices_those_of_the_latest_day_count() -> None:
    entry = "{{name: {}, model_name: x, provider: acme, pricing: {{input: {}, output: 1{}}}}}"
    text = ", ".join(
        [
            entry.format("a", 1, ""),
            entry.format("b", 2, ", date: 2025-05-01"),
            entry.format("c", 3, ", date: 2025-04-01"),
        ]
    )

    prices = read(f"models: [{text}]").models.bootstrap[0].prices

    assert prices is not None
    assert (prices.prompt, prices.since) == (Decimal(2), date(2025, 5, 1))


def test_bots_and_gateways_may_stand_beside_the_older_list() -> None:
    declared = read(
        "bots: [{alias: one, policy: random}]\n"
        "gateways: [{name: together, base_url: 'https://t.example/v1'}]\n"
        "models: []\n"
    )

    assert (declared.bots[0].alias, declared.gateways[0].name) == ("one", "together")


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "{name: a, modle_name: x, provider: p}",
            [
                "f:2:5: 'model_name' is missing",
                "f:2:15: unknown key 'modle_name'; did you mean 'model_name'?",
            ],
        ),
        (
            "{name: a, model_name: x, provider: p, max_token: 5}",
            ["f:2:43: unknown key 'max_token'; did you mean 'max_tokens'?"],
        ),
        (
            "{name: a, model_name: x, provider: p, pricing: {inptu: 1, input: 1, output: 1}}",
            [
                "f:2:53: unknown key 'inptu'; did you mean 'input'? (valid: input, output, date)",
            ],
        ),
        (
            "{name: a, model_name: x, provider: p, pricing: {input: -1, output: 1}}",
            ["f:2:53: input: -1 is no amount of USD from 0 to 1000000"],
        ),
        (
            "{name: a, model_name: x, provider: p, kwargs: [1]}",
            ["f:2:5: kwargs: this is no mapping of parameters to values"],
        ),
        (
            "{name: '...', model_name: x, provider: p}",
            ["f:2:5: '...' has nothing an alias can be made of"],
        ),
        (
            "{name: a, model_name: x, provider: ../p}",
            ["f:2:5: '../p/x' is no slug like vendor/model"],
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_nearest_key(
    entry: str, found: list[str]
) -> None:
    assert mistakes(f"models:\n  - {entry}\n") == found


@pytest.mark.parametrize("key", ["temperature", "min_tokens", "max_output_tokens", "reasoning"])
def test_a_parameter_that_is_like_no_key_is_none_of_our_business(key: str) -> None:
    declared = read(f"models: [{{name: a, model_name: p/x, provider: p, {key}: 1}}]")

    assert declared.agents[0].settings == {key: 1}


@pytest.mark.parametrize("name", ["a", "'a '"])
def test_two_entries_of_one_name_are_a_mistake(name: str) -> None:
    entries = [f"- {{name: {n}, model_name: x, provider: p}}" for n in ("a", name)]

    assert mistakes("\n".join(["models:", *entries])) == [
        "f:3:4: alias 'a' is taken already (line 2)"
    ]


@pytest.mark.shared
def test_the_published_list_is_read_as_it_is(shared_data: Path) -> None:
    path = shared_data / "snakebench" / "model_list.yaml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]

    declared = read_models_file(path)

    assert [agent.alias for agent in declared.agents] == [entry["name"] for entry in entries]
    assert len(declared.agents) == 63
    assert len(declared.models.bootstrap) == len({entry["model_name"] for entry in entries}) == 59
    priced = {entry["model_name"] for entry in entries if "pricing" in entry}
    assert {model.client_name for model in declared.models.bootstrap if model.prices} == priced
    for agent, entry in zip(declared.agents, entries, strict=True):
        own = {"name", "model_name", "provider", "pricing"}
        passed = {key: entry[key] for key in entry.keys() - own}
        named = {} if agent.model == entry["model_name"] else {"client_name": entry["model_name"]}
        assert agent.settings == passed | named
        assert (agent.gateway or "openrouter") == entry["provider"]
