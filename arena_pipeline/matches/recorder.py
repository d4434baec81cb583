"""The recorder: `open` a match, `append` its turns, `finish` it. The only way a match gets into the
store.

A match that costs money or time is journaled: its row, its seats and every turn go to the store as
they happen (`matches.journal`), so that any process can take it up where a dead one left it
(`matches.resuming`). A match between bots lives in memory until it is finished.

Finishing seals the turns into the replay, puts the replay on disk and then writes one transaction
(`matches.finishing`). Killed before the transaction: a file that nobody refers to. Killed after:
all is there. Done twice: nothing changes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from arena_pipeline.calls.plan import CallSite
from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import Event, Json, Outcome, Seat
from arena_pipeline.matches import replay, rows
from arena_pipeline.matches.finishing import write_finished
from arena_pipeline.matches.journal import Journal, Scribe
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan, Step, TurnRecord
from arena_pipeline.matches.sealing import with_calls
from arena_pipeline.players.protocol import PastTurn
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Participant
from arena_pipeline.store.types import clean_json, clean_text

OnOpen = Callable[[Connection, int], None]
"""Called in the transaction that opens a journaled match, with its id, once its seats are there;
what it raises keeps the match from being opened.
"""


@dataclass(slots=True)
class OpenMatch:
    """A match in progress. Its verbs: `append` a turn, `advance` a step, then `Recorder.finish`."""

    plan: MatchPlan
    seats: tuple[Seat, ...]
    initial: dict[str, Json]
    started_at: datetime
    journal: Journal | None = None
    steps: list[Step] = field(default_factory=list)
    pending: dict[int, TurnRecord] = field(default_factory=dict)
    _past: dict[int, list[PastTurn]] = field(default_factory=dict)

    def append(self, turn: TurnRecord) -> TurnRecord:
        """Keep one seat's decision for the step under way; in a journaled match it is in the store
        when this returns.

        Returns the turn that stands: the same one, or what another writer had recorded for this
        seat and step before. Raises RecordingError for a turn out of order and LeaseLost when the
        match is somebody else's now.
        """
        turn = self._checked(turn)
        if self.journal is not None:
            turn = self.journal.write(turn)
        self.pending[turn.slot] = turn
        return turn

    async def keep(self, turns: Sequence[TurnRecord]) -> None:
        """`append` several seats' decisions without holding up other matches. Raises as it does."""
        kept: Sequence[TurnRecord] = [self._checked(turn) for turn in turns]
        if self.journal is not None and kept:
            kept = await self.journal.keep(kept)
        self.pending.update((turn.slot, turn) for turn in kept)

    def past(self, slot: int) -> Sequence[PastTurn]:
        """A seat's own turns so far, oldest first; the list grows while the match goes on."""
        past = self._past.setdefault(slot, [])
        first = past[-1].step + 1 if past else 0
        past.extend(
            PastTurn(turn.step, turn.action, turn.fault, turn.rationale)
            for step in self.steps[first:]
            for turn in step.turns
            if turn.slot == slot
        )
        return past

    def site(self, slot: int) -> CallSite | None:
        """Where in the store the turn under way of a seat belongs; None if it is not journaled."""
        if self.journal is None:
            return None
        entrant = self.plan.entrants[slot]
        return CallSite(
            self.journal.match_id,
            self.plan.uuid,
            len(self.steps),
            slot,
            evaluation_id=self.plan.evaluation_id,
            agent_id=entrant.agent_id,
            model_id=entrant.model_id,
        )

    def _checked(self, turn: TurnRecord) -> TurnRecord:
        if turn.step != len(self.steps) or not 0 <= turn.slot < len(self.seats):
            raise RecordingError(
                f"Turn (step {turn.step}, slot {turn.slot}) does not fit match {self.plan.uuid}, "
                f"which is at step {len(self.steps)} and has {len(self.seats)} seats"
            )
        if turn.slot in self.pending:
            raise RecordingError(
                f"Slot {turn.slot} has decided step {turn.step} of match {self.plan.uuid} already"
            )
        return cleaned(turn)

    def advance(self, events: list[Event], state: dict[str, Json]) -> None:
        """Close the step: what the appended turns led to, and the state after them.

        Raises RecordingError if `state` is no snapshot (`State.snapshot()`, or any JSON object).
        """
        _check_snapshot(self.plan, state)
        turns = tuple(self.pending[slot] for slot in sorted(self.pending))
        self.steps.append(Step(turns, events, state))
        self.pending.clear()

    def finished(self, outcome: Outcome, ended_at: datetime) -> FinishedMatch:
        """The whole match as a value, ready for `Recorder.record`. Raises RecordingError if it
        can't be one.

        Where the clock was put back while it was played, it ends when it began and not before.
        """
        if self.pending:
            raise RecordingError(
                f"Match {self.plan.uuid} has turns after its last step; advance it first"
            )
        if len(outcome.players) != len(self.seats):
            raise RecordingError(
                f"Match {self.plan.uuid} has {len(self.seats)} seats "
                f"but {len(outcome.players)} outcomes"
            )
        return FinishedMatch(
            self.plan,
            self.seats,
            self.initial,
            tuple(self.steps),
            outcome,
            self.started_at,
            max(ended_at, self.started_at),
            journaled=self.journal is not None,
        )


class Recorder:
    """Records matches into one store and one replay folder. Share it freely, also among threads: it
    remembers only names that never change.

    With a `scribe` the journals of many matches are written together. Without `keep_payloads`
    requests and answers of calls are dropped when their match is sealed.
    """

    def __init__(
        self,
        store: Store,
        replay_dir: Path,
        scribe: Scribe | None = None,
        *,
        keep_payloads: bool = True,
    ) -> None:
        self.store = store
        self.replay_dir = replay_dir
        self.scribe = scribe
        self.keep_payloads = keep_payloads
        self._names = rows.Names()

    def open(
        self,
        plan: MatchPlan,
        seats: Sequence[Seat],
        initial: dict[str, Json],
        *,
        journal_owner: str | None = None,
        lease: timedelta = timedelta(minutes=2),
        on_open: OnOpen | None = None,
    ) -> OpenMatch:
        """Begin a match. With `journal_owner` (a name for this process) it is journaled from here
        on.

        `initial` is the first state's snapshot. Raises RecordingError when it is none, when seats
        and entrants do not fit, or when a journaled match of this uuid is there already; and what
        `on_open` raises.
        """
        if len(seats) != len(plan.entrants):
            raise RecordingError(
                f"{len(plan.entrants)} entrants for {len(seats)} seats in match {plan.uuid}"
            )
        _check_snapshot(plan, initial)
        started_at = datetime.now(UTC)
        match = OpenMatch(plan, tuple(seats), initial, started_at)
        if journal_owner is not None:
            match.journal = self._open_journal(match, journal_owner, lease, on_open)
        return match

    def finish(self, match: OpenMatch, outcome: Outcome, ended_at: datetime | None = None) -> bool:
        """Seal and record an open match; False if it was before. Raises as `record` does."""
        return bool(self.record([match.finished(outcome, ended_at or datetime.now(UTC))]))

    def record(self, matches: Iterable[FinishedMatch]) -> list[str]:
        """Record finished matches in this order, in one transaction; returns the uuids that were
        new.

        Raises ReplayError when a replay can't be written and RecordingError for a match the store
        can't take; then none of them is recorded. Replays of a batch and of journaled matches are
        synced to disk first; a single match between bots is not, as that would cost more than
        playing it.
        """
        replays, sealed, precious = [], [], False
        for match in with_calls(self.store, matches, keep_payloads=self.keep_payloads):
            rows.check_storable(match)
            replays.append(replay.seal(match))
            sealed.append(rows.match_rows(match, replays[-1]))
            precious = precious or match.journaled or len(replays) > 1
        if not sealed:
            return []
        replay.write(self.replay_dir, replays, sync=precious)
        try:
            with self.store.write() as connection:
                return write_finished(self.store, connection, sealed, self._names)
        except (IntegrityError, DataError, StatementError) as error:
            raise RecordingError(
                f"The store refuses {_named(sealed)}: {error.orig or error}; nothing was recorded"
            ) from error

    def _open_journal(
        self, match: OpenMatch, owner: str, lease: timedelta, on_open: OnOpen | None
    ) -> Journal:
        plan = match.plan
        with self.store.write() as connection:
            row = connection.execute(
                self.store.insert_ignore(Match).returning(Match.id),
                [
                    {
                        **rows.plan_columns(plan),
                        "state": MatchState.RUNNING.value,
                        "started_at": match.started_at,
                        "lease_owner": owner,
                        "lease_until": match.started_at + lease,
                    }
                ],
            ).one_or_none()
            if row is None:
                raise RecordingError(f"Match {plan.uuid} was opened before; resume it instead")
            connection.execute(
                insert(Participant),
                [
                    {"match_id": row.id, "slot": slot, **rows.seat_columns(entrant, seat)}
                    for slot, (entrant, seat) in enumerate(
                        zip(plan.entrants, match.seats, strict=True)
                    )
                ],
            )
            if on_open is not None:
                on_open(connection, row.id)
        return Journal(self.store, row.id, plan.uuid, owner, lease, self.scribe)


def cleaned(turn: TurnRecord) -> TurnRecord:
    """The turn with outside text made storable, so that journal, replay and store say the same."""
    told = turn.action
    if turn.rationale is None and not turn.extra and told.isascii() and "\0" not in told:
        return turn
    return replace(
        turn,
        action=clean_text(turn.action),
        rationale=None if turn.rationale is None else clean_text(turn.rationale),
        extra=clean_json(turn.extra),
    )


def _check_snapshot(plan: MatchPlan, state: object) -> None:
    if not isinstance(state, dict):
        raise RecordingError(
            f"Match {plan.uuid}: a state is kept as JSON, not as {type(state).__name__}; "
            "give its snapshot()"
        )


def _named(sealed: Sequence[rows.MatchRows]) -> str:
    if len(sealed) == 1:
        return f"match {sealed[0].uuid}"
    return f"one of {len(sealed)} matches, {sealed[0].uuid} to {sealed[-1].uuid}"
