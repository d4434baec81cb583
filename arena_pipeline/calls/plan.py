"""A call before it is sent, what was set aside for it, and what came of it: plain values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.errors import ArenaError


@dataclass(frozen=True, slots=True)
class CallSite:
    """For which turn of which seat a call is made. `question`: 0 the first, 1 after a reminder."""

    match_id: int
    match_uuid: str
    step: int
    slot: int
    question: int = 0
    evaluation_id: int | None = None
    agent_id: int | None = None
    model_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call that wants to be sent. `most` is the most that it may cost, in USD; `is_free`: both
    its prices are zero, so that the allowance for free models counts.
    """

    site: CallSite
    gateway: str
    client_name: str
    most: Decimal
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """A call with its row in the ledger and its money set aside: it may be sent at `send_at`.

    Whoever holds one must settle it, whatever happens.
    """

    call_id: int
    plan: CallPlan
    attempt: int
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something is not sent or started. `until`: when asking again may help (UTC); None: not
    by itself. `detail` is half a sentence that names the limit, its setting and the numbers.
    """

    kind: RefusalKind
    detail: str
    until: datetime | None = None


class CallRefused(ArenaError):
    """A turn can't go on now by no fault of its agent: the match waits."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.kind}: {refused.detail}")
        self.refused = refused


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of one HTTP attempt, as the ledger keeps it. All but `ended_at` may be unknown.

    Costs are USD. `retry_at` (UTC): before that the gateway does not want to be asked again;
    `payload` is request and answer in full (JSON), without headers.
    """

    ended_at: datetime
    sent_at: datetime | None = None
    first_byte_ms: float | None = None
    duration_ms: float | None = None
    http_status: int | None = None
    error_kind: ErrorKind | None = None
    error: str | None = None
    request_id: str | None = None
    host: str | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_billed: Decimal | None = None
    cost_estimated: Decimal | None = None
    finish_reason: str | None = None
    payload: str | None = None
    retry_at: datetime | None = None
