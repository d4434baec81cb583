"""What the ledger of calls and a ladder's matches say of the hosts behind a gateway: which host
answered in which seat how often, what came of it.

What belongs here: asking the store. Whether hosts differ is judged in `hosts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from arena_pipeline.matches.ladder_rules import RANKS
from arena_pipeline.ratings import elo
from arena_pipeline.store.tables import (
    Agent,
    CompetitorKind,
    LadderMatch,
    LlmCall,
    Match,
    Model,
    Participant,
    Standing,
)

UNFINISHED = ("length", "max_tokens", "max_output_tokens", "content_filter")
"""Gateways' words for a reply that did not come to its end."""

_HOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class HostSeat:
    """One host's part in one seat of a rated match.

    `replies` are its answers to first questions, `faulty` those of them that were cut off or needed
    a reminder, `answers` all replies of the seat, whoever gave them. `points` is the mean over the
    opponents of what the seat scored (1, 0.5, 0) less what today's ratings expect.
    """

    model: str
    agent_id: int | None
    config_id: int
    host: str
    replies: int
    faulty: int
    answers: int
    points: float


def host_seats(
    connection: Connection, ladder: Any, since: datetime | None = None
) -> list[HostSeat]:
    """Every host's part in every seat of the matches rated on the ladder of this row, those that
    ended at or after `since` (UTC).
    """
    rated = and_(
        LadderMatch.ladder_id == ladder.id,
        LadderMatch.epoch == ladder.epoch,
        LadderMatch.sequence.is_not(None),
        *([] if since is None else [LadderMatch.ended_at >= since]),
    )
    rows = connection.execute(_answered(rated)).all()
    points = _points(connection, ladder, rated)
    answers: dict[tuple[int, int], int] = {}
    for row in rows:
        seat = (row.match_id, row.slot)
        answers[seat] = answers.get(seat, 0) + row.replies
    return [
        HostSeat(
            model=row.slug,
            agent_id=row.agent_id,
            config_id=row.config_id,
            host=row.host[:_HOST_CHARACTERS],
            replies=row.replies,
            faulty=int(row.faulty),
            answers=answers[row.match_id, row.slot],
            points=points[row.match_id, row.slot],
        )
        for row in rows
    ]


def _answered(rated: Any) -> Any:
    """First questions that were answered, by seat and host."""
    later = aliased(LlmCall)
    reminded = exists().where(
        later.match_id == LlmCall.match_id,
        later.step == LlmCall.step,
        later.slot == LlmCall.slot,
        later.question == 1,
    )
    faulty = case((or_(reminded, LlmCall.finish_reason.in_(UNFINISHED)), 1), else_=0)
    seat = (
        LlmCall.match_id, LlmCall.slot, LlmCall.host, Model.slug, Participant.agent_id,
        Match.config_id,
    )  # fmt: skip
    return (
        select(*seat, func.count().label("replies"), func.sum(faulty).label("faulty"))
        .join(LadderMatch, and_(LadderMatch.match_id == LlmCall.match_id, rated))
        .join(
            Participant,
            (Participant.match_id == LlmCall.match_id) & (Participant.slot == LlmCall.slot),
        )
        .join(Model, Model.id == Participant.model_id)
        .join(Match, Match.id == LlmCall.match_id)
        .where(
            LlmCall.question == 0,
            LlmCall.settled_at.is_not(None),
            LlmCall.error_kind.is_(None),
            LlmCall.host.is_not(None),
        )
        .group_by(*seat)
    )


def _points(connection: Connection, ladder: Any, rated: Any) -> Mapping[tuple[int, int], float]:
    """Points above expectation of each seat of the matches in which hosts are known."""
    called = exists().where(LlmCall.match_id == Participant.match_id, LlmCall.host.is_not(None))
    rows = connection.execute(
        select(Participant.match_id, Participant.slot, Participant.result, Standing.elo)
        .join(LadderMatch, and_(LadderMatch.match_id == Participant.match_id, rated))
        .outerjoin(Agent, Agent.id == Participant.agent_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .outerjoin(
            Standing,
            and_(Standing.ladder_id == ladder.id, Standing.competitor == _competitor(ladder)),
        )
        .where(called)
        .order_by(Participant.match_id, Participant.slot)
    ).all()
    matches: dict[int, list[Any]] = {}
    for row in rows:
        matches.setdefault(row.match_id, []).append(row)
    return {
        (match, row.slot): _above_expectation(row, seats)
        for match, seats in matches.items()
        for row in seats
    }


def _competitor(ladder: Any) -> Any:
    match CompetitorKind(ladder.competitor):
        case CompetitorKind.MODEL:
            return func.coalesce(Model.slug, Agent.alias)
        case CompetitorKind.AGENT:
            return Agent.alias
        case CompetitorKind.NAME:
            return Participant.name


def _above_expectation(own: Any, seats: Sequence[Any]) -> float:
    others = [seat for seat in seats if seat.slot != own.slot]
    return sum(_scored(own, other) - _expected(own, other) for other in others) / (len(others) or 1)


def _scored(own: Any, other: Any) -> float:
    first, second = (RANKS.get(seat.result, elo.TIED) for seat in (own, other))
    return 0.5 if first == second else float(first > second)


def _expected(own: Any, other: Any) -> float:
    """By today's ratings: those at the time say little of one who had just begun, and hosts change
    in the course of time. Even where the ladder keeps no Elo.
    """
    if own.elo is None or other.elo is None:
        return 0.5
    return elo.expected_score(own.elo, other.elo)
