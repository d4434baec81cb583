"""Every irregularity of answers, each with its own kind: pure reading."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.kinds import ErrorKind, ReplyProblem
from arena_pipeline.calls.parameters import ApiType
from arena_pipeline.calls.wire.reply import Usage
from arena_pipeline_tests.calls.wire.answers import kind, read
from arena_pipeline_tests.calls.wire.scripted import completion

REAL_USAGE = """{"prompt_tokens":5628,"completion_tokens":5091,"total_tokens":10719,
 "cost":0.0415844,"is_byok":false,
 "prompt_tokens_details":{"cached_tokens":128,"cache_write_tokens":0},
 "cost_details":{"upstream_inference_cost":0.0415844},
 "completion_tokens_details":{"reasoning_tokens":1814,"image_tokens":0}}"""


def test_a_completion_says_text_host_tokens_and_the_exact_bill() -> None:
    text = json.dumps(completion("UP", usage=None))
    reply = read(text[:-1] + f',"usage":{REAL_USAGE}}}')

    assert (reply.text, reply.problem, reply.failure) == ("UP", None, None)
    assert (reply.host, reply.request_id, reply.finish_reason) == ("Acme North", "gen-1", "stop")
    assert reply.usage == Usage(5628, 128, 5091, 1814, Decimal("0.0415844"))
    assert reply.remarks == ()


@pytest.mark.parametrize("noise", ["\n\n \n", "\ufeff"])
def test_space_before_the_json_does_no_harm(noise: str) -> None:
    assert read(noise.replace("\ufeff", "") + json.dumps(completion())).text == "UP"


def test_what_was_paid_to_a_host_directly_is_added_to_the_bill() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0, "is_byok": True}
    paid = {**usage, "cost_details": {"upstream_inference_cost": 0.25}}

    assert read(completion(usage=paid)).usage.cost == Decimal("0.25")
    assert read(completion(usage=usage)).usage.cost is None


@pytest.mark.parametrize("cost", [-1, True, "0.1", 1e300, 10001, float("nan"), float("inf"), []])
def test_a_bill_that_cannot_be_is_unknown_and_said_so(cost: object) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": cost}
    reply = read(completion(usage=usage))

    assert reply.usage.cost is None
    assert bool(reply.remarks) or cost != cost or cost == float("inf")  # null for what is no JSON


@pytest.mark.parametrize("count", [-1, True, "7", 1.5, 10**30, 1e40, {}])
def test_tokens_that_cannot_be_are_unknown_and_said_so(count: object) -> None:
    reply = read(completion(usage={"prompt_tokens": count, "completion_tokens": 3.0}))

    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (None, 3)
    assert any("prompt_tokens" in remark for remark in reply.remarks)


@pytest.mark.parametrize("number", ["1e-9999999999", "-1e-9999999999", "1e9999999999", "-1e-400"])
def test_a_number_that_would_fill_the_memory_is_told_in_short(number: str) -> None:
    usage = json.dumps(completion()).replace("0.0000415844", number).replace("100", number)

    reply = read(usage)

    assert reply.usage.prompt_tokens is None
    assert all(len(remark) < 60 for remark in reply.remarks)


def test_more_tokens_cached_than_sent_are_unknown() -> None:
    usage = {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}
    assert read(completion(usage=usage)).usage.cached_tokens is None


@pytest.mark.parametrize("usage", [None, 7, [], "x"])
def test_missing_usage_is_unknown_not_zero(usage: Any) -> None:
    value = {**completion(usage=None), "usage": usage}
    reply = read(value)

    assert (reply.usage, reply.text) == (Usage(), "UP")
    assert reply.remarks


@pytest.mark.parametrize(
    ("value", "problem", "text"),
    [
        (completion(None), ReplyProblem.EMPTY, ""),
        (completion(""), ReplyProblem.EMPTY, ""),
        (completion(" \n"), ReplyProblem.EMPTY, " \n"),
        (completion(7), ReplyProblem.EMPTY, ""),
        (completion([]), ReplyProblem.EMPTY, ""),
        (completion(None, "length", reasoning="I think"), ReplyProblem.CUT_OFF, ""),
        (completion("maybe UP or", "length"), ReplyProblem.CUT_OFF, "maybe UP or"),
        (completion(None, "content_filter"), ReplyProblem.REFUSAL, ""),
        (completion(None, refusal="I can't"), ReplyProblem.REFUSAL, "I can't"),
        (completion([{"type": "refusal", "refusal": "No."}]), ReplyProblem.REFUSAL, "No."),
        (completion([{"type": "text", "text": "I say "}, {"text": "UP"}, 3]), None, "I say UP"),
        (completion("UP", refusal=""), None, "UP"),
        ({"choices": [{"text": "UP", "finish_reason": None}]}, None, "UP"),
    ],
)
def test_what_is_the_models_own_doing(value: Any, problem: ReplyProblem | None, text: str) -> None:
    reply = read(value)

    assert (reply.failure, reply.problem, reply.text) == (None, problem, text)


def test_reasoning_is_found_under_each_of_its_names() -> None:
    details = [{"type": "reasoning.text", "text": "a"}, {"summary": "b"}, {"data": "x"}, 4]
    for more in (
        {"reasoning": "a\nb"},
        {"reasoning_content": "a\nb"},
        {"reasoning_details": details},
    ):
        assert read(completion("UP", **more)).reasoning == "a\nb"


def test_another_model_than_asked_is_remarked() -> None:
    assert read({**completion(), "model": "acme/two"}).remarks == (
        "acme/two answered instead of acme/one",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"error": {"code": 502, "message": "provider"}}, ErrorKind.SERVER),
        ({"error": {"code": 429, "message": "busy"}}, ErrorKind.RATE_LIMIT),
        ({"error": {"code": 402, "message": "more credits"}}, ErrorKind.PAYMENT),
        ({"error": "it broke"}, ErrorKind.SERVER),
        ({"error": {"message": "m", "metadata": {"error_type": "timeout"}}}, ErrorKind.TIMEOUT),
        (
            {"error": {"message": "m", "code": "x"}, "choices": [{"message": {"content": None}}]},
            ErrorKind.SERVER,
        ),
        (
            {
                "choices": [
                    {
                        "finish_reason": "error",
                        "message": {"content": "par"},
                        "error": {"code": 503, "message": "gone"},
                    }
                ]
            },
            ErrorKind.OVERLOADED,
        ),
        (completion("par", "error"), ErrorKind.SERVER),
        (
            {"error": {"error_type": "capacity_exhausted", "http_status": 429, "message": "m"}},
            ErrorKind.OVERLOADED,
        ),
        ({"choices": []}, ErrorKind.NO_CHOICES),
        ({"choices": None}, ErrorKind.NO_CHOICES),
        ({}, ErrorKind.NO_CHOICES),
        ({"choices": {"a": 1}}, ErrorKind.MALFORMED),
        ({"choices": [None]}, ErrorKind.MALFORMED),
        ({"choices": [{"message": "UP"}]}, ErrorKind.MALFORMED),
        ([1, 2], ErrorKind.MALFORMED),
        ("", ErrorKind.MALFORMED),
        ('{"choices": [', ErrorKind.MALFORMED),
        ("data: {}\n\n", ErrorKind.MALFORMED),
        ("[" * 100_000, ErrorKind.MALFORMED),
        ('{"cost": 1e999999999999999999999}', ErrorKind.MALFORMED),
        ('{"n": ' + "9" * 10_000 + "}", ErrorKind.MALFORMED),
        ("<!DOCTYPE html><title>Just a moment...</title>", ErrorKind.HTML),
        (" \n<HTML lang=en>", ErrorKind.HTML),
    ],
)
def test_a_200_that_is_no_answer_has_its_kind(value: Any, expected: ErrorKind) -> None:
    assert kind(value) is expected


def respond(**changed: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": "UP"}
    made = {
        "id": "resp-1",
        "status": "completed",
        "model": "acme/one",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [part]},
        ],
        "usage": {
            "input_tokens": 9,
            "input_tokens_details": {"cached_tokens": 2},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 3},
        },
    }
    return {**made, **changed}


def test_a_response_of_the_responses_api_is_read() -> None:
    reply = read(respond(), api=ApiType.RESPONSES)

    assert (reply.text, reply.problem, reply.failure, reply.reasoning) == ("UP", None, None, "hm")
    assert reply.usage == Usage(9, 2, 5, 3, None)
    assert (reply.finish_reason, reply.request_id) == ("completed", "resp-1")


@pytest.mark.parametrize(
    ("changed", "problem", "failure"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            ReplyProblem.CUT_OFF,
            None,
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            ReplyProblem.REFUSAL,
            None,
        ),
        (
            {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]},
            ReplyProblem.REFUSAL,
            None,
        ),
        ({"output": [{"type": "reasoning"}]}, ReplyProblem.EMPTY, None),
        ({"output": []}, None, ErrorKind.NO_CHOICES),
        ({"output": "UP"}, None, ErrorKind.MALFORMED),
        ({"status": "failed"}, None, ErrorKind.SERVER),
        ({"error": {"code": "rate_limit_exceeded", "message": "m"}}, None, ErrorKind.RATE_LIMIT),
    ],
)
def test_what_may_be_wrong_with_a_response(
    changed: dict[str, Any], problem: ReplyProblem | None, failure: ErrorKind | None
) -> None:
    reply = read(respond(**changed), api=ApiType.RESPONSES)

    assert (reply.problem, reply.failure and reply.failure.kind) == (problem, failure)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "choices", "message", "content", "usage", "code", "metadata", "headers",
                 "output", "type", "text", "cost", "prompt_tokens", "availability", "retry_after"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@given(ANYTHING, st.sampled_from([200, 204, 301, 400, 403, 429, 500]), st.sampled_from(ApiType))
def test_reading_never_raises_whatever_comes(value: Any, status: int, api: ApiType) -> None:
    reply = read(value, status, api=api)

    assert isinstance(reply.text, str)
    assert status == 200 or reply.failure is not None
