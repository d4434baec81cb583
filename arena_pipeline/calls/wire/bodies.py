"""Requests: the body of a call to chat completions or to the Responses API, and its size in tokens.

The limit of tokens is always sent. Without it the model's own maximum counts, which an account may
not cover, so that the call would be refused as unpaid.
"""

from collections.abc import Sequence
from typing import Any

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.calls.parameters import ApiType, CallParameters
from arena_pipeline.registry.gateways import OPENROUTER

PLAIN_REPLY, REASONING_REPLY = 1_000, 8_000
"""Tokens a reply may have where the agent does not say: of models that just answer, and of those
that may reason before.
"""

LEAST_REPLY = 64
"""Tokens a reply is given even if the prompt seems to fill the context."""

_BYTES_PER_TOKEN = 2
"""By which the room in a context is reckoned; boards and rules have about three bytes a token."""

_PER_MESSAGE, _PER_CALL = 16, 32
"""Tokens that the template of a conversation adds at most, as chat templates in use do."""

PATHS = {ApiType.CHAT: "/chat/completions", ApiType.RESPONSES: "/responses"}


def prompt_bound(messages: Sequence[Message]) -> int:
    """Tokens that these messages are at most: as many as bytes of UTF-8, and the template's.

    No tokenizer in use makes more tokens than bytes: its smallest token is a byte.
    """
    text = sum(len(one.content.encode(errors="replace")) for one in messages)
    return text + _PER_MESSAGE * len(messages) + _PER_CALL


def reply_bound(callee: Callee, parameters: CallParameters, prompt_tokens: int) -> int:
    """Tokens that the reply may have: what the agent's settings say, else by what the model is,
    within the model's own limits.
    """
    reasons = callee.can_reason and parameters.reasoning_effort != "none"
    wanted = parameters.max_tokens or (REASONING_REPLY if reasons else PLAIN_REPLY)
    if callee.max_completion_tokens:
        wanted = min(wanted, callee.max_completion_tokens)
    if callee.context_length:
        room = max(callee.context_length - prompt_tokens // _BYTES_PER_TOKEN, LEAST_REPLY)
        wanted = min(wanted, room)
    return wanted


def body_of(
    callee: Callee, parameters: CallParameters, messages: Sequence[Message], max_tokens: int
) -> dict[str, Any]:
    """The body of the request. What passes through comes first: what the arena knows wins."""
    talk = [{"role": one.role, "content": one.content} for one in messages]
    body: dict[str, Any] = dict(parameters.extras)
    body["model"] = callee.client_name
    if parameters.api_type is ApiType.CHAT:
        body["messages"] = talk
        body[parameters.limit_name] = max_tokens
    else:
        body["input"] = talk
        body["max_output_tokens"] = max_tokens
    for name in ("temperature", "top_p"):
        if (value := getattr(parameters, name)) is not None:
            body[name] = value
    _add_effort(body, callee, parameters)
    _add_hosts(body, parameters)
    return body


def _add_effort(body: dict[str, Any], callee: Callee, parameters: CallParameters) -> None:
    effort = parameters.reasoning_effort
    if effort is None:
        return
    if callee.gateway == OPENROUTER or parameters.api_type is ApiType.RESPONSES:
        given = body.get("reasoning")
        body["reasoning"] = {**(given if isinstance(given, dict) else {}), "effort": effort}
    else:
        body["reasoning_effort"] = effort


def _add_hosts(body: dict[str, Any], parameters: CallParameters) -> None:
    if not (parameters.hosts or parameters.quantizations):
        return
    given = body.get("provider")
    provider = dict(given) if isinstance(given, dict) else {}
    if parameters.hosts:
        provider |= {"order": list(parameters.hosts), "only": list(parameters.hosts)}
        provider["allow_fallbacks"] = False
    if parameters.quantizations:
        provider["quantizations"] = list(parameters.quantizations)
    body["provider"] = provider
