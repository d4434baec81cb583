"""Requests: what they say, how long they may be, what they may cost."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.calls.wire.bodies import PLAIN_REPLY, REASONING_REPLY, prompt_bound
from arena_pipeline.calls.wire.request import Request
from arena_pipeline.catalog.tariff import Tariff

TALK = (Message("user", "Your move?"),)
TARIFF = Tariff.of(Decimal(1), Decimal(2), {})


def request(gateway: str = "gate", **callee: Any) -> Request:
    return Request.of(Callee(gateway, "acme/one", TARIFF, **callee), TALK)


def test_the_limit_of_tokens_follows_the_model_and_its_settings() -> None:
    assert request().reply_tokens == PLAIN_REPLY
    assert request(can_reason=True).reply_tokens == REASONING_REPLY
    assert request(can_reason=True, settings={"reasoning_effort": "none"}).reply_tokens == 1000
    assert request(settings={"max_tokens": 77}).reply_tokens == 77
    assert request(can_reason=True, max_completion_tokens=4096).reply_tokens == 4096
    assert request(context_length=500).reply_tokens == 500 - request().prompt_tokens // 2
    assert request(context_length=10).body["max_tokens"] == 64


def test_the_most_it_may_cost_is_by_bytes_sent_and_tokens_allowed() -> None:
    made = request()
    assert made.prompt_tokens >= len(TALK[0].content)
    assert made.most == (made.prompt_tokens + 2 * Decimal(made.reply_tokens)) / 1_000_000


@given(st.text(max_size=50))
def test_a_prompt_has_no_more_tokens_than_bytes_and_its_template(text: str) -> None:
    bound = prompt_bound((Message("user", text),))
    assert bound >= len(text.encode(errors="replace"))


def test_effort_and_hosts_are_said_as_each_gateway_knows_them() -> None:
    settings = {"reasoning_effort": "low", "hosts": ["novita"], "quantizations": ["fp8"]}
    there = request("openrouter", settings=settings).body
    assert there["reasoning"] == {"effort": "low"}
    assert there["provider"] == {
        "order": ["novita"], "only": ["novita"], "allow_fallbacks": False, "quantizations": ["fp8"],
    }  # fmt: skip
    elsewhere = request(settings={"reasoning_effort": "low"}).body
    assert (elsewhere["reasoning_effort"], "reasoning" in elsewhere) == ("low", False)


def test_the_responses_api_has_its_own_words() -> None:
    made = request(settings={"api_type": "responses", "reasoning_effort": "high", "seed": 7})

    assert made.path == "/responses"
    assert made.body == {
        "model": "acme/one", "input": [{"role": "user", "content": "Your move?"}],
        "max_output_tokens": 1000, "reasoning": {"effort": "high"}, "seed": 7,
    }  # fmt: skip


def test_what_passes_through_does_not_win_over_what_is_known() -> None:
    body = request(settings={"extra_body": {"temperature": 2, "seed": 1}, "temperature": 0.1}).body
    assert (body["temperature"], body["seed"]) == (0.1, 1)
