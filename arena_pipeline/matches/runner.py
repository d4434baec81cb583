"""The match runner: asks the players, applies what they decide, keeps the record. Asynchronous;
many matches at once.

Faults: whatever a player does wrong (no action, an illegal one, a crash, a time-out) is recorded
with its turn and replaced by a random legal action drawn from the match's seed (empty text where
any text is legal). A gateway fault is nobody's decision: the match stops there with `MatchPaused`
and can be taken up again from its journal.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from arena_pipeline.errors import ArenaError
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import Action, State
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.players.protocol import Decision, FaultKind, Player, PlayerFault, TurnRequest

MakePlayers = Callable[[MatchPlan], Sequence[Player]]
"""Seats the entrants of a plan: one player per seat, in order."""


class MatchPaused(ArenaError):
    """A match that can't go on now for a reason that is no player's doing; its journal holds all
    turns so far.
    """

    def __init__(self, uuid: str, fault: PlayerFault) -> None:
        super().__init__(f"Match {uuid} is paused: {fault}")
        self.uuid, self.fault = uuid, fault


@dataclass(frozen=True, slots=True)
class MatchFailed:
    """A match of a batch that did not come about, and why."""

    plan: MatchPlan
    error: Exception


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How matches are played: seconds per turn, matches at once, and for journaled ones the owner
    and lease.
    """

    turn_timeout_s: float = 120.0
    concurrency: int = 8
    journal_owner: str | None = None
    lease: timedelta = timedelta(minutes=2)


OnStep = Callable[[OpenMatch], None]
"""Called after each step of a match, for whoever watches."""


async def play(
    recorder: Recorder,
    plan: MatchPlan,
    players: Sequence[Player],
    options: RunnerOptions | None = None,
    on_step: OnStep | None = None,
) -> FinishedMatch:
    """Play one match from its start to its end; recording the result is the caller's next step.

    Raises what the game refuses (GameError), and MatchPaused on a gateway fault.
    """
    options = options or RunnerOptions()
    match, state = start(recorder, plan, options)
    try:
        return await play_on(match, state, players, options, on_step)
    except MatchPaused:
        if match.journal is not None:
            match.journal.release()
        raise


def start(recorder: Recorder, plan: MatchPlan, options: RunnerOptions) -> tuple[OpenMatch, State]:
    """Set up the board and open the match."""
    game = catalogue.game(plan.config.game)
    chance = plan.chance("seats")
    seats = game.seats(plan.config.settings, len(plan.entrants), chance)
    state = game.initial_state(
        plan.config.settings,
        seats,
        plan.chance("state"),
        instance=None if plan.instance is None else plan.instance.position,
        rule_version=plan.rule_version,
    )
    match = recorder.open(
        plan, seats, state.snapshot(), journal_owner=options.journal_owner, lease=options.lease
    )
    return match, state


async def play_on(
    match: OpenMatch,
    state: State,
    players: Sequence[Player],
    options: RunnerOptions,
    on_step: OnStep | None = None,
) -> FinishedMatch:
    """Play an open match from `state` to its end; turns already appended for this step are not
    asked again.
    """
    while not state.is_terminal():
        await _decide(match, state, players, options)
        events = state.apply_actions({slot: turn.action for slot, turn in match.pending.items()})
        match.advance(events, state.snapshot())
        if on_step is not None:
            on_step(match)
        await asyncio.sleep(0)
    return match.finished(state.outcome(), datetime.now(UTC))


async def play_many(
    recorder: Recorder,
    plans: Iterable[MatchPlan],
    make_players: MakePlayers,
    options: RunnerOptions | None = None,
    on_step: OnStep | None = None,
) -> AsyncIterator[FinishedMatch | MatchFailed]:
    """Play matches, `options.concurrency` at once, and yield each as it ends; one that fails does
    not stop the rest.
    """
    options = options or RunnerOptions()
    waiting = iter(plans)
    running: set[asyncio.Task[FinishedMatch | MatchFailed]] = set()

    async def one(plan: MatchPlan) -> FinishedMatch | MatchFailed:
        try:
            return await play(recorder, plan, make_players(plan), options, on_step)
        except Exception as error:  # noqa: BLE001 - reported to the caller, who counts it
            return MatchFailed(plan, error)

    try:
        while True:
            while len(running) < options.concurrency and (plan := next(waiting, None)) is not None:
                running.add(asyncio.create_task(one(plan)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _decide(
    match: OpenMatch, state: State, players: Sequence[Player], options: RunnerOptions
) -> None:
    """Append a turn for every current player. Every answer that came is kept before a pause is
    raised.
    """
    deciding = [slot for slot in state.current_players() if slot not in match.pending]

    async def ask(slot: int) -> None:
        match.append(await _turn(match, state, slot, players[slot], options))

    waiting = [slot for slot in deciding if players[slot].waits]
    try:
        for slot in deciding:
            if not players[slot].waits:
                await ask(slot)
    except PlayerFault as fault:
        raise MatchPaused(match.plan.uuid, fault) from fault
    if not waiting:
        return
    answers = await asyncio.gather(*map(ask, waiting), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, PlayerFault):
            raise MatchPaused(match.plan.uuid, answer) from answer
        if isinstance(answer, BaseException):
            raise answer


async def _turn(
    match: OpenMatch, state: State, slot: int, player: Player, options: RunnerOptions
) -> TurnRecord:
    step, legal = len(match.steps), state.legal_actions(slot)
    request = TurnRequest(slot, state.round, state.observation(slot), legal, state)
    began = time.perf_counter()
    fault: PlayerFault | None = None
    decision: Decision | None = None
    try:
        async with asyncio.timeout(options.turn_timeout_s if player.waits else None):
            answer: object = await player.act(request)
        if not isinstance(answer, Decision):
            kind = type(answer).__name__
            raise PlayerFault(FaultKind.CRASHED, f"answered with {kind}, not a Decision")
        decision = answer
        if legal is not None and decision.action not in legal:
            fault = PlayerFault(FaultKind.ILLEGAL_ACTION, f"{decision.action[:200]!r} is not legal")
    except PlayerFault as error:
        if error.kind.is_gateway:
            raise
        fault = error
    except TimeoutError:
        fault = PlayerFault(FaultKind.TIMEOUT, f"no decision within {options.turn_timeout_s} s")
    except Exception as error:  # noqa: BLE001 - a player is foreign code: its crash is its fault, kept with the turn
        fault = PlayerFault(FaultKind.CRASHED, f"{type(error).__name__}: {error}")
    if fault is None and decision is not None and not player.waits:
        return _plain_turn(step, slot, decision)
    return _detailed_turn(
        match.plan, step, slot, legal, decision, fault, time.perf_counter() - began
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
    decision: Decision | None,
    fault: PlayerFault | None,
    seconds: float,
) -> TurnRecord:
    answer = decision or Decision(action="")
    action, extra = answer.action, dict(answer.extra)
    if fault is not None:
        action = ""
        if legal:
            action = legal[plan.chance("fallback", step, slot).below(len(legal))]
        extra["fault_detail"] = fault.detail
    return TurnRecord(
        step,
        slot,
        action,
        fault=None if fault is None else fault.kind.value,
        rationale=answer.rationale,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=answer.cost,
        decided_at=datetime.now(UTC),
        duration_ms=round(seconds * 1000, 3),
        extra=extra,
    )
