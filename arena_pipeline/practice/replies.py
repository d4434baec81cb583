"""Bodies of the practice server, as OpenRouter writes them: completions, responses, errors."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arena_pipeline.games.chance import Chance
from arena_pipeline.practice.line_up import Fault, PracticeModel

ACCOUNT = "user_2pRaCtIcEaCcOuNt0000000000"
"""The account named in every error, as real gateways do: it must not get any further."""

PAGE = "<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>"

_CHARACTERS_PER_TOKEN = 4
_MILLION = 1_000_000
_REFUSAL = "I'm sorry, but I can't help with steering this animal."
_GARBAGE = (
    'The moon is a harsh mistress of cheese. <b>0x7f</b> \u202eabc\u202c {"answer": null}',
    "```python\nwhile True: pass\n```",
    "I would rather talk about the weather.",
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said to one call, and what that costs. `text` None: it said nothing."""

    id: str
    model: str
    host: str
    created: int
    text: str | None
    reasoning: str | None
    finish_reason: str
    refusal: str | None
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cost: Decimal

    @property
    def cost_number(self) -> float:
        """The cost as the JSON number that is sent."""
        return float(self.cost)


def prompt_tokens(characters: int) -> int:
    """Tokens of a prompt of so many characters, roughly as real tokenizers count."""
    return max(1, -(-characters // _CHARACTERS_PER_TOKEN))


def complete(
    model: PracticeModel,
    *,
    id: str,  # noqa: A002 - the field's name
    created: int,
    prompt: int,
    most: int | None,
    word: str,
    fault: Fault | None,
    chance: Chance,
) -> Completion:
    """The completion of a call with a prompt of `prompt` tokens and room for `most`."""
    room = min(most or model.max_completion_tokens, model.max_completion_tokens)
    thinks = max(4, model.thinks // 2 + chance.below(model.thinks + 1))
    if fault is Fault.CUT_OFF:
        thinks = room
    cut = thinks + 4 > room
    spent = room if cut else thinks + 4
    text, refusal, reason = _said(model, word, fault, cut, chance)
    return Completion(
        id=id,
        model=model.slug,
        host=model.hosts[chance.below(len(model.hosts))],
        created=created,
        text=text,
        reasoning=_thoughts(thinks, word) if model.reasons else None,
        finish_reason=reason,
        refusal=refusal,
        prompt_tokens=prompt,
        completion_tokens=spent,
        reasoning_tokens=min(thinks, spent) if model.reasons else 0,
        cost=_as_sent(model.prompt * prompt + model.completion * spent),
    )


def chat_document(made: Completion, *, with_usage: bool) -> dict[str, Any]:
    """The body of a chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": made.text, "refusal": made.refusal}
    if made.reasoning is not None:
        message["reasoning"] = made.reasoning
    body: dict[str, Any] = {
        "id": made.id,
        "object": "chat.completion",
        "created": made.created,
        "model": made.model,
        "provider": made.host,
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": made.finish_reason,
                "native_finish_reason": made.finish_reason,
            }
        ],
    }
    if with_usage:
        body["usage"] = {
            "prompt_tokens": made.prompt_tokens,
            "completion_tokens": made.completion_tokens,
            "total_tokens": made.prompt_tokens + made.completion_tokens,
            "cost": made.cost_number,
            "is_byok": False,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": made.reasoning_tokens},
            "cost_details": {"upstream_inference_cost": made.cost_number},
        }
    return body


def response_document(made: Completion, *, with_usage: bool) -> dict[str, Any]:
    """The body of the Responses API."""
    cut = made.finish_reason == "length"
    content: list[dict[str, Any]] = []
    if made.refusal is not None:
        content.append({"type": "refusal", "refusal": made.refusal})
    elif made.text:
        content.append({"type": "output_text", "text": made.text, "annotations": []})
    body: dict[str, Any] = {
        "id": made.id,
        "object": "response",
        "created_at": made.created,
        "model": made.model,
        "provider": made.host,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "error": None,
        "output": [
            {
                "type": "message",
                "id": f"msg-{made.id}",
                "role": "assistant",
                "status": "incomplete" if cut else "completed",
                "content": content,
            }
        ],
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
    }
    if with_usage:
        body["usage"] = {
            "input_tokens": made.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": made.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": made.reasoning_tokens},
            "total_tokens": made.prompt_tokens + made.completion_tokens,
            "cost": made.cost_number,
        }
    return body


def error_document(code: int, message: str, **metadata: Any) -> dict[str, Any]:
    """The envelope of an error. It names the account, as real gateways do."""
    error: dict[str, Any] = {"code": code, "message": message}
    if metadata:
        error["metadata"] = metadata
    return {"error": error, "user_id": ACCOUNT}


def as_bytes(body: dict[str, Any]) -> bytes:
    """A body as it is sent."""
    return json.dumps(body, separators=(",", ":")).encode()


def _said(
    model: PracticeModel, word: str, fault: Fault | None, cut: bool, chance: Chance
) -> tuple[str | None, str | None, str]:
    """Text, refusal and finish reason."""
    if cut:
        return (None if model.reasons else "Let me think about where the"), None, "length"
    match fault:
        case Fault.GARBAGE:
            return _GARBAGE[chance.below(len(_GARBAGE))], None, "stop"
        case Fault.EMPTY:
            return None, None, "stop"
        case Fault.REFUSAL:
            return None, _REFUSAL, "stop"
    return f"I look at the board and go there.\n{word}", None, "stop"


def _thoughts(tokens: int, word: str) -> str:
    return f"(practice: {tokens} tokens of thought) {word} looks best."


def _as_sent(micro: Decimal) -> Decimal:
    """USD from USD per million tokens times tokens: exactly the number that JSON will carry."""
    return Decimal(repr(float(micro / _MILLION)))
