"""One request over HTTP and what became of it, before anybody read what it means: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from arena_pipeline.calls.kinds import ErrorKind


@dataclass(frozen=True, slots=True)
class Broken:
    """Why no whole answer came: what happened, in words fit for keeping."""

    kind: ErrorKind
    detail: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. Either `broken` says why there is none, or there is one.

    `sent_at` (UTC) is None if nothing of the request can have reached the gateway. Times are in ms
    since it was begun: until the answer's head came, and until it was whole. Names in `headers` are
    in small letters.
    """

    ended_at: datetime
    sent_at: datetime | None = None
    first_byte_ms: float | None = None
    duration_ms: float | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken: Broken | None = None
