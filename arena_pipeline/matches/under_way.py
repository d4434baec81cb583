"""Matches under way, for whoever watches: the position of each, built from its journal, and what
its calls came to so far. Claims nothing and writes nothing.

Matches between bots are not there: they live in memory until they are finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, select

from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import Json
from arena_pipeline.matches.finishing import IS_OPEN
from arena_pipeline.matches.ladder_rules import LadderRule
from arena_pipeline.matches.rebuilding import journaled, rebuilt
from arena_pipeline.matches.recorder import OpenMatch
from arena_pipeline.store import Store
from arena_pipeline.store.leases import is_over
from arena_pipeline.store.tables import GameConfig, LlmCall, Match, MatchState
from arena_pipeline.store.types import Usd


@dataclass(frozen=True, slots=True)
class SeatUnderWay:
    """A seat of a match under way. `cost` is USD, None: no call's is known; `faults` are turns that
    failed, `failed_calls` calls that did; `is_asked`: a call for it is under way.
    """

    slot: int
    name: str
    score: Json
    is_alive: bool
    faults: int
    calls: int
    failed_calls: int
    cost: Decimal | None
    is_asked: bool


@dataclass(frozen=True, slots=True)
class MatchUnderWay:
    """A match under way. `state` is the game's snapshot; `is_played`: some process holds it now."""

    uuid: str
    game: str
    config: str
    purpose: str
    turn: int
    started_at: datetime
    is_played: bool
    paused_at: datetime | None
    resume_at: datetime | None
    pause_reason: str | None
    cost: Decimal | None
    seats: tuple[SeatUnderWay, ...]
    state: dict[str, Json]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """All matches under way in numbers, and those that were asked for one by one."""

    played: int
    paused: int
    left: int
    """Neither: the process that played them is gone."""
    matches: tuple[MatchUnderWay, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return self.played + self.paused + self.left


def under_way(store: Store, now: datetime, *, rule: LadderRule | None, limit: int) -> UnderWay:
    """The matches under way, of one ladder or all: those played now first, then those that wait
    longest, at most `limit` of them with their positions.

    Raises RecordingError and GameError for a journal that does not fit the rules.
    """
    with store.read() as connection:
        rows = [
            row
            for row in connection.execute(_OPEN_MATCHES).all()
            if rule is None or rule.covers(row.game, row.config, row.purpose)
        ]
        kinds = [_kind(row, now) for row in rows]
        order = sorted(zip(kinds, rows, strict=True), key=lambda one: (one[0], one[1].id))
        shown = [row for _, row in order[:limit]]
        spent = _spent(connection, [row.id for row in shown])
        matches = tuple(_match(connection, row, spent, now) for row in shown)
    return UnderWay(kinds.count(0), kinds.count(1), kinds.count(2), matches)


def _kind(row: Any, now: datetime) -> int:
    """0: somebody plays it, 1: it is paused, 2: it was left."""
    if row.state == MatchState.PAUSED:
        return 1
    return 2 if row.lease_until is None or is_over(row.lease_until, now) else 0


def _match(
    connection: Connection, row: Any, spent: dict[tuple[int, int], Any], now: datetime
) -> MatchUnderWay:
    found = journaled(connection, row.uuid)
    if found is None:
        raise RecordingError(f"Match {row.uuid} was removed from the store")
    match, state = rebuilt(found)
    snapshot = state.snapshot()
    seats = tuple(
        _seat(match, snapshot, slot, spent.get((row.id, slot))) for slot in range(len(match.seats))
    )
    costs = [seat.cost for seat in seats if seat.cost is not None]
    return MatchUnderWay(
        uuid=row.uuid,
        game=row.game,
        config=row.config,
        purpose=row.purpose,
        turn=len(match.steps),
        started_at=row.started_at,
        is_played=_kind(row, now) == 0,
        paused_at=row.paused_at,
        resume_at=row.resume_at,
        pause_reason=row.pause_reason,
        cost=sum(costs, Decimal(0)) if costs else None,
        seats=seats,
        state=snapshot,
    )


def _seat(match: OpenMatch, state: dict[str, Json], slot: int, spent: Any | None) -> SeatUnderWay:
    scores, alive = state.get("scores"), state.get("alive")
    turns = [turn for step in match.steps for turn in step.turns if turn.slot == slot]
    turns += [turn for turn in match.pending.values() if turn.slot == slot]
    return SeatUnderWay(
        slot=slot,
        name=match.plan.entrants[slot].name,
        score=scores[slot] if isinstance(scores, Sequence) else None,
        is_alive=bool(alive[slot]) if isinstance(alive, Sequence) else True,
        faults=sum(turn.fault is not None for turn in turns),
        calls=0 if spent is None else spent.calls,
        failed_calls=0 if spent is None else spent.failed,
        cost=None if spent is None else spent.cost,
        is_asked=spent is not None and spent.under_way > 0,
    )


def _spent(connection: Connection, ids: Sequence[int]) -> dict[tuple[int, int], Any]:
    rows = connection.execute(
        select(
            LlmCall.match_id,
            LlmCall.slot,
            func.count().label("calls"),
            func.sum(case((LlmCall.error_kind.is_not(None), 1), else_=0)).label("failed"),
            func.sum(case((LlmCall.settled_at.is_(None), 1), else_=0)).label("under_way"),
            func.sum(LlmCall.cost_counted, type_=Usd).label("cost"),
        )
        .where(LlmCall.match_id.in_(ids))
        .group_by(LlmCall.match_id, LlmCall.slot)
    )
    return {(row.match_id, row.slot): row for row in rows}


_OPEN_MATCHES = (
    select(
        Match.id,
        Match.uuid,
        Match.state,
        Match.purpose,
        Match.started_at,
        Match.lease_until,
        Match.paused_at,
        Match.resume_at,
        Match.pause_reason,
        GameConfig.game,
        GameConfig.name.label("config"),
    )
    .join(GameConfig, GameConfig.id == Match.config_id)
    .where(IS_OPEN)
)
