"""Statuses and errors: which kind of failure each is, and until when to stay away."""

from datetime import timedelta
from typing import Any

import pytest

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline_tests.calls.wire.answers import NOW, kind, read

DAILY = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000"
IN_FLIGHT = "would exceed your available credits given your current in-flight requests"
CONTEXT = "This endpoint's maximum context length is 4096 tokens. However, you requested"


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"code": 400, "message": "temperature is too hot"}, ErrorKind.BAD_REQUEST),
        (400, {"code": 400, "message": CONTEXT}, ErrorKind.CONTEXT_LENGTH),
        (400, {"type": "exceed_context_size_error", "message": "m"}, ErrorKind.CONTEXT_LENGTH),
        (400, {"code": 400, "message": "a/b is not a valid model ID"}, ErrorKind.NOT_FOUND),
        (401, {"code": 401, "message": "User not found"}, ErrorKind.AUTH),
        (402, {"code": 402, "message": "requires more credits"}, ErrorKind.PAYMENT),
        (402, {"code": 402, "message": IN_FLIGHT}, ErrorKind.RATE_LIMIT),
        (403, {"code": 403, "message": "key limit"}, ErrorKind.FORBIDDEN),
        (403, {"message": "m", "metadata": {"flagged_input": "x"}}, ErrorKind.MODERATION),
        (403, {"message": "m", "metadata": {"patterns": []}}, ErrorKind.MODERATION),
        (403, {"availability": {"code": "region_restricted"}}, ErrorKind.NOT_FOUND),
        (404, {"code": 404, "message": "No endpoints found"}, ErrorKind.NOT_FOUND),
        (408, {}, ErrorKind.TIMEOUT),
        (413, {"message": "too large"}, ErrorKind.BAD_REQUEST),
        (422, {"message": "no"}, ErrorKind.BAD_REQUEST),
        (429, {"code": 429, "message": DAILY}, ErrorKind.QUOTA),
        (429, {"metadata": {"limit_source": "openrouter_free_tier_daily"}}, ErrorKind.QUOTA),
        (429, {"code": "insufficient_quota", "message": "m"}, ErrorKind.PAYMENT),
        (429, {"code": 429, "message": "limit_rpm/qwen"}, ErrorKind.RATE_LIMIT),
        (500, {"message": "m"}, ErrorKind.SERVER),
        (503, {"metadata": {"error_type": "provider_overloaded"}}, ErrorKind.OVERLOADED),
        (524, {}, ErrorKind.TIMEOUT),
        (529, {}, ErrorKind.OVERLOADED),
    ],
)
def test_a_status_with_an_error_has_its_kind(
    status: int, error: dict[str, Any], expected: ErrorKind
) -> None:
    assert kind({"error": error, "user_id": "user_1"}, status) is expected


def test_a_page_tells_its_title_and_does_not_hide_the_status() -> None:
    page = "<html><head><title>Bad gateway</title></head></html>"

    assert kind(page, 502, content_type="text/html") is ErrorKind.SERVER
    assert kind(page, 403, content_type="text/html") is ErrorKind.HTML
    assert kind("<h1>hi</h1>", 200, content_type="text/html; charset=utf-8") is ErrorKind.HTML
    failure = read(page, 502).failure
    assert failure is not None
    assert "Bad gateway" in failure.message


def test_a_redirect_is_told_and_not_followed() -> None:
    failure = read("", 302).failure
    assert failure is not None
    assert failure.kind is ErrorKind.NOT_FOUND
    assert "base_url" in failure.message


@pytest.mark.parametrize(
    ("headers", "error", "seconds"),
    [
        ({"retry_after": "30"}, {}, 30),
        ({"retry_after": "1.5"}, {}, 1.5),
        ({"retry_after": "Sat, 01 Aug 2026 12:01:00 GMT"}, {}, 60),
        ({"retry_after": "Sat, 01 Aug 2020 12:01:00 GMT"}, {}, 0),
        ({}, {"availability": {"retry_after": 9}}, 9),
        ({}, {"metadata": {"headers": {"X-RateLimit-Reset": "1785585700000"}}}, 100),
        ({"x_ratelimit_reset": "1785585700000"}, {}, 100),
        ({"x_ratelimit_reset": "1785585700"}, {}, 100),
        ({"x_ratelimit_reset": "12"}, {}, 12),
        ({"retry_after": "9999999"}, {}, None),
        ({"retry_after": "-5"}, {}, None),
        ({"retry_after": "soon"}, {}, None),
        ({"x_ratelimit_reset": "9" * 15}, {}, None),
        ({}, {"metadata": {"headers": {"X-RateLimit-Reset": 1e400}}}, None),
        ({}, {"metadata": {"headers": [1]}, "availability": 7}, None),
        ({}, {}, None),
    ],
)
def test_until_when_a_gateway_wants_to_be_left_alone(
    headers: dict[str, str], error: dict[str, Any], seconds: float | None
) -> None:
    failure = read({"error": {"code": 429, "message": "m", **error}}, 429, **headers).failure

    assert failure is not None
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert failure.retry_at == expected


def test_the_words_of_the_host_behind_are_told() -> None:
    metadata = {"raw": "glm is busy upstream", "provider_name": "BaseTen"}
    error = {"code": 429, "message": "Provider returned error", "metadata": metadata}
    failure = read({"error": error}, 429).failure

    assert failure is not None
    assert failure.message == (
        "Provider returned error: BaseTen: glm is busy upstream (status 429)"
    )
