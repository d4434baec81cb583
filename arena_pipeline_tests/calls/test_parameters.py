"""Settings of agents that go into calls."""

from typing import Any

import pytest

from arena_pipeline.calls.parameters import ApiType, BadParameters, CallParameters


def test_without_settings_nothing_is_set() -> None:
    assert CallParameters.of({}) == CallParameters()


def test_what_is_known_is_read_and_the_rest_passes_through() -> None:
    read = CallParameters.of(
        {
            "api_type": "responses", "temperature": 0.2, "top_p": 1, "max_tokens": 300,
            "reasoning_effort": "low", "hosts": "novita/fp8", "quantizations": ["fp8"],
            "memory": 3, "gateway": "local", "seed": 7, "extra_body": {"min_p": 0.1, "seed": 1},
        }
    )  # fmt: skip

    assert (read.api_type, read.temperature, read.top_p) == (ApiType.RESPONSES, 0.2, 1)
    assert (read.max_tokens, read.reasoning_effort, read.memory) == (300, "low", 3)
    assert (read.hosts, read.quantizations) == (("novita/fp8",), ("fp8",))
    assert read.extras == {"seed": 7, "min_p": 0.1}


def test_the_newer_name_of_the_limit_is_kept() -> None:
    read = CallParameters.of({"max_completion_tokens": 99})
    assert (read.max_tokens, read.limit_name) == (99, "max_completion_tokens")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": 3}, "from 0 to 2"),
        ({"top_p": float("nan")}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "say the same"),
        ({"reasoning_effort": "much"}, "low, medium, high"),
        ({"reasoning_effort": ["low"]}, "reasoning_effort"),
        ({"api_type": "telnet"}, "chat or responses"),
        ({"hosts": [1]}, "hosts"),
        ({"memory": -1}, "memory"),
        ({"model": "other"}, "the arena's own business"),
        ({"messages": []}, "the arena's own business"),
        ({"stream": True}, "the arena's own business"),
        ({"n": 8}, "the arena's own business"),
        ({"extra_body": {"models": ["dear"]}}, "the arena's own business"),
        ({"tools": []}, "the arena's own business"),
        ({"api_key": "x"}, "belong to a gateway"),
        ({"Authorization": "x"}, "belong to a gateway"),
        ({"extra_headers": {}}, "belong to a gateway"),
        ({"extra_body": 7}, "no mapping"),
        ({"x": float("inf")}, "JSON"),
        ({"x": "y" * 30_000}, "characters"),
    ],
)
def test_what_cannot_go_into_a_call_is_named(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(BadParameters, match=told):
        CallParameters.of(settings)
