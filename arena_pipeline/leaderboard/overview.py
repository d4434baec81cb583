"""Counts over everything played, for whoever shows what the arena did: by day, by state and
purpose, by agent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Base,
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Participant,
    RatingEvent,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of what. `matches` are the finished ones; `states` and `purposes` count
    them all.

    `rated` and `not_rated` are by ladder, of its present epoch; reasons are those of
    `ladder_rules.Reason`.
    """

    matches: int
    participants: int
    rating_events: int
    states: Mapping[str, int]
    purposes: Mapping[str, int]
    rated: Mapping[str, int]
    not_rated: Mapping[str, Mapping[str, int]]
    first_ended_at: datetime | None
    last_ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlayedMatch:
    """A finished match in a few words: `players` is who sat there with score and result, in seat
    order.
    """

    uuid: str
    ended_at: datetime | None
    purpose: str
    rounds: int
    ended_by: str | None
    players: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LadderSummary:
    """One ladder in a line."""

    name: str
    title: str
    epoch: int
    matches: int
    competitors: int


def counts(store: Store) -> Counts:
    """All counts, from one view of the store."""
    with store.read() as connection:
        states = _by(connection, Match.state)
        first, last = connection.execute(
            select(func.min(Match.ended_at), func.max(Match.ended_at))
        ).one()
        not_rated: dict[str, dict[str, int]] = {}
        for name, reason, count in connection.execute(
            select(Ladder.name, LadderMatch.reason, func.count())
            .join(LadderMatch, _present_epoch())
            .where(LadderMatch.reason.is_not(None))
            .group_by(Ladder.name, LadderMatch.reason)
            .order_by(Ladder.name, LadderMatch.reason)
        ):
            not_rated.setdefault(name, {})[str(reason)] = count
        return Counts(
            matches=states.get(MatchState.FINISHED, 0),
            participants=_count(connection, Participant),
            rating_events=_count(connection, RatingEvent),
            states=states,
            purposes=_by(connection, Match.purpose),
            rated={
                name: following - 1
                for name, following in connection.execute(
                    select(Ladder.name, Ladder.next_sequence).order_by(Ladder.name)
                )
            },
            not_rated=not_rated,
            first_ended_at=first,
            last_ended_at=last,
        )


def ladders(store: Store) -> list[LadderSummary]:
    """Every ladder, the default ones first."""
    competitors = (
        select(func.count())
        .where(Standing.ladder_id == Ladder.id, Standing.matches > 0)
        .scalar_subquery()
    )
    with store.read() as connection:
        return [
            LadderSummary(name, title, epoch, following - 1, count)
            for name, title, epoch, following, count in connection.execute(
                select(
                    Ladder.name, Ladder.title, Ladder.epoch, Ladder.next_sequence, competitors
                ).order_by(Ladder.is_default.desc(), Ladder.name)
            )
        ]


def matches_per_day(store: Store, days: int = 30) -> list[tuple[date, int]]:
    """Finished matches by the day (UTC) they ended on: the last `days` days up to the newest match,
    none left out.
    """
    day = func.date(Match.ended_at if store.is_sqlite else func.timezone("UTC", Match.ended_at))
    with store.read() as connection:
        newest = connection.scalar(select(func.max(Match.ended_at)))
        if newest is None:
            return []
        first = newest.date() - timedelta(days=days - 1)
        found = connection.execute(
            select(day, func.count())
            .where(
                Match.state == MatchState.FINISHED,
                Match.ended_at >= datetime.combine(first, time(), UTC),
            )
            .group_by(day)
        )
        played = {date.fromisoformat(str(when)): count for when, count in found}
    return [
        (when, played.get(when, 0)) for when in (first + timedelta(days=n) for n in range(days))
    ]


def participants_per_agent(store: Store, limit: int | None = None) -> list[tuple[str, int]]:
    """How often each agent sat in a match, the busiest first; names as played where no agent is
    known.
    """
    with store.read() as connection:
        rows = connection.execute(
            select(Agent.alias, Participant.name, func.count())
            .join_from(Participant, Agent, Agent.id == Participant.agent_id, isouter=True)
            .group_by(Agent.alias, Participant.name)
        )
        seats: dict[str, int] = {}
        for alias, name, count in rows:
            seats[alias or name] = seats.get(alias or name, 0) + count
    return sorted(seats.items(), key=lambda seat: (-seat[1], seat[0]))[:limit]


def faulty_agents(store: Store, since: datetime) -> list[tuple[str, int, int]]:
    """Who did wrong in matches that ended after `since`: (name, matches with a fault of its own,
    all its matches), the worst first.
    """
    faulty = func.sum(case((Participant.agent_faults > 0, 1), else_=0))
    with store.read() as connection:
        rows = connection.execute(
            select(Participant.name, faulty, func.count())
            .join(Match, Match.id == Participant.match_id)
            .where(Match.ended_at > since)
            .group_by(Participant.name)
            .having(faulty > 0)
            .order_by(faulty.desc(), Participant.name)
        )
        return [(name, int(wrong), matches) for name, wrong, matches in rows]


def latest_matches(store: Store, limit: int = 10) -> list[PlayedMatch]:
    """The matches that ended last, newest first."""
    with store.read() as connection:
        matches = connection.execute(
            select(
                Match.id, Match.uuid, Match.ended_at, Match.purpose, Match.rounds, Match.ended_by
            )
            .where(Match.state == MatchState.FINISHED, Match.ended_at.is_not(None))
            .order_by(Match.ended_at.desc(), Match.id.desc())
            .limit(limit)
        ).all()
        seats: dict[int, list[str]] = {}
        for seat in connection.execute(
            select(Participant.match_id, Participant.name, Participant.score, Participant.result)
            .where(Participant.match_id.in_([match.id for match in matches]))
            .order_by(Participant.match_id, Participant.slot)
        ):
            seats.setdefault(seat.match_id, []).append(
                f"{seat.name} {seat.score:g} ({seat.result})"
            )
    return [
        PlayedMatch(
            match.uuid, match.ended_at, match.purpose, match.rounds or 0, match.ended_by,
            tuple(seats.get(match.id, ())),
        )
        for match in matches
    ]  # fmt: skip


def _present_epoch() -> Any:
    return (LadderMatch.ladder_id == Ladder.id) & (LadderMatch.epoch == Ladder.epoch)


def _by(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(value): count for value, count in rows}


def _count(connection: Connection, table: type[Base]) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
