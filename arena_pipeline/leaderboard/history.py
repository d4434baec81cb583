"""Reading a ladder's past from the store: the matches in its scope, its ledger, its standings.

It streams: a history of millions of matches passes through a few thousand rows at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, SeatFacts
from arena_pipeline.matches.ledger import TALLY_COLUMNS
from arena_pipeline.matches.standings import Tally
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    LadderMatch,
    Match,
    MatchState,
    Model,
    Ordering,
    Participant,
    RatingEvent,
    Standing,
)

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class JudgedMatch:
    """A match in a ladder's scope with its place in the present epoch.

    `position` is None if the ladder never saw it, `sequence` and `digest` if it is not rated there
    (yet); a chain that was not begun has no digests.
    """

    facts: MatchFacts
    position: int | None
    sequence: int | None
    digest: str | None


_SEAT_QUERY = (
    select(
        Match.id, Match.uuid, Match.state, GameConfig.name.label("config"), Match.rule_version,
        Match.started_at, Match.ended_at, Match.replay_digest,
        LadderMatch.position, LadderMatch.sequence, LadderMatch.digest,
        Participant.name, Agent.alias, Model.slug,
        Participant.agent_id, Participant.model_id, Participant.result, Participant.score,
        Participant.team, Participant.gateway_faults,
    )
    .join_from(Match, Participant, Participant.match_id == Match.id)
    .outerjoin(Agent, Agent.id == Participant.agent_id)
    .outerjoin(Model, Model.id == Participant.model_id)
)  # fmt: skip


def in_scope(connection: Connection, row: Row[Any], rule: LadderRule) -> Iterator[JudgedMatch]:
    """Every finished match in the scope of the ladder in `row`, in the order it is to be rated;
    voided ones too where the ladder had seen them, so that they keep their place.

    Live ladders: those judged in their order, then those never seen, by time of ending. Ladders
    ordered by time: by it.
    """
    place = (LadderMatch.match_id == Match.id) & (LadderMatch.ladder_id == row.id)
    was_seen = LadderMatch.position.is_not(None)
    query = (
        _SEAT_QUERY.join(GameConfig, GameConfig.id == Match.config_id)
        .outerjoin(LadderMatch, place & (LadderMatch.epoch == row.epoch))
        .where(
            (Match.state == MatchState.FINISHED) | ((Match.state == MatchState.VOID) & was_seen),
            GameConfig.game == rule.game,
        )
    )
    if "configs" in rule.filter:
        query = query.where(GameConfig.name.in_(rule.filter["configs"]))
    if "purposes" in rule.filter:
        query = query.where(Match.purpose.in_(rule.filter["purposes"]))
    by_time = (Match.ended_at.is_not(None), Match.ended_at, Match.id, Participant.slot)
    if rule.ordering is Ordering.ENDED_AT:
        return _matches(connection, query.order_by(*by_time))
    return _matches(connection, query.order_by(~was_seen, LadderMatch.position, *by_time))


def _matches(connection: Connection, query: Any) -> Iterator[JudgedMatch]:
    rows = connection.execute(query.execution_options(yield_per=_CHUNK))
    for _, group in groupby(rows, key=lambda row: row.id):
        seats = list(group)
        first = seats[0]
        facts = MatchFacts(
            id=first.id,
            uuid=first.uuid,
            config=first.config,
            rule_version=first.rule_version,
            started_at=first.started_at,
            ended_at=first.ended_at,
            replay_digest=first.replay_digest,
            seats=[
                SeatFacts(
                    seat.name, seat.alias, seat.slug, seat.agent_id, seat.model_id, seat.result,
                    seat.score, seat.team, seat.gateway_faults,
                )
                for seat in seats
            ],
            is_void=first.state == MatchState.VOID,
        )  # fmt: skip
        yield JudgedMatch(facts, first.position, first.sequence, first.digest)


def stored_events(
    connection: Connection, row: Row[Any]
) -> Iterator[tuple[int, list[tuple[str, float, float]]]]:
    """The present epoch's ledger: for each sequence number, (competitor, before, after)."""
    events = connection.execute(
        select(RatingEvent.sequence, RatingEvent.competitor, RatingEvent.before, RatingEvent.after)
        .where(RatingEvent.ladder_id == row.id, RatingEvent.epoch == row.epoch)
        .order_by(RatingEvent.sequence)
        .execution_options(yield_per=_CHUNK)
    )
    for sequence, group in groupby(events, key=lambda event: event.sequence):
        yield sequence, [(e.competitor, e.before, e.after) for e in group]


def stored_tallies(connection: Connection, ladder: int) -> dict[str, Tally]:
    """The standings of a ladder as they are."""
    rows = connection.execute(select(*TALLY_COLUMNS).where(Standing.ladder_id == ladder))
    return {row.competitor: Tally(*row) for row in rows}
