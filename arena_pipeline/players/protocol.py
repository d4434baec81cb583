"""The protocol of whatever sits in a seat: it is asked for a turn and gives a decision.

Players are asynchronous, because most of the time a language model's turn is waiting. Whoever
decides without waiting (a bot) implements `BotPolicy` instead and is wrapped by
`players.bots.BotPlayer`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from arena_pipeline.calls.plan import CallSite
from arena_pipeline.games.protocol import Action, Json, State


class FaultKind(StrEnum):
    """Why a turn failed. The agent's own doing unless it starts with `gateway_`."""

    ILLEGAL_ACTION = "illegal_action"
    NO_ACTION = "no_action"
    EMPTY = "empty"
    CUT_OFF = "cut_off"
    REFUSAL = "refusal"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    GATEWAY_ERROR = "gateway_error"
    GATEWAY_TIMEOUT = "gateway_timeout"

    @property
    def is_gateway(self) -> bool:
        """Whether the agent is not to blame."""
        return self.value.startswith("gateway_")


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier turn of the same seat: what was played, and what the player said of it."""

    step: int
    action: Action
    fault: str | None = None
    rationale: str | None = None


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One question to one player: decide now.

    `state` is the live position, for bots of perfect-information games only; it must not be changed
    (clone it to think ahead). A player that plays fair in games with hidden information reads
    `observation`. `site` names the turn in the store; None in a match that is not journaled. `past`
    are the seat's own earlier turns, oldest first; only players that wait are told.
    """

    player: int
    round: int
    observation: dict[str, Json]
    legal_actions: Sequence[Action] | None
    state: State
    site: CallSite | None = None
    past: Sequence[PastTurn] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A player's answer to a turn: the action and what came with it.

    `cost` is in USD; None means unknown. `rationale` is hostile text: never evaluated,
    escaped where shown.
    """

    action: Action
    rationale: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    extra: dict[str, Json] = field(default_factory=dict)


class PlayerFault(Exception):
    """A player could not decide; the match runner applies the ladder's policy for this kind.

    `spent` tells what the failed turn brought all the same, to be kept with it: a Decision whose
    action is empty, with tokens, cost (USD), rationale and extra. None: nothing is known.
    """

    def __init__(self, kind: FaultKind, detail: str, spent: Decision | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail, self.spent = kind, detail, spent


class TurnPostponed(Exception):
    """A turn can't go on now by nobody's fault (money, rates, a gateway that is down): the match
    pauses. `until` (UTC): when trying again may help; None: nobody knows.
    """

    def __init__(self, reason: str, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason, self.until = reason, until


class Player(Protocol):
    """Somebody in a seat, for one match.

    `waits` says whether `act` may take its time (a call over the network): such seats are asked
    side by side, the others one after another, which costs nothing.
    """

    waits: bool

    async def act(self, request: TurnRequest) -> Decision:
        """Decide one turn. Raises PlayerFault when no decision comes about."""
        ...
