"""A question as a request: its body, how long it may be, and the most it may cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.calls.parameters import ApiType, CallParameters
from arena_pipeline.calls.wire.bodies import PATHS, body_of, prompt_bound, reply_bound


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `body` to `path` below the gateway's address, for the model `asked`.

    `prompt_tokens` and `reply_tokens` are bounds from above. `most` is what it costs at most, in
    USD, at the dearest price of the day; None: a price is unknown.
    """

    api: ApiType
    asked: str
    body: dict[str, Any]
    prompt_tokens: int
    reply_tokens: int
    most: Decimal | None

    @classmethod
    def of(
        cls, callee: Callee, messages: Sequence[Message], most_tokens: int | None = None
    ) -> Self:
        """The request that asks `callee`; `most_tokens` bounds its reply further. Raises
        BadParameters for settings that can't be sent.
        """
        parameters = CallParameters.of(callee.settings or {})
        prompt = prompt_bound(messages)
        reply = reply_bound(callee, parameters, prompt)
        if most_tokens is not None:
            reply = min(reply, most_tokens)
        return cls(
            parameters.api_type,
            callee.client_name,
            body_of(callee, parameters, messages, reply),
            prompt,
            reply,
            callee.tariff.cost(prompt, reply),
        )

    @property
    def path(self) -> str:
        """Where it is sent, below the gateway's address."""
        return PATHS[self.api]
