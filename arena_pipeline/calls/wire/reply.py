"""What an answer says once it is read: plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from arena_pipeline.calls.kinds import ErrorKind, ReplyProblem


@dataclass(frozen=True, slots=True)
class Usage:
    """What the gateway says was used: tokens, and what it bills in USD. None: it did not say."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer is none. `retry_at` (UTC): before that the gateway wants no further call."""

    kind: ErrorKind
    message: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a gateway answered. `text` is hostile.

    With a `failure` there is no answer of the model; there may be one that the model is to blame
    for (`problem`). `remarks` are what else was odd about it, in words.
    """

    text: str = ""
    problem: ReplyProblem | None = None
    failure: Failure | None = None
    reasoning: str | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    host: str | None = None
    request_id: str | None = None
    remarks: tuple[str, ...] = ()
