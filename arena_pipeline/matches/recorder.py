"""The recorder: `open` a match, `append` its turns, `finish` it. The only way a match gets into the
store.

A match that costs money or time is journaled: its row, its seats and every turn go to the store as
they happen, under a lease, so that any process can take it up where a dead one left it
(`matches.resuming`). A match between bots lives in memory until it is finished.

Finishing seals the turns into the replay, puts the replay on disk and then writes one transaction
(`matches.finishing`). Killed before the transaction: a file that nobody refers to. Killed after:
all is there. Done twice: nothing changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import Event, Json, Outcome, Seat
from arena_pipeline.matches import replay, rows
from arena_pipeline.matches.finishing import OPEN, write_finished
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan, Step, TurnRecord
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Participant, Turn
from arena_pipeline.store.types import clean_json, clean_text


class LeaseLost(RecordingError):
    """Another process has taken the match over; whoever sees this stops playing it."""


@dataclass(slots=True)
class OpenMatch:
    """A match in progress. Its verbs: `append` a turn, `advance` a step, then `Recorder.finish`."""

    plan: MatchPlan
    seats: tuple[Seat, ...]
    initial: dict[str, Json]
    started_at: datetime
    journal: "Journal | None" = None
    steps: list[Step] = field(default_factory=list)
    pending: dict[int, TurnRecord] = field(default_factory=dict)

    def append(self, turn: TurnRecord) -> TurnRecord:
        """Keep one seat's decision for the step under way; in a journaled match it is in the store
        when this returns.

        Returns the turn that stands: the same one, or what another writer had recorded for this
        seat and step before. Raises RecordingError for a turn out of order and LeaseLost when the
        match is somebody else's now.
        """
        if turn.step != len(self.steps) or not 0 <= turn.slot < len(self.seats):
            raise RecordingError(
                f"Turn (step {turn.step}, slot {turn.slot}) does not fit match {self.plan.uuid}, "
                f"which is at step {len(self.steps)} and has {len(self.seats)} seats"
            )
        if turn.slot in self.pending:
            raise RecordingError(
                f"Slot {turn.slot} has decided step {turn.step} of match {self.plan.uuid} already"
            )
        turn = cleaned(turn)
        if self.journal is not None:
            turn = self.journal.write(turn)
        self.pending[turn.slot] = turn
        return turn

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


@dataclass(frozen=True, slots=True)
class Journal:
    """A journaled match's line to the store: writes turns under `owner`'s lease, `lease` long."""

    store: Store
    match_id: int
    uuid: str
    owner: str
    lease: timedelta

    def write(self, turn: TurnRecord) -> TurnRecord:
        """Insert a turn unless one stands there, renewing the lease; the turn that stands is
        returned.
        """
        with self.store.write() as connection:
            now = datetime.now(UTC)
            held = connection.execute(
                update(Match)
                .where(
                    Match.id == self.match_id,
                    Match.lease_owner == self.owner,
                    Match.state.in_(OPEN),
                )
                .values(lease_until=now + self.lease, state=MatchState.RUNNING)
            )
            if held.rowcount == 0:
                raise LeaseLost(f"Match {self.uuid} is no longer played by {self.owner}")
            connection.execute(self.store.insert_ignore(Turn), [turn_row(self.match_id, turn)])
            return turn_record(
                connection.execute(
                    select(Turn.__table__).where(
                        Turn.match_id == self.match_id,
                        Turn.step == turn.step,
                        Turn.slot == turn.slot,
                    )
                ).one()
            )

    def release(self) -> None:
        """Pause the match: anybody may take it up at once. Does nothing if it is no longer
        `owner`'s.
        """
        with self.store.write() as connection:
            connection.execute(
                update(Match)
                .where(
                    Match.id == self.match_id,
                    Match.lease_owner == self.owner,
                    Match.state.in_(OPEN),
                )
                .values(state=MatchState.PAUSED, lease_owner=None, lease_until=None)
            )


class Recorder:
    """Records matches into one store and one replay folder. Share it freely: it remembers only
    names that never change.
    """

    def __init__(self, store: Store, replay_dir: Path) -> None:
        self.store = store
        self.replay_dir = replay_dir
        self._names = rows.Names()

    def open(
        self,
        plan: MatchPlan,
        seats: Sequence[Seat],
        initial: dict[str, Json],
        *,
        journal_owner: str | None = None,
        lease: timedelta = timedelta(minutes=2),
    ) -> OpenMatch:
        """Begin a match. With `journal_owner` (a name for this process) it is journaled from here
        on.

        `initial` is the first state's snapshot. Raises RecordingError when it is none, when seats
        and entrants do not fit, or when a journaled match of this uuid
        is there already.
        """
        if len(seats) != len(plan.entrants):
            raise RecordingError(
                f"{len(plan.entrants)} entrants for {len(seats)} seats in match {plan.uuid}"
            )
        _check_snapshot(plan, initial)
        started_at = datetime.now(UTC)
        match = OpenMatch(plan, tuple(seats), initial, started_at)
        if journal_owner is not None:
            match.journal = self._open_journal(match, journal_owner, lease)
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
        for match in matches:
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

    def _open_journal(self, match: OpenMatch, owner: str, lease: timedelta) -> Journal:
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
        return Journal(self.store, row.id, plan.uuid, owner, lease)


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


_TURN_FIELDS = tuple(TurnRecord.__dataclass_fields__)


def turn_row(match_id: int, turn: TurnRecord) -> dict[str, Any]:
    """A turn as a row of `turns`."""
    row = {name: getattr(turn, name) for name in _TURN_FIELDS}
    return {"match_id": match_id, **row, "decided_at": turn.decided_at or datetime.now(UTC)}


def turn_record(row: Any) -> TurnRecord:
    """A row of `turns` as a turn."""
    return TurnRecord(**{name: getattr(row, name) for name in _TURN_FIELDS})
