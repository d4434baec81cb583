"""The position of a journaled match, built anew from its turns in the store. Claims nothing and
writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from arena_pipeline.errors import RecordingError
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import Seat, State
from arena_pipeline.matches.entries import turn_record
from arena_pipeline.matches.plan import ConfigRef, Entrant, InstanceRef, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import OpenMatch
from arena_pipeline.store.tables import (
    GameConfig,
    Instance,
    Match,
    Participant,
    Purpose,
    Turn,
)


@dataclass(frozen=True, slots=True)
class Journaled:
    """What the store knows of a match: its plan, its seats, and all turns so far in order."""

    plan: MatchPlan
    seats: tuple[Seat, ...]
    started_at: datetime
    turns: tuple[TurnRecord, ...]


def journaled(connection: Connection, uuid: str) -> Journaled | None:
    """A match as it was journaled, whatever became of it; None if there is none of this uuid."""
    row = connection.execute(
        select(Match.__table__, GameConfig.name, GameConfig.game, GameConfig.settings)
        .join_from(Match, GameConfig)
        .where(Match.uuid == uuid)
    ).one_or_none()
    if row is None:
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
    )
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
    return Journaled(
        plan,
        tuple(Seat(seat.team, seat.role) for seat in seats),
        row.started_at,
        tuple(map(turn_record, turns)),
    )


def rebuilt(found: Journaled) -> tuple[OpenMatch, State]:
    """The match with its steps so far, not journaled any more, and the position it is in.

    Raises RecordingError when the journal has a gap, and GameError when it does not fit the rules.
    """
    plan = found.plan
    state = catalogue.game(plan.config.game).initial_state(
        plan.config.settings,
        found.seats,
        plan.chance("state"),
        instance=None if plan.instance is None else plan.instance.position,
        rule_version=plan.rule_version,
    )
    match = OpenMatch(plan, found.seats, state.snapshot(), found.started_at)
    steps = _by_step(found.turns)
    for step in sorted(steps):
        if step != len(match.steps) or match.pending:
            raise RecordingError(f"The journal of match {plan.uuid} has a gap before step {step}")
        for turn in steps[step]:
            match.append(turn)
        if set(match.pending) == set(state.current_players()):
            events = state.apply_actions({s: t.action for s, t in match.pending.items()})
            match.advance(events, state.snapshot())
    return match, state


def _by_step(turns: Iterable[TurnRecord]) -> dict[int, list[TurnRecord]]:
    steps: dict[int, list[TurnRecord]] = defaultdict(list)
    for turn in turns:
        steps[turn.step].append(turn)
    return steps
