"""Which kind of failure an answer is: by its status, by codes in its error, at last by its words.

Gateways tell the same thing in several ways: a status, `error.code` (number or word),
`error.metadata.error_type`, `error.availability.code`, or only a message. The most telling counts.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.wire.json_text import clipped
from arena_pipeline.calls.wire.reply import Failure
from arena_pipeline.calls.wire.waits import retry_at

LONGEST_MESSAGE = 500

_WORDS = {
    "invalid_api_key": ErrorKind.AUTH,
    "authentication_error": ErrorKind.AUTH,
    "authentication": ErrorKind.AUTH,
    "unauthorized": ErrorKind.AUTH,
    "payment_required": ErrorKind.PAYMENT,
    "insufficient_quota": ErrorKind.PAYMENT,
    "billing_hard_limit_reached": ErrorKind.PAYMENT,
    "permission_denied": ErrorKind.FORBIDDEN,
    "permission_error": ErrorKind.FORBIDDEN,
    "forbidden": ErrorKind.FORBIDDEN,
    "content_policy_violation": ErrorKind.MODERATION,
    "content_filter": ErrorKind.MODERATION,
    "moderation": ErrorKind.MODERATION,
    "guardrail": ErrorKind.MODERATION,
    "not_found": ErrorKind.NOT_FOUND,
    "model_not_found": ErrorKind.NOT_FOUND,
    "wrong_endpoint": ErrorKind.NOT_FOUND,
    "no_endpoints": ErrorKind.NOT_FOUND,
    "model_deprecated": ErrorKind.NOT_FOUND,
    "model_unavailable_upstream": ErrorKind.NOT_FOUND,
    "region_restricted": ErrorKind.NOT_FOUND,
    "privacy_restricted": ErrorKind.NOT_FOUND,
    "constraint_filtered": ErrorKind.NOT_FOUND,
    "free_variant_ended": ErrorKind.NOT_FOUND,
    "context_length_exceeded": ErrorKind.CONTEXT_LENGTH,
    "exceed_context_size_error": ErrorKind.CONTEXT_LENGTH,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "rate_limit_error": ErrorKind.RATE_LIMIT,
    "too_many_requests": ErrorKind.RATE_LIMIT,
    "capacity_exhausted": ErrorKind.OVERLOADED,
    "temporarily_unavailable": ErrorKind.OVERLOADED,
    "provider_overloaded": ErrorKind.OVERLOADED,
    "overloaded_error": ErrorKind.OVERLOADED,
    "provider_unavailable": ErrorKind.SERVER,
    "server_error": ErrorKind.SERVER,
    "timeout": ErrorKind.TIMEOUT,
}
"""What codes in words mean. Others are told by their status."""

_STATUSES = {
    401: ErrorKind.AUTH,
    402: ErrorKind.PAYMENT,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    405: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    410: ErrorKind.NOT_FOUND,
    425: ErrorKind.RATE_LIMIT,
    429: ErrorKind.RATE_LIMIT,
    498: ErrorKind.RATE_LIMIT,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.TIMEOUT,
    522: ErrorKind.TIMEOUT,
    524: ErrorKind.TIMEOUT,
    529: ErrorKind.OVERLOADED,
}

_DAILY = re.compile(r"free-models-per-day|free_tier_daily", re.IGNORECASE)
_IN_FLIGHT = re.compile(r"current in-flight requests", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _]length|maximum context|context (size|window)|prompt is too long"
    r"|too many (input )?tokens|input is too long|reduce the length",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(r"not a valid model|model .{0,200}(not found|does not exist)", re.IGNORECASE)


def failure_of(
    status: int, error: Mapping[str, Any], headers: Mapping[str, str], now: datetime
) -> Failure:
    """What an answer with this error object says; `status` is that of HTTP, which a code in the
    error goes before. `now` (UTC) is when it came.
    """
    code = error.get("code")
    number = code if isinstance(code, int) and 100 <= code <= 999 else None
    if number is None:
        stated = error.get("http_status", error.get("status"))
        number = stated if isinstance(stated, int) and 100 <= stated <= 999 else status
    message = _message(error) or f"it answered {number} without a word"
    kind = _special(number, error, message) or _by_words(error) or _by_number(number, message)
    return Failure(kind, f"{message} (status {number})", retry_at(headers, error, now))


def _special(number: int, error: Mapping[str, Any], message: str) -> ErrorKind | None:
    """What status and code alone would tell wrong."""
    metadata = _mapping(error.get("metadata"))
    source = str(metadata.get("limit_source", ""))
    if number == 429 and (_DAILY.search(message) or _DAILY.search(source)):
        return ErrorKind.QUOTA
    if number == 402 and _IN_FLIGHT.search(message):
        return ErrorKind.RATE_LIMIT
    if number == 403 and not {"reasons", "flagged_input", "patterns"}.isdisjoint(metadata):
        return ErrorKind.MODERATION
    return None


def _by_words(error: Mapping[str, Any]) -> ErrorKind | None:
    said = (
        _mapping(error.get("availability")).get("code"),
        _mapping(error.get("metadata")).get("error_type"),
        error.get("error_type"),
        error.get("code"),
        error.get("type"),
    )
    kinds = (_WORDS.get(word.lower()) for word in said if isinstance(word, str) and len(word) < 60)
    return next((kind for kind in kinds if kind is not None), None)


def _by_number(number: int, message: str) -> ErrorKind:
    if number in (400, 413, 422):
        if _TOO_LONG.search(message):
            return ErrorKind.CONTEXT_LENGTH
        return ErrorKind.NOT_FOUND if _NO_MODEL.search(message) else ErrorKind.BAD_REQUEST
    if number in _STATUSES:
        return _STATUSES[number]
    return ErrorKind.BAD_REQUEST if 400 <= number < 500 else ErrorKind.SERVER


def _message(error: Mapping[str, Any]) -> str:
    """The gateway's words, and those of the host behind it where it only passes them on."""
    message = clipped(error.get("message"), LONGEST_MESSAGE)
    metadata = _mapping(error.get("metadata"))
    raw = clipped(metadata.get("raw"), LONGEST_MESSAGE)
    name = clipped(metadata.get("provider_name"), 60)
    if raw and raw not in message:
        message = f"{message}: {name + ': ' if name else ''}{raw}" if message else raw
    return " ".join(message.split())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
