"""One turn of one seat: the player is asked, and what it decides, or does wrong, becomes a record.

Whatever a player does wrong (no action, an illegal one, a crash, a time-out) is kept with its turn
and replaced by a random legal action drawn from the match's seed (empty text where any text is
legal). What is nobody's doing is raised, and `runner` lets the match wait.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from arena_pipeline.games.protocol import Action, State
from arena_pipeline.masking import mask_error
from arena_pipeline.matches.plan import MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import OpenMatch
from arena_pipeline.players.protocol import (
    Decision,
    FaultKind,
    Player,
    PlayerFault,
    TurnPostponed,
    TurnRequest,
)

_NOTHING = Decision(action="")


async def decide(
    match: OpenMatch, state: State, slot: int, player: Player, timeout_s: float | None
) -> TurnRecord:
    """Ask a seat for its turn. Raises TurnPostponed, and PlayerFault for a gateway's fault."""
    step, legal = len(match.steps), state.legal_actions(slot)
    request = _request(match, state, slot, player, legal)
    began = time.perf_counter()
    fault: PlayerFault | None = None
    decision = _NOTHING
    try:
        async with asyncio.timeout(timeout_s if player.waits else None):
            answer: object = await player.act(request)
        if not isinstance(answer, Decision):
            kind = type(answer).__name__
            raise PlayerFault(FaultKind.CRASHED, f"answered with {kind}, not a Decision")
        decision = answer
        if legal is not None and decision.action not in legal:
            fault = PlayerFault(FaultKind.ILLEGAL_ACTION, f"{decision.action[:200]!r} is not legal")
    except TurnPostponed:
        raise
    except PlayerFault as error:
        if error.kind.is_gateway:
            raise
        fault, decision = error, error.spent or _NOTHING
    except TimeoutError:
        fault = PlayerFault(FaultKind.TIMEOUT, f"no decision within {timeout_s} s")
    except Exception as error:  # noqa: BLE001 - a player is foreign code: its crash is its fault, kept with the turn
        fault = PlayerFault(FaultKind.CRASHED, f"{type(error).__name__}: {error}")
    if fault is None and not player.waits:
        return _plain_turn(step, slot, decision)
    return _detailed_turn(
        match.plan, step, slot, legal, decision, fault, time.perf_counter() - began
    )


def _request(
    match: OpenMatch, state: State, slot: int, player: Player, legal: Sequence[Action] | None
) -> TurnRequest:
    observation = state.observation(slot)
    if not player.waits:
        return TurnRequest(slot, state.round, observation, legal, state)
    return TurnRequest(
        slot, state.round, observation, legal, state, match.site(slot), match.past(slot)
    )


def _plain_turn(step: int, slot: int, decision: Decision) -> TurnRecord:
    return TurnRecord(
        step, slot, decision.action, rationale=decision.rationale, extra=decision.extra
    )


def _detailed_turn(
    plan: MatchPlan,
    step: int,
    slot: int,
    legal: Sequence[Action] | None,
    decision: Decision,
    fault: PlayerFault | None,
    seconds: float,
) -> TurnRecord:
    action, extra = decision.action, dict(decision.extra)
    if fault is not None:
        action = ""
        if legal:
            action = legal[plan.chance("fallback", step, slot).below(len(legal))]
        extra["fault_detail"] = mask_error(fault.detail)
    return TurnRecord(
        step,
        slot,
        action,
        fault=None if fault is None else fault.kind.value,
        rationale=decision.rationale,
        input_tokens=decision.input_tokens,
        output_tokens=decision.output_tokens,
        cost=decision.cost,
        decided_at=datetime.now(UTC),
        duration_ms=round(seconds * 1000, 3),
        extra=extra,
    )
