"""What an agent's settings say about its calls: which of them the arena knows, which pass through.

What belongs here: the meaning of settings. How they look in a request is in `calls.wire.bodies`.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from arena_pipeline.errors import ArenaError

LARGEST_REPLY = 10_000_000
LONGEST_EXTRAS = 20_000
"""Characters (JSON) that settings which pass through may take."""

LONGEST_MEMORY = 100

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

_GATEWAY = "gateway"
"""Says where an agent is called; no part of a call."""

_NEWER = "max_completion_tokens"
_LIMITS = ("max_tokens", _NEWER, "max_output_tokens")

_OURS = frozenset(
    {
        "model", "models", "route", "messages", "input", "prompt", "instructions", "stream",
        "stream_options", "n", "best_of", "candidate_count", "background", "store",
        "conversation", "previous_response_id",
        "tools", "tool_choice", "functions", "function_call", "plugins", "web_search_options",
    }
)  # fmt: skip
"""What decides who is asked, what, how often and for what fees: no setting may."""

_NEVER = frozenset(
    {
        "api_key", "key", "authorization", "headers", "extra_headers", "extra_query", "base_url",
        "organization", "project", "timeout", "max_retries", "http_client",
    }
)  # fmt: skip


class BadParameters(ArenaError):
    """Settings of an agent that can't go into a call, by name, with what is wrong."""


class ApiType(StrEnum):
    """Which API of a gateway is asked."""

    CHAT = "chat"
    RESPONSES = "responses"


_API_TYPES = {
    "chat": ApiType.CHAT,
    "chat_completions": ApiType.CHAT,
    "completions": ApiType.CHAT,
    "responses": ApiType.RESPONSES,
}


@dataclass(frozen=True, slots=True)
class CallParameters:
    """Settings of an agent as far as they matter for a call. None: not set.

    `hosts` and `quantizations` pin who may answer behind the gateway. `memory` is how many earlier
    turns the player tells; it is no part of a call. `limit_name` is what chat completions call the
    limit of tokens: some of OpenAI's own models know it as `max_completion_tokens` only. `extras`
    go into each call as they are.
    """

    api_type: ApiType = ApiType.CHAT
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None
    hosts: tuple[str, ...] = ()
    quantizations: tuple[str, ...] = ()
    memory: int = 0
    limit_name: str = "max_tokens"
    extras: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Read an agent's settings. Raises BadParameters for the first that can't be used."""
        rest = {name: value for name, value in settings.items() if name != _GATEWAY}
        body = rest.pop("extra_body", None)
        if body is not None:
            if not isinstance(body, Mapping):
                raise BadParameters("Setting extra_body is no mapping; give it names and values")
            rest = {**body, **rest}
        limits = {name: _count(rest, name, 1, LARGEST_REPLY) for name in _LIMITS}
        given = [name for name, value in limits.items() if value is not None]
        if len(given) > 1:
            raise BadParameters(f"Settings {' and '.join(given)} say the same; leave one")
        return cls(
            api_type=_api_type(rest.pop("api_type", None)),
            temperature=_number(rest, "temperature", 0, 2),
            top_p=_number(rest, "top_p", 0, 1),
            max_tokens=limits[given[0]] if given else None,
            reasoning_effort=_effort(rest.pop("reasoning_effort", None)),
            hosts=_words(rest, "hosts"),
            quantizations=_words(rest, "quantizations"),
            memory=_count(rest, "memory", 0, LONGEST_MEMORY) or 0,
            limit_name=_NEWER if given == [_NEWER] else "max_tokens",
            extras=_extras(rest),
        )


def _api_type(value: object) -> ApiType:
    if value is None:
        return ApiType.CHAT
    if not isinstance(value, str) or value not in _API_TYPES:
        raise BadParameters(f"Setting api_type is {value!r:.40}; it may be chat or responses")
    return _API_TYPES[value]


def _number(rest: dict[str, Any], name: str, least: float, most: float) -> float | None:
    value = rest.pop(name, None)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadParameters(f"Setting {name} is {value!r:.40}; it must be a number")
    if not least <= value <= most:
        raise BadParameters(f"Setting {name} is {value}; it must be from {least:g} to {most:g}")
    return value


def _count(rest: dict[str, Any], name: str, least: int, most: int) -> int | None:
    value = rest.pop(name, None)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadParameters(
            f"Setting {name} is {value!r:.40}; it must be a whole number from {least} to {most:,}"
        )
    return value


def _effort(value: object) -> str | None:
    if value is None:
        return None
    if value not in EFFORTS:
        raise BadParameters(
            f"Setting reasoning_effort is {value!r:.40}; it may be {', '.join(EFFORTS)}"
        )
    return str(value)


def _words(rest: dict[str, Any], name: str) -> tuple[str, ...]:
    value = rest.pop(name, None)
    if value is None:
        return ()
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(
        isinstance(word, str) and 0 < len(word) <= 100 for word in words
    ):
        raise BadParameters(f"Setting {name} is {value!r:.60}; it must be a list of names")
    return tuple(words)


def _extras(rest: dict[str, Any]) -> dict[str, Any]:
    for name in rest:
        if name in _OURS:
            raise BadParameters(f"Setting {name} is the arena's own business; take it out")
        if name.lower() in _NEVER:
            raise BadParameters(
                f"Setting {name} can't be an agent's: addresses and keys belong to a gateway"
            )
    try:
        text = json.dumps(rest, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadParameters(f"Settings can't be written as JSON: {error}") from error
    if len(text) > LONGEST_EXTRAS:
        raise BadParameters(
            f"Settings that pass through take {len(text):,} characters of JSON; "
            f"{LONGEST_EXTRAS:,} may be sent with each call"
        )
    return rest
