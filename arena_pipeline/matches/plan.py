"""What a match is before it is played and what it is when it is over: plain values, no database, no
files.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from arena_pipeline.errors import RecordingError
from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Action, Event, Json, Outcome, Seat
from arena_pipeline.store.tables import Purpose


@dataclass(frozen=True, slots=True)
class ConfigRef:
    """A game config as the store knows it. `settings` are complete (the game filled in its
    defaults).
    """

    id: int
    name: str
    game: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """A stored starting position."""

    id: int
    name: str
    position: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who takes a seat: an agent of the registry, or only a name (an import, a foreign loop)."""

    name: str
    agent_id: int | None = None
    model_id: int | None = None


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """Everything that is fixed before the first turn. `seed` decides all chance, None is unknown (a
    match played elsewhere); `entrants` are in seat order.
    """

    config: ConfigRef
    entrants: tuple[Entrant, ...]
    seed: int | None
    rule_version: str
    purpose: Purpose = Purpose.MANUAL
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    instance: InstanceRef | None = None
    evaluation_id: int | None = None
    group: str | None = None

    def chance(self, *purpose: str | int) -> SeededChance:
        """The match's chance for a purpose. Raises RecordingError when nobody knows its seed."""
        if self.seed is None:
            raise RecordingError(f"Match {self.uuid} has no seed, so it can't be played on here")
        return SeededChance(self.seed, *purpose)


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One decision of one seat as it is kept. `fault` names what went wrong; `cost` is in USD, None
    is unknown.
    """

    step: int
    slot: int
    action: Action
    fault: str | None = None
    rationale: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    decided_at: datetime | None = None
    duration_ms: float | None = None
    extra: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a match: the turns taken, what happened, and the state that came of it."""

    turns: tuple[TurnRecord, ...]
    events: list[Event]
    state: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a match that was played elsewhere came from: the system, how its document is laid out,
    and the SHA-256 (hex) of that document's bytes.
    """

    layout: str
    digest: str
    system: str = "snakebench"


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call to a language model as the ledger knows it when its match is sealed.

    `facts` go into the replay, request and answer among them if `is_kept`; `has_payload`: the
    store still holds these. `cost` (USD) is what the budgets were charged, None is unknown.
    """

    id: int
    step: int
    slot: int
    attempt: int
    facts: Mapping[str, Any]
    has_payload: bool = False
    is_kept: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FinishedMatch:
    """A match played to its end, ready to be recorded.

    One that was played elsewhere has no seed but `draws`, the results of all chance in their order;
    `start`, the position it began from; and its `origin`. Only of such a one a time may be unknown.
    `calls` are those of a journaled one, by step, seat and attempt.
    """

    plan: MatchPlan
    seats: tuple[Seat, ...]
    initial: dict[str, Json]
    steps: tuple[Step, ...]
    outcome: Outcome
    started_at: datetime | None
    ended_at: datetime | None
    journaled: bool = False
    draws: tuple[int, ...] | None = None
    start: Mapping[str, Json] | None = None
    origin: Origin | None = None
    calls: tuple[KeptCall, ...] = ()

    @property
    def uuid(self) -> str:
        """The match's name for ever."""
        return self.plan.uuid


def new_seed() -> int:
    """A fresh seed in [0, 2**63), which both databases can hold."""
    return secrets.randbits(63)
