"""Taking up journaled matches whose process died or paused: from the journal, without asking a
recorded turn again.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from arena_pipeline.errors import RecordingError
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import Seat, State
from arena_pipeline.matches.finishing import OPEN
from arena_pipeline.matches.plan import ConfigRef, Entrant, InstanceRef, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import Journal, OpenMatch, turn_record
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out
from arena_pipeline.store.tables import (
    GameConfig,
    Instance,
    Match,
    MatchState,
    Participant,
    Purpose,
    Turn,
)


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An open match that nobody plays now."""

    uuid: str
    state: str
    evaluation_id: int | None


def abandoned(store: Store, now: datetime | None = None) -> list[Abandoned]:
    """Open matches that are paused or whose lease holds no more, oldest first."""
    now = now or datetime.now(UTC)
    with store.read() as connection:
        rows = connection.execute(
            select(Match.uuid, Match.state, Match.evaluation_id)
            .where(Match.state.in_(OPEN), _free(now))
            .order_by(Match.id)
        )
        return [Abandoned(*row) for row in rows]


def take_over(
    store: Store, uuid: str, owner: str, lease: timedelta = timedelta(minutes=2)
) -> tuple[OpenMatch, State] | None:
    """Claim an abandoned match and rebuild its position from the journal; None when somebody else
    has it.

    One conditional UPDATE decides who gets it. Raises RecordingError when there is no such match or
    its journal does not fit the rules.
    """
    now = datetime.now(UTC)
    with store.write() as connection:
        claimed = connection.execute(
            update(Match)
            .where(Match.uuid == uuid, Match.state.in_(OPEN), _free(now))
            .values(state=MatchState.RUNNING, lease_owner=owner, lease_until=now + lease)
            .returning(Match.id)
        ).one_or_none()
        row = connection.execute(
            select(Match.__table__, GameConfig.name, GameConfig.game, GameConfig.settings)
            .join_from(Match, GameConfig)
            .where(Match.uuid == uuid)
        ).one_or_none()
        if row is None:
            raise RecordingError(f"There is no match {uuid} to resume")
        if claimed is None:
            return None
        instance = None
        if row.instance_id is not None:
            found = connection.execute(
                select(Instance.__table__).where(Instance.id == row.instance_id)
            ).one()
            instance = InstanceRef(found.id, found.name, found.position)
        seats = connection.execute(
            select(Participant.__table__)
            .where(Participant.match_id == row.id)
            .order_by(Participant.slot)
        ).all()
        turns = connection.execute(
            select(Turn.__table__).where(Turn.match_id == row.id).order_by(Turn.step, Turn.slot)
        ).all()
    plan = MatchPlan(
        config=ConfigRef(row.config_id, row.name, row.game, row.settings),
        entrants=tuple(Entrant(seat.name, seat.agent_id, seat.model_id) for seat in seats),
        seed=row.seed,
        rule_version=row.rule_version,
        purpose=Purpose(row.purpose),
        uuid=uuid,
        instance=instance,
        evaluation_id=row.evaluation_id,
        group=row.group,
    )
    match, state = _rebuild(
        plan,
        tuple(Seat(seat.team, seat.role) for seat in seats),
        map(turn_record, turns),
        row.started_at,
    )
    match.journal = Journal(store, row.id, uuid, owner, lease)
    return match, state


def _rebuild(
    plan: MatchPlan, seats: tuple[Seat, ...], turns: "map[TurnRecord]", started_at: datetime
) -> tuple[OpenMatch, State]:
    state = catalogue.game(plan.config.game).initial_state(
        plan.config.settings,
        seats,
        plan.chance("state"),
        instance=None if plan.instance is None else plan.instance.position,
        rule_version=plan.rule_version,
    )
    match = OpenMatch(plan, seats, state.snapshot(), started_at)
    steps: dict[int, list[TurnRecord]] = defaultdict(list)
    for turn in turns:
        steps[turn.step].append(turn)
    for step in sorted(steps):
        if step != len(match.steps) or match.pending:
            raise RecordingError(f"The journal of match {plan.uuid} has a gap before step {step}")
        for turn in steps[step]:
            match.append(turn)
        if set(match.pending) == set(state.current_players()):
            events = state.apply_actions({s: t.action for s, t in match.pending.items()})
            match.advance(events, state.snapshot())
    return match, state


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        Match.state == MatchState.PAUSED,
        Match.lease_until.is_(None),
        has_run_out(Match.lease_until, now),
    )
