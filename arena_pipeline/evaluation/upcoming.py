"""Which placements can be started now, and who waits why: what the sensor asks every tick.

Playing one is in `evaluation.placement`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from arena_pipeline.evaluation import queue
from arena_pipeline.evaluation.eligibility import Applicant, Obstacle, Reason
from arena_pipeline.evaluation.reexamining import MOST, still_held_up
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import EvaluationState, Incident


@dataclass(frozen=True, slots=True)
class Placement:
    """An evaluation that can be played now. `run_key` is another one after each stop and wait."""

    agent: str
    ladder: str
    attempt: int
    run_key: str
    calls: bool = False
    """Whether its agent calls a model."""


@dataclass(frozen=True, slots=True)
class NextPlacements:
    """Who may be placed now, and who waits why (counts)."""

    ready: tuple[Placement, ...]
    waiting: dict[str, int] = field(default_factory=dict)
    running: int = 0
    ranked: int = 0

    def explain(self) -> str:
        """All of it in a sentence."""
        facts = [f"{_agents(len(self.ready))} can be placed now"] if self.ready else []
        facts += [f"{_agents(self.running)} being placed"] if self.running else []
        facts += [f"{_agents(self.ranked)} ranked"] if self.ranked else []
        if self.waiting:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.waiting.items())
            facts.append(f"{sum(self.waiting.values())} wait: {reasons}")
        return "; ".join(facts) if self.ready else f"Nobody to place. {'; '.join(facts)}".strip()


def next_placements(
    store: Store, settings: Settings, limit: int, ladder: str = DEFAULT_LADDER
) -> NextPlacements:
    """Up to `limit` evaluations that can be started, the longest waiting first.

    Agents that are new are enqueued and dead workers' evaluations given back before that; if there
    are none, nothing is written. What somebody stopped is not among them: it waits for `resume`.
    """
    now = datetime.now(UTC)
    with store.read() as connection:
        found = queue.survey(connection, settings, ladder, now)
    if found.attempts or found.has_expired(now):
        queue.reap(store, now)
        queue.enqueue(store, settings, ladder)
        with store.read() as connection:
            found = queue.survey(connection, settings, ladder, now)
    rows = [
        (found.evaluations[who.agent_id], who) for who in found.queued if who.agent_id is not None
    ]
    rows.sort(key=lambda row: (row[0].queued_at, row[0].id))
    first, held_up = _without_held_up(store, settings, found, rows, limit, now)
    stops = _stops(store, [row.id for row, _ in first])
    return NextPlacements(
        ready=tuple(
            Placement(
                who.name,
                ladder,
                row.attempt,
                _run_key(who.name, ladder, row, stops[row.id]),
                who.calls,
            )
            for row, who in first
        ),
        waiting=queue.counts([*found.waiting, *held_up]),
        running=found.states[EvaluationState.RUNNING],
        ranked=found.states[EvaluationState.RANKED],
    )


def _without_held_up(
    store: Store,
    settings: Settings,
    found: queue.Survey,
    rows: Sequence[tuple[Any, Applicant]],
    limit: int,
    now: datetime,
) -> tuple[list[tuple[Any, Applicant]], list[tuple[str, Obstacle]]]:
    """Up to `limit` of those whose time has come, and those of them whose wait goes on."""
    ready: list[tuple[Any, Applicant]] = []
    held_up: list[tuple[str, Obstacle]] = []
    looks = 0
    for row, who in rows:
        if len(ready) >= limit:
            break
        still = None
        if row.state == EvaluationState.WAITING and looks < MOST:
            looks += 1
            still = still_held_up(
                store, settings, found.ground, row.agent_id, row.id, row.error, now
            )
        if still is None:
            ready.append((row, who))
        else:
            held_up.append((who.name, Obstacle(Reason.HELD_UP, still)))
    return ready, held_up


def _stops(store: Store, evaluations: list[int]) -> dict[int, int]:
    """How often each of these evaluations was given back."""
    with store.read() as connection:
        rows = connection.execute(
            select(Incident.evaluation_id, func.count())
            .where(Incident.evaluation_id.in_(evaluations))
            .group_by(Incident.evaluation_id)
        )
        return dict.fromkeys(evaluations, 0) | {
            id_: count for id_, count in rows if id_ is not None
        }


def _run_key(agent: str, ladder: str, evaluation: Any, stops: int) -> str:
    key = f"{ladder}/{agent}/attempt {evaluation.attempt}"
    if stops:
        key += f"/stop {stops}"
    if evaluation.wait_until is not None:
        key += f"/after {evaluation.wait_until.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    return key


def _agents(count: int) -> str:
    return f"{count} agent" if count == 1 else f"{count} agents"
