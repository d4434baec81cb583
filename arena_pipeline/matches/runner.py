"""The match runner: asks the players, applies what they decide, keeps the record. Asynchronous;
many matches at once.

What a player does wrong stays with its turn (`matches.deciding`). What is nobody's doing (a gateway
fault, no money left) stops the match with `MatchPaused`; it can be taken up again from its journal
(`matches.resuming`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from arena_pipeline.errors import ArenaError
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import State
from arena_pipeline.masking import mask_error
from arena_pipeline.matches.deciding import decide
from arena_pipeline.matches.journal import Journal, LeaseLost
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import OnOpen, OpenMatch, Recorder
from arena_pipeline.players.protocol import Player, PlayerFault, TurnPostponed

MakePlayers = Callable[[MatchPlan], Sequence[Player]]
"""Seats the entrants of a plan: one player per seat, in order."""


class MatchPaused(ArenaError):
    """A match that can't go on now for a reason that is no player's doing; its journal holds all
    turns so far. `until` (UTC): when it may be taken up again; None: at any time.
    """

    def __init__(self, uuid: str, reason: str, until: datetime | None = None) -> None:
        when = "" if until is None else f" (until {until:%Y-%m-%d %H:%M:%S} UTC)"
        super().__init__(f"Match {uuid} is paused: {reason}{when}")
        self.uuid, self.reason, self.until = uuid, reason, until


@dataclass(frozen=True, slots=True)
class MatchFailed:
    """A match of a batch that did not come about, and why."""

    plan: MatchPlan
    error: Exception


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How matches are played: seconds per turn (None: players keep their own time), matches at
    once, and for journaled ones the owner and lease.
    """

    turn_timeout_s: float | None = 120.0
    concurrency: int = 8
    journal_owner: str | None = None
    lease: timedelta = timedelta(minutes=2)


OnStep = Callable[[OpenMatch], None]
"""Called after each step of a match, for whoever watches."""

Admit = Callable[[MatchPlan], OnOpen]
"""What is asked when a match of this plan is opened."""


async def play(
    recorder: Recorder,
    plan: MatchPlan,
    players: Sequence[Player],
    options: RunnerOptions | None = None,
    on_step: OnStep | None = None,
    on_open: OnOpen | None = None,
) -> FinishedMatch:
    """Play one match from its start to its end; recording the result is the caller's next step.

    Raises what the game refuses (GameError) and what `on_open` raises; MatchPaused on a gateway
    fault; LeaseLost when another process has taken the match over.
    """
    options = options or RunnerOptions()
    if options.journal_owner is None:
        match, state = start(recorder, plan, options)
    else:
        match, state = await _started(recorder, plan, options, on_open)
    return await play_on(match, state, players, options, on_step)


def start(
    recorder: Recorder, plan: MatchPlan, options: RunnerOptions, on_open: OnOpen | None = None
) -> tuple[OpenMatch, State]:
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
        plan,
        seats,
        state.snapshot(),
        journal_owner=options.journal_owner,
        lease=options.lease,
        on_open=on_open,
    )
    return match, state


async def _started(
    recorder: Recorder, plan: MatchPlan, options: RunnerOptions, on_open: OnOpen | None
) -> tuple[OpenMatch, State]:
    """`start` without holding up other matches; broken off, it leaves a match that may be taken up
    at once.
    """
    opening = asyncio.ensure_future(asyncio.to_thread(start, recorder, plan, options, on_open))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait([opening])
        if opening.exception() is None and (journal := opening.result()[0].journal) is not None:
            await journal.let_go()
        raise


async def play_on(
    match: OpenMatch,
    state: State,
    players: Sequence[Player],
    options: RunnerOptions,
    on_step: OnStep | None = None,
) -> FinishedMatch:
    """Play an open match from `state` to its end; turns already kept for this step are not asked
    again.

    The lease of a journaled one is renewed meanwhile. Whatever stops it leaves it paused, with the
    reason; broken off (Ctrl-C), it may be taken up at once. Raises as `play` does.
    """
    journal = match.journal
    if journal is None:
        return await _to_the_end(match, state, players, options, on_step)
    async with journal.held():
        try:
            return await _to_the_end(match, state, players, options, on_step)
        except LeaseLost:
            raise
        except MatchPaused as pause:
            await _let_go(journal, pause, pause.reason, pause.until)
            raise
        except Exception as error:
            await _let_go(journal, error, f"{type(error).__name__}: {error}")
            raise
        except BaseException as stopped:
            await _let_go(journal, stopped)
            raise


async def _let_go(
    journal: Journal,
    cause: BaseException,
    reason: str | None = None,
    until: datetime | None = None,
) -> None:
    """Pause a match for `cause`, which is what is to be told, even if that fails, too."""
    try:
        await journal.let_go(reason, until)
    except ArenaError as error:
        cause.add_note(f"The match can be taken up only when its lease has run out: {error}")


async def _to_the_end(
    match: OpenMatch,
    state: State,
    players: Sequence[Player],
    options: RunnerOptions,
    on_step: OnStep | None,
) -> FinishedMatch:
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
    admit: Admit | None = None,
) -> AsyncIterator[FinishedMatch | MatchFailed]:
    """Play matches, `options.concurrency` at once, and yield each as it ends; one that fails does
    not stop the rest. `admit` gives what may keep a journaled one from being opened.
    """
    options = options or RunnerOptions()
    waiting = iter(plans)
    running: set[asyncio.Task[FinishedMatch | MatchFailed]] = set()

    async def one(plan: MatchPlan) -> FinishedMatch | MatchFailed:
        try:
            on_open = None if admit is None else admit(plan)
            return await play(recorder, plan, make_players(plan), options, on_step, on_open)
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
    """Keep a turn for every current player. Every answer that came is kept before a pause is
    raised.
    """
    deciding = [slot for slot in state.current_players() if slot not in match.pending]
    waiting = [slot for slot in deciding if players[slot].waits]
    early: list[TurnRecord] = []
    """Turns of those who do not wait: journaled with the first that was waited for."""

    async def ask(slot: int) -> None:
        turn = await decide(match, state, slot, players[slot], options.turn_timeout_s)
        if match.journal is None:
            match.append(turn)
        elif waiting and not players[slot].waits:
            early.append(turn)
        else:
            turns = [*early, turn]
            early.clear()
            await match.keep(turns)

    at_once = [slot for slot in deciding if not players[slot].waits]
    troubles = await _asked(ask, at_once, waiting)
    if early:
        await match.keep(early)
    for trouble in troubles:
        if isinstance(trouble, (PlayerFault, TurnPostponed)):
            raise _paused(match, trouble) from trouble
        if trouble is not None:
            raise trouble


async def _asked(
    ask: Callable[[int], Awaitable[None]], at_once: Sequence[int], waiting: Sequence[int]
) -> Sequence[BaseException | None]:
    """Ask those who do not wait one after another, then the others side by side; what each of
    these raised, or what stopped it before.
    """
    try:
        for slot in at_once:
            await ask(slot)
    except (PlayerFault, TurnPostponed) as fault:
        return [fault]
    if not waiting:
        return ()
    return await asyncio.gather(*map(ask, waiting), return_exceptions=True)


def _paused(match: OpenMatch, cause: PlayerFault | TurnPostponed) -> MatchPaused:
    if isinstance(cause, TurnPostponed):
        return MatchPaused(match.plan.uuid, mask_error(cause.reason), cause.until)
    return MatchPaused(match.plan.uuid, mask_error(str(cause)))
