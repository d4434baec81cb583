"""The queue of evaluations: who is new and may be placed is put into it, who waits is told why.

Taking an evaluation out of it is in `evaluation.leases`, giving one back in `evaluation.releasing`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.eligibility import Applicant, Obstacle, Reason, judge
from arena_pipeline.evaluation.grounds import Ground, ground
from arena_pipeline.evaluation.releasing import Reaped, Released, reap, release, resume
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.leases import is_over
from arena_pipeline.store.tables import OPEN_STATES, Evaluation, EvaluationState

__all__ = [
    "QueueReport", "Reaped", "Released", "Survey", "enqueue", "enqueue_again", "reap", "release",
    "resume", "retry_at", "survey",
]  # fmt: skip

CLIMB = "climb"
"""The strategy by which opponents are chosen: `evaluation.matchmaking.climb`."""

LONGEST_BACKOFF = timedelta(days=30)

SAMPLE = 50
"""How many of those who wait a report names."""


@dataclass(frozen=True, slots=True)
class QueueReport:
    """Who was put into the queue just now, and who waits outside of it and why.

    `open` counts evaluations queued or under way, `waiting` those who wait by reason; `rows` names
    the first of them, with the numbers.
    """

    ladder: str
    enqueued: tuple[str, ...]
    open: int
    ranked: int
    waiting: dict[str, int]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """How everybody stands towards one ladder at `now`; `evaluations` is the newest one of each
    agent id, `failures` how many of its newest ones failed in a row.

    `again` are those whose placement failed and is to be tried once more.
    """

    ground: Ground
    everybody: list[Applicant]
    evaluations: dict[int, Any]
    failures: Mapping[int, int]
    backoff: timedelta
    now: datetime
    new: list[Applicant] = field(init=False, default_factory=list)
    again: list[Applicant] = field(init=False, default_factory=list)
    queued: list[Applicant] = field(init=False, default_factory=list)
    waiting: list[tuple[str, Obstacle]] = field(init=False, default_factory=list)
    states: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        judged = [(who, judge(who, self.ground.field)) for who in self.everybody]
        alone = sum(obstacle is None for _, obstacle in judged) < 2
        for who, obstacle in judged:
            # Whoever belongs to another ladder does not wait for this one.
            if obstacle is None or obstacle.reason is not Reason.ELSEWHERE:
                self._sort(who, obstacle or (Obstacle(Reason.NO_OPPONENT) if alone else None))

    def _sort(self, who: Applicant, obstacle: Obstacle | None) -> None:
        newest = None if who.agent_id is None else self.evaluations.get(who.agent_id)
        state = None if newest is None else newest.state
        if state is not None:
            self.states[state] += 1
        match state:
            case EvaluationState.RANKED | EvaluationState.RETIRED | EvaluationState.RUNNING:
                return
            case EvaluationState.FAILED:
                still = obstacle or self._fate(who, newest)
                if still is None:
                    self.again.append(who)
                else:
                    self.waiting.append((who.name, still))
            case _ if obstacle is not None:
                self.waiting.append((who.name, obstacle))
            case None:
                self.new.append(who)
            case EvaluationState.WAITING:
                still = self._hold_up(newest)
                if still is None:
                    self.queued.append(who)
                else:
                    self.waiting.append((who.name, still))
            case EvaluationState.QUEUED:
                self.queued.append(who)

    def _fate(self, who: Applicant, newest: Any) -> Obstacle | None:
        """Why a failed placement is not tried again now. Only calls to models may go better."""
        if newest.cancelled_at is not None:
            return Obstacle(Reason.CANCELLED)
        if not who.calls:
            return Obstacle(Reason.LAST_FAILED)
        until = retry_at(newest.finished_at, self.failures[newest.agent_id], self.backoff)
        if until <= self.now:
            return None
        return Obstacle(Reason.BACKING_OFF, f"not before {until:%Y-%m-%d %H:%M} UTC")

    def _hold_up(self, newest: Any) -> Obstacle | None:
        """Why one that waits is not taken up now."""
        if newest.wait_until is None:
            return Obstacle(Reason.STOPPED)
        if newest.wait_until <= self.now:
            return None
        until = f"until {newest.wait_until:%Y-%m-%d %H:%M} UTC"
        return Obstacle(Reason.HELD_UP, f"{newest.error or 'nobody said why'} ({until})")

    @property
    def open(self) -> int:
        """How many evaluations are queued or under way."""
        return sum(self.states[state] for state in OPEN_STATES)

    @property
    def attempts(self) -> dict[int, int]:
        """The attempts that are to be enqueued, by agent id."""
        first = {who.agent_id: 1 for who in self.new if who.agent_id is not None}
        return first | {
            who.agent_id: self.evaluations[who.agent_id].attempt + 1
            for who in self.again
            if who.agent_id is not None
        }

    def has_expired(self, now: datetime) -> bool:
        """Whether a lease has run out."""
        return any(
            row.state == EvaluationState.RUNNING and is_over(row.lease_until, now)
            for row in self.evaluations.values()
        )


def survey(
    connection: Connection, settings: Settings, ladder: str, now: datetime | None = None
) -> Survey:
    """Look at everybody: agents in the order they were made, then models nobody plays with yet."""
    known = ground(connection, ladder)
    everybody = applicants.everybody(connection, settings, now)
    newest: dict[int, Any] = {}
    failures: Counter[int] = Counter()
    for row in connection.execute(
        _EVALUATIONS.where(Evaluation.ladder_id == known.rule.id).order_by(Evaluation.attempt)
    ):
        newest[row.agent_id] = row
        if row.state != EvaluationState.FAILED:
            failures[row.agent_id] = 0
        elif row.cancelled_at is None:
            failures[row.agent_id] += 1
    backoff = timedelta(seconds=settings.placement_backoff_s)
    return Survey(known, everybody, newest, failures, backoff, now or datetime.now(UTC))


def retry_at(failed_at: datetime, failures: int, backoff: timedelta) -> datetime:
    """When a placement that failed so many times in a row may be tried again: `backoff` after the
    first failure, then each time twice as long, up to a month.
    """
    times = 1 << min(max(failures, 1) - 1, 30)
    return failed_at + min(backoff * times, LONGEST_BACKOFF)


def enqueue(
    store: Store,
    settings: Settings,
    ladder: str = DEFAULT_LADDER,
    *,
    now: datetime | None = None,
) -> QueueReport:
    """Enqueue everybody who may be placed on `ladder` and never was, or is to be tried again. Safe
    to repeat, beside others.

    `now` (default: now) is part of what seeds the matches. Raises NotFound for an unknown ladder.
    """
    with store.write() as connection:
        found = survey(connection, settings, ladder, now)
        added = _insert(
            store,
            connection,
            found.ground,
            settings,
            found.attempts,
            now,
        )
    enqueued = tuple(who.name for who in (*found.new, *found.again) if who.agent_id in added)
    return QueueReport(
        ladder=ladder,
        enqueued=enqueued,
        open=found.open + len(enqueued),
        ranked=found.states[EvaluationState.RANKED],
        waiting=counts(found.waiting),
        rows=tuple((name, str(obstacle)) for name, obstacle in found.waiting[:SAMPLE]),
    )


def enqueue_again(store: Store, settings: Settings, agent_id: int, ladder: str) -> bool:
    """Enqueue one agent that was never placed on `ladder` or failed to be; False for any other.

    A person asks for this: a placement that failed for good is not tried again by itself.
    """
    with store.write() as connection:
        known = ground(connection, ladder)
        newest = connection.execute(
            select(Evaluation.attempt, Evaluation.state)
            .where(Evaluation.agent_id == agent_id, Evaluation.ladder_id == known.rule.id)
            .order_by(Evaluation.attempt.desc())
            .limit(1)
        ).one_or_none()
        if newest is not None and newest.state != EvaluationState.FAILED:
            return False
        attempt = 1 if newest is None else newest.attempt + 1
        # Whoever is faster takes this attempt's number, so that it can't be played twice.
        return bool(_insert(store, connection, known, settings, {agent_id: attempt}, None))


def counts(waiting: list[tuple[str, Obstacle]]) -> dict[str, int]:
    """How many wait for each reason, the commonest first."""
    return dict(Counter(obstacle.heading for _, obstacle in waiting).most_common())


def _insert(
    store: Store,
    connection: Connection,
    known: Ground,
    settings: Settings,
    attempts: dict[int, int],
    now: datetime | None,
) -> set[int]:
    """Enqueue agents by id with their attempt; returns those that had nothing open."""
    if not attempts:
        return set()
    rows = [
        {
            "agent_id": agent_id,
            "ladder_id": known.rule.id,
            "state": EvaluationState.QUEUED.value,
            "attempt": attempt,
            "planned": settings.placement_matches,
            "strategy": CLIMB,
            "queued_at": now or datetime.now(UTC),
        }
        for agent_id, attempt in attempts.items()
    ]
    inserted = connection.execute(
        store.insert_ignore(Evaluation).returning(Evaluation.agent_id), rows
    )
    return set(inserted.scalars())


_EVALUATIONS = select(
    Evaluation.id,
    Evaluation.agent_id,
    Evaluation.attempt,
    Evaluation.state,
    Evaluation.queued_at,
    Evaluation.lease_until,
    Evaluation.wait_until,
    Evaluation.finished_at,
    Evaluation.cancelled_at,
    Evaluation.error,
)
