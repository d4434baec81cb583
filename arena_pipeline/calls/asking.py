"""A question to a language model and its answer: plain values. Asking is in `caller`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from arena_pipeline.calls.kinds import ReplyProblem
from arena_pipeline.calls.plan import CallSite
from arena_pipeline.catalog.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom to call: the model as its gateway knows it, with what bounds a call to it.

    `supported` are the parameters the catalog says it takes; None: unknown. Limits are tokens, None
    where unknown. `settings` are those of the agent; what the arena does not know in there goes
    into each call as it is.
    """

    gateway: str
    client_name: str
    tariff: Tariff
    is_free: bool = False
    context_length: int | None = None
    max_completion_tokens: int | None = None
    can_reason: bool = False
    supported: frozenset[str] | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for which turn. `deadline` (UTC): when the whole turn must be answered."""

    site: CallSite
    messages: tuple[Message, ...]
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said. `text` is hostile; `problem` says what is wrong with it, if anything.

    Tokens and cost (USD) are those of all attempts for this question, None where one is unknown;
    `attempts` counts HTTP attempts, those of a dead process included.
    """

    text: str
    problem: ReplyProblem | None = None
    reasoning: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None
    host: str | None = None
    attempts: int = 1


class Asks(Protocol):
    """Somebody who asks language models. `calls.caller.Caller` does."""

    async def ask(self, callee: Callee, question: Question) -> Answer:
        """Ask until an answer comes. Raises CallRefused when the match has to wait."""
        ...
