"""In which ways a call fails, and why one is not sent: the words the ledger keeps."""

from enum import StrEnum


class ErrorKind(StrEnum):
    """How one HTTP attempt failed. Kept in `llm_calls.error_kind`; NULL there: it did not."""

    AUTH = "auth"
    """401: the key is refused."""
    PAYMENT = "payment"
    """402: the account is empty."""
    FORBIDDEN = "forbidden"
    """403 that is not about one text: the account may not."""
    MODERATION = "moderation"
    """403: the host refuses this text."""
    NOT_FOUND = "not_found"
    """404: no such model, or nobody serves it."""
    BAD_REQUEST = "bad_request"
    """400, 413, 422: the gateway does not take this request."""
    CONTEXT_LENGTH = "context_length"
    """The prompt does not fit into the model."""
    RATE_LIMIT = "rate_limit"
    """429: too many calls."""
    QUOTA = "quota"
    """429: the day's free allowance is used up."""
    SERVER = "server"
    """5xx, or an error of the host inside a 200."""
    OVERLOADED = "overloaded"
    """503, 529: no room now."""
    TIMEOUT = "timeout"
    """No whole answer in time (ours, 408, 504, 524): it may have been billed."""
    CONNECTION = "connection"
    """No connection, or it broke before an answer came: it may have been billed once sent."""
    HTML = "html"
    """A page instead of JSON."""
    MALFORMED = "malformed"
    """JSON or anything else that is no completion."""
    NO_CHOICES = "no_choices"
    """A completion without a choice, where none is an error."""
    LOST = "lost"
    """The process died before the answer was kept: nobody knows what came of it."""
    CANCELLED = "cancelled"
    """Broken off by us while it was under way: it may have been billed."""

    @property
    def stops_gateway(self) -> bool:
        """Whether every further call through this gateway would fail the same way."""
        return self in _STOPPING

    @property
    def counts_against_circuit(self) -> bool:
        """Whether it says that gateway or model are unwell. A limit reached and a request of ours
        that does not fit say nothing of that.
        """
        return self in _UNWELL

    @property
    def may_be_retried(self) -> bool:
        """Whether the same call may be sent again at once (after a wait), as it was not served."""
        return self in _AGAIN

    @property
    def is_answer(self) -> bool:
        """Whether it answers the question all the same: this model takes no such prompt."""
        return self in _ANSWERS

    @property
    def may_be_billed(self) -> bool:
        """Whether it may have cost money although nobody told."""
        return self in _UNKNOWN_COST


_STOPPING = frozenset({ErrorKind.AUTH, ErrorKind.PAYMENT, ErrorKind.FORBIDDEN})
_UNWELL = frozenset(
    {
        ErrorKind.NOT_FOUND, ErrorKind.SERVER, ErrorKind.OVERLOADED, ErrorKind.TIMEOUT,
        ErrorKind.CONNECTION, ErrorKind.HTML, ErrorKind.MALFORMED, ErrorKind.NO_CHOICES,
    }
)  # fmt: skip
_AGAIN = frozenset(
    {
        ErrorKind.RATE_LIMIT, ErrorKind.SERVER, ErrorKind.OVERLOADED, ErrorKind.CONNECTION,
        ErrorKind.HTML, ErrorKind.MALFORMED, ErrorKind.NO_CHOICES,
    }
)  # fmt: skip
_ANSWERS = frozenset({ErrorKind.MODERATION, ErrorKind.CONTEXT_LENGTH})
_UNKNOWN_COST = frozenset(
    {
        ErrorKind.TIMEOUT, ErrorKind.CONNECTION, ErrorKind.LOST, ErrorKind.CANCELLED,
        ErrorKind.HTML, ErrorKind.MALFORMED,
    }
)  # fmt: skip


class ReplyProblem(StrEnum):
    """What is wrong with an answer that came: the model's own doing."""

    EMPTY = "empty"
    """No text at all."""
    CUT_OFF = "cut_off"
    """It ran into its limit of tokens before it answered."""
    REFUSAL = "refusal"
    """The model declines."""


class RefusalKind(StrEnum):
    """Why a call is not sent, or a match not started."""

    BUDGET = "budget"
    """It does not fit into a budget."""
    RATE = "rate"
    """The gateway's pace does not allow it soon enough."""
    CONCURRENCY = "concurrency"
    """As many calls as the gateway allows are under way."""
    QUOTA = "quota"
    """The day's free allowance is used up."""
    CIRCUIT = "circuit"
    """Gateway or model failed too often lately."""
    STOPPED = "stopped"
    """The gateway refuses our key or account; somebody has to look."""
    PAUSED = "paused"
    """Somebody paused the arena."""
    NO_KEY = "no_key"
    """The environment lacks the gateway's key."""
    NO_PRICE = "no_price"
    """Nobody knows what it would cost."""
    FAILING = "failing"
    """Every attempt that was allowed failed."""
