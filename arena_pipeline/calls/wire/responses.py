"""Reading an answer of the Responses API."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.wire.chat import (
    LONGEST_TEXT,
    problem_of,
    refusal_of,
    text_of,
)
from arena_pipeline.calls.wire.failures import failure_of
from arena_pipeline.calls.wire.json_text import clipped
from arena_pipeline.calls.wire.reply import Failure, Reply
from arena_pipeline.calls.wire.usage import read_usage


def read_response(
    body: Mapping[str, Any], headers: Mapping[str, str], now: datetime, asked: str
) -> Reply:
    """What a body with status 200 says. `asked` is the model that was asked for."""
    remarks: list[str] = []
    usage = read_usage(body.get("usage"), remarks)
    failure = _failure(body, headers, now)
    contents = [item.get("content") for item in _items(body, "message")]
    text = clipped("".join(text_of(content) for content in contents), LONGEST_TEXT)
    refusal = clipped("".join(refusal_of(content) for content in contents), LONGEST_TEXT)
    finish = _finish(body)
    answered = clipped(body.get("model"), 200)
    if answered and answered != asked:
        remarks.append(f"{answered} answered instead of {asked}")
    return Reply(
        text=text or refusal,
        problem=None if failure else problem_of(text, refusal, finish),
        failure=failure,
        reasoning=_reasoning(body),
        usage=usage,
        finish_reason=finish,
        host=clipped(body.get("provider"), 100) or None,
        request_id=clipped(body.get("id"), 200) or None,
        remarks=tuple(remarks),
    )


def _failure(body: Mapping[str, Any], headers: Mapping[str, str], now: datetime) -> Failure | None:
    if error := body.get("error"):
        return failure_of(
            200, error if isinstance(error, Mapping) else {"message": error}, headers, now
        )
    if body.get("status") in ("failed", "cancelled"):
        return Failure(ErrorKind.SERVER, "the response failed and nobody said why")
    output = body.get("output")
    if output is not None and not isinstance(output, list):
        return Failure(ErrorKind.MALFORMED, "its output is no list")
    if not output and body.get("status") != "incomplete":
        return Failure(ErrorKind.NO_CHOICES, "a response without output")
    return None


def _finish(body: Mapping[str, Any]) -> str | None:
    """Why it ended, in the words of the API: that of `incomplete_details` goes before `status`."""
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, Mapping) else None
    return clipped(reason, 100) or clipped(body.get("status"), 100) or None


def _reasoning(body: Mapping[str, Any]) -> str | None:
    parts: list[str] = []
    for item in _items(body, "reasoning"):
        for place in ("summary", "content"):
            told = item.get(place)
            parts += [
                part["text"]
                for part in (told if isinstance(told, list) else [])
                if isinstance(part, Mapping) and isinstance(part.get("text"), str)
            ]
    return clipped("\n".join(parts), LONGEST_TEXT) or None


def _items(body: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    output = body.get("output")
    for item in output if isinstance(output, list) else []:
        if isinstance(item, Mapping) and item.get("type") == kind:
            yield item
