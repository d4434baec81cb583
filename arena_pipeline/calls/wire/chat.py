"""Reading a chat completion: what the model said, and every way of saying nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from arena_pipeline.calls.kinds import ErrorKind, ReplyProblem
from arena_pipeline.calls.wire.failures import failure_of
from arena_pipeline.calls.wire.json_text import clipped
from arena_pipeline.calls.wire.reply import Failure, Reply
from arena_pipeline.calls.wire.usage import read_usage

LONGEST_TEXT = 1_000_000
"""Characters of an answer that are read."""
_LONGEST_NAME = 100


def read_chat(
    body: Mapping[str, Any], headers: Mapping[str, str], now: datetime, asked: str
) -> Reply:
    """What a body with status 200 says. `asked` is the model that was asked for."""
    remarks: list[str] = []
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    choice = first if isinstance(first, Mapping) else {}
    usage = read_usage(body.get("usage"), remarks)
    finish = clipped(choice.get("finish_reason"), _LONGEST_NAME) or None
    message = choice.get("message")
    said = message if isinstance(message, Mapping) else {}
    text = text_of(said.get("content")) or text_of(choice.get("text"))
    refusal = clipped(said.get("refusal"), LONGEST_TEXT) or refusal_of(said.get("content"))
    answered = clipped(body.get("model"), 200)
    if answered and answered != asked:
        remarks.append(f"{answered} answered instead of {asked}")
    failure = _failure(body, choices, first, finish, headers, now)
    return Reply(
        text=text or refusal,
        problem=None if failure else problem_of(text, refusal, finish),
        failure=failure,
        reasoning=_reasoning(said),
        usage=usage,
        finish_reason=finish,
        host=clipped(body.get("provider"), _LONGEST_NAME) or None,
        request_id=clipped(body.get("id"), 200) or None,
        remarks=tuple(remarks),
    )


def problem_of(text: str, refusal: str, finish: str | None) -> ReplyProblem | None:
    """What is wrong with an answer, if anything: cut off goes before a refusal, that before none.

    A text that was cut off is no answer even if it names a move: it had not come to its end.
    """
    if finish in ("length", "max_tokens", "max_output_tokens"):
        return ReplyProblem.CUT_OFF
    if finish in ("content_filter", "refusal") or (refusal and not text.strip()):
        return ReplyProblem.REFUSAL
    return None if text.strip() else ReplyProblem.EMPTY


def text_of(content: object) -> str:
    """The text of a message's content, which may be a string or a list of parts."""
    if isinstance(content, list):
        parts = (part for part in content if isinstance(part, Mapping))
        said = [
            part["text"]
            for part in parts
            if isinstance(part.get("text"), str)
            and part.get("type") in (None, "text", "output_text")
        ]
        return clipped("".join(said), LONGEST_TEXT)
    return clipped(content, LONGEST_TEXT)


def refusal_of(content: object) -> str:
    """What parts of a message that decline say."""
    if not isinstance(content, list):
        return ""
    parts = (part.get("refusal") for part in content if isinstance(part, Mapping))
    return clipped("".join(part for part in parts if isinstance(part, str)), LONGEST_TEXT)


def _failure(
    body: Mapping[str, Any],
    choices: object,
    first: object,
    finish: str | None,
    headers: Mapping[str, str],
    now: datetime,
) -> Failure | None:
    within = first.get("error") if isinstance(first, Mapping) else None
    for error in (body.get("error"), within):
        if error:
            return failure_of(
                200, error if isinstance(error, Mapping) else {"message": error}, headers, now
            )
    if finish == "error":
        return Failure(ErrorKind.SERVER, "the host failed half-way and did not say why")
    if not isinstance(choices, list) and choices is not None:
        return Failure(ErrorKind.MALFORMED, "its choices are no list")
    if not choices:
        return Failure(ErrorKind.NO_CHOICES, "a completion without a choice")
    if not isinstance(first, Mapping) or not isinstance(first.get("message", {}), Mapping):
        return Failure(ErrorKind.MALFORMED, "its first choice is no message")
    return None


def _reasoning(message: Mapping[str, Any]) -> str | None:
    for name in ("reasoning", "reasoning_content"):
        if text := clipped(message.get(name), LONGEST_TEXT):
            return text
    details = message.get("reasoning_details")
    parts = (part for part in (details if isinstance(details, list) else []))
    told = (part.get("text") or part.get("summary") for part in parts if isinstance(part, Mapping))
    said = "\n".join(one for one in told if isinstance(one, str))
    return clipped(said, LONGEST_TEXT) or None
