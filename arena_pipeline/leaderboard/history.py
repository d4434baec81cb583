"""Reading a ladder's past from the store: the matches in its scope, its ledger, its standings.

It streams: a history of millions of matches passes through a few thousand rows at a time, and only
one of a few thousand matches is kept to be gone through again.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from arena_pipeline.matches.ladder_rules import (
    PRACTICE_CONFIGS,
    LadderRule,
    MatchFacts,
    SeatFacts,
)
from arena_pipeline.matches.ledger import TALLY_COLUMNS
from arena_pipeline.matches.standings import Tally
from arena_pipeline.store.bulk import of_many
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
_FEW = 20_000
"""Names that a statement can hold as parameters on both databases."""

_FITTING = 20_000
"""Matches that are kept in memory rather than read twice: some 30 MB."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class JudgedMatch:
    """A match in a ladder's scope with its place in the present epoch.

    `position` is None if the ladder never saw it, `sequence` and `digest` if it is not rated there
    (yet), `reason` if it is; a chain that was not begun has no digests.
    """

    facts: MatchFacts
    position: int | None
    sequence: int | None
    reason: str | None
    digest: str | None


_SEAT_QUERY = (
    select(
        Match.id, Match.uuid, Match.state, GameConfig.name.label("config"), Match.rule_version,
        Match.started_at, Match.ended_at, Match.replay_digest,
        Match.started_at_text, Match.ended_at_text,
        LadderMatch.position, LadderMatch.sequence, LadderMatch.reason, LadderMatch.digest,
        Participant.name, Agent.alias, Model.slug,
        Participant.agent_id, Participant.model_id, Participant.result, Participant.score,
        Participant.team, Participant.gateway_faults,
        Participant.flags["placeholder"].as_boolean().label("placeholder"),
    )
    .join_from(Match, Participant, Participant.match_id == Match.id)
    .outerjoin(Agent, Agent.id == Participant.agent_id)
    .outerjoin(Model, Model.id == Participant.model_id)
)  # fmt: skip


def in_scope(
    connection: Connection,
    row: Row[Any],
    rule: LadderRule,
    *,
    by_time: bool = False,
    unseen: bool = False,
    uuids: Collection[str] | None = None,
) -> Iterator[JudgedMatch]:
    """Every finished match in the scope of the ladder in `row`, in the order it is to be rated;
    voided ones too where the ladder had seen them, so that they keep their place.

    Live ladders: those judged in their order, then those never seen, by time of ending; with
    `by_time` all by time of ending. Ladders ordered by time: by it. `unseen`: only those that the
    ladder never saw. `uuids`: only these, of which more than a few thousand are picked as they
    stream by.
    """
    query = _scope(_SEAT_QUERY, row, rule, unseen=unseen)
    few = uuids is not None and len(uuids) <= _FEW
    if uuids is not None and few:
        query = query.where(Match.uuid.in_(uuids))
    order = [*time_order(connection, rule), Participant.slot]
    if rule.ordering is Ordering.FINISHED and not by_time:
        order = [LadderMatch.position.is_(None), LadderMatch.position, *order]
    found = _matches(connection, query.order_by(*order), of_few=few)
    if uuids is None or few:
        return found
    return (judged for judged in found if judged.facts.uuid in uuids)


class Rereadable:
    """A ladder's scope that is gone through more than once. One that fits is read once and kept in
    memory, a longer one is read again each time.
    """

    def __init__(self, read: Callable[[], Iterator[JudgedMatch]]) -> None:
        self._read = read
        self._kept: list[JudgedMatch] | None = None

    def __iter__(self) -> Iterator[JudgedMatch]:
        if self._kept is not None:
            return iter(self._kept)
        return self._go_through()

    def _go_through(self) -> Iterator[JudgedMatch]:
        seen: list[JudgedMatch] | None = []
        for judged in self._read():
            if seen is not None:
                seen.append(judged)
                if len(seen) > _FITTING:
                    seen = None
            yield judged
        self._kept = seen


def first_unseen(
    connection: Connection, row: Row[Any], rule: LadderRule
) -> Row[*tuple[Any, ...]] | None:
    """Of the matches in the scope of the ladder in `row` that it never saw, the first by time: its
    `id`, `uuid`, `ended_at` and `ended_at_text`. None if it saw all.
    """
    what = select(Match.id, Match.uuid, Match.ended_at, Match.ended_at_text)
    query = _scope(what.select_from(Match), row, rule, unseen=True)
    with of_many(connection):
        found: Row[*tuple[Any, ...]] | None = connection.execute(
            query.order_by(*time_order(connection, rule)).limit(1)
        ).first()
    return found


def time_order(connection: Connection, rule: LadderRule) -> list[Any]:
    """What orders a ladder's matches by time, unknown times first: columns of `matches`."""
    if not rule.is_by_published_clock:
        return [Match.ended_at.is_not(None), Match.ended_at, Match.id]
    text: Any = Match.ended_at_text
    if connection.dialect.name == "postgresql":
        # As SQLite compares text, whatever the database's language.
        text = text.collate("C")
    return [Match.ended_at_text.is_not(None), text, Match.uuid]


def time_key(match: Row[*tuple[Any, ...]], rule: LadderRule) -> tuple[Any, ...]:
    """The same of one match, to be compared with another's."""
    if not rule.is_by_published_clock:
        moment = match.ended_at
        return (moment is not None, moment or _NEVER, match.id)
    text = match.ended_at_text
    return (text is not None, (text or "").encode(), match.uuid)


def _scope(query: Any, row: Row[Any], rule: LadderRule, *, unseen: bool) -> Any:
    was_seen = LadderMatch.position.is_not(None)
    place = (
        (LadderMatch.match_id == Match.id)
        & (LadderMatch.ladder_id == row.id)
        & (LadderMatch.epoch == row.epoch)
    )
    query = (
        query.join(GameConfig, GameConfig.id == Match.config_id)
        .outerjoin(LadderMatch, place)
        .where(
            (Match.state == MatchState.FINISHED) | ((Match.state == MatchState.VOID) & was_seen),
            GameConfig.game == rule.game,
        )
    )
    if unseen:
        query = query.where(~was_seen)
    if "configs" in rule.filter:
        query = query.where(GameConfig.name.in_(rule.filter["configs"]))
    else:
        query = query.where(~GameConfig.name.startswith(PRACTICE_CONFIGS))
    if "purposes" in rule.filter:
        query = query.where(Match.purpose.in_(rule.filter["purposes"]))
    return query


def _matches(connection: Connection, query: Any, *, of_few: bool) -> Iterator[JudgedMatch]:
    with nullcontext() if of_few else of_many(connection):
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
                    seat.score, seat.team, seat.gateway_faults, bool(seat.placeholder),
                )
                for seat in seats
            ],
            is_void=first.state == MatchState.VOID,
            started_at_text=first.started_at_text,
            ended_at_text=first.ended_at_text,
        )  # fmt: skip
        yield JudgedMatch(facts, first.position, first.sequence, first.reason, first.digest)


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
