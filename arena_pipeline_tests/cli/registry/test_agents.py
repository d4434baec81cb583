"""`arena agents`: listed, added, switched off and on."""

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, HOSTILE, Later, row


def test_agents_are_listed_with_what_they_play_by(synced: Arena) -> None:
    agents = synced("agents", "--json").document["agents"]

    assert [(one["alias"], one["policy"]) for one in agents] == [
        ("greedy", "greedy"),
        ("random", "random"),
    ]
    assert "Greedy" in synced("agents").out


def test_agents_list_is_the_same_as_agents(synced: Arena) -> None:
    assert synced("agents", "list").out == synced("agents").out


def test_an_agent_of_a_model_is_added_with_settings_as_json_or_text(synced: Arena) -> None:
    ran = synced(
        "agents", "add", "one-hot", "--model", "a/one", "--title", HOSTILE, "--json",
        "--setting", "temperature=1.5", "--setting", "reasoning_effort=high",
        "--setting", 'extra={"a": [1, null]}',
    )  # fmt: skip

    assert ran.code == 0
    assert (ran.document["alias"], ran.document["model"]) == ("one-hot", "a/one")
    assert ran.document["settings"] == {
        "temperature": 1.5,
        "reasoning_effort": "high",
        "extra": {"a": [1, None]},
    }
    shown = synced("agents").out
    assert "one-hot" in shown
    assert "temperature=1.5, reasoning_effort=high" in shown
    assert "[red]Two[/]" in shown
    assert "\x1b" not in shown


def test_a_bot_is_added_by_its_policy(synced: Arena) -> None:
    ran = synced("agents", "add", "deep", "--policy", "search", "--setting", "depth=2")

    assert (ran.code, ran.out) == (0, "Agent deep plays by search with depth=2.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("deep",),
        ("deep", "--policy", "greedy", "--model", "a/one"),
        ("deep", "--policy", "greedy", "--setting", "depth"),
        ("deep", "--policy", "greedy", "--setting", "a=1", "--setting", "a=2"),
    ],
)
def test_an_agent_asked_for_wrongly_is_a_wrong_call(
    synced: Arena, arguments: tuple[str, ...]
) -> None:
    ran = synced("agents", "add", *arguments)

    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_bot_that_its_policy_refuses_is_one_sentence(synced: Arena) -> None:
    ran = synced("agents", "add", "deep", "--policy", "search", "--setting", "depth=900")

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "depth" in ran.err


def test_an_alias_that_is_taken_is_one_sentence(synced: Arena) -> None:
    ran = synced("agents", "add", "greedy", "--policy", "random")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "greedy" in ran.err


def test_an_agent_is_switched_off_and_on_and_the_models_file_minds_it(
    synced: Arena, later: Later
) -> None:
    ran = synced("agents", "disable", "greedy", "nobody", "--reason", "tired")
    later(2, row("a/one"), FREE)

    assert (ran.code, ran.out) == (1, "greedy is switched off now\n")
    assert "nobody" in ran.err
    active = {one["alias"]: one["active"] for one in synced("agents", "--json").document["agents"]}
    assert active == {"greedy": False, "random": True}

    assert synced("agents", "enable", "greedy", "--json").document["done"] == ["greedy"]
