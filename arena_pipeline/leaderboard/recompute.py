"""Rebuilding a ladder from its matches, and comparing what the recorder kept with what a rebuild
gives.

A rebuild goes through the matches in the ladder's sequence with the kernel the recorder uses, so
that a sound store comes out bit for bit. It reads nothing but `matches`, `participants` and
`ladder_matches`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.matches.ladder_rules import LadderRule, SeatFacts
from arena_pipeline.matches.ledger import TALLY_COLUMNS, Ledger, rule_of
from arena_pipeline.matches.standings import Tally, apply_match
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    Ladder,
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

Progress = Callable[[int], None]
"""Called with the number of matches gone through."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what a rebuild gives. Floats differ if any bit does."""

    competitor: str
    field: str
    stored: object
    rebuilt: object

    def __str__(self) -> str:
        return f"{self.competitor}: {self.field} is {self.stored}, a rebuild gives {self.rebuilt}"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a rebuild did: matches rated and left out, and what it changed in the standings."""

    ladder: str
    epoch: int
    matches: int
    not_rated: int
    competitors: int
    changed: tuple[Difference, ...]


def compare(store: Store, ladder: str, progress: Progress | None = None) -> list[Difference]:
    """What the store says of a ladder that a rebuild in the same sequence does not give: standings
    and ledger.

    Empty for a sound store. One consistent view: matches recorded meanwhile do not disturb it.
    """
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        rule = rule_of(row)
        differences: list[Difference] = []
        events = _stored_events(connection, row)
        tallies: dict[str, Tally] = {}
        rated = 0
        for match in _in_sequence(connection, row):
            rated += 1
            moves = apply_match(rule, tallies, match.seats, match.started_at)
            expected = [(move.competitor, move.before, move.after) for move in moves]
            sequence, stored = next(events, (match.sequence, []))
            if sequence != match.sequence or sorted(stored) != sorted(expected):
                differences.append(
                    Difference(f"match {match.sequence}", "rating events", stored, expected)
                )
            if progress is not None and rated % _CHUNK == 0:
                progress(rated)
        differences += [
            Difference(f"match {sequence}", "rating events", stored, [])
            for sequence, stored in events
        ]
        if rated != row.next_sequence - 1:
            differences.append(
                Difference(ladder, "number of rated matches", row.next_sequence - 1, rated)
            )
        return differences + list(_tally_differences(_stored_tallies(connection, row.id), tallies))


def recompute(store: Store, ladder: str, progress: Progress | None = None) -> Recomputed:
    """Rebuild a ladder from every match in its scope as a new epoch, and make that the present one.

    Live ladders keep the order their matches have and number those they never saw after them, by
    time of ending; ladders ordered by time are numbered by it. One transaction: readers see the old
    or the new ladder, a killed process leaves the old, recorders wait.
    """
    with store.write() as connection:
        row = connection.execute(
            select(Ladder.__table__).where(Ladder.name == ladder).with_for_update()
        ).first() or ladder_row(connection, ladder)
        rule = rule_of(row)
        before = _stored_tallies(connection, row.id)
        ledger = Ledger(rule, row.epoch + 1, 1, {})
        for number, match in enumerate(_in_scope(connection, row, rule), start=1):
            ledger.add(match.id, match.seats, match.started_at)
            if ledger.waiting >= _CHUNK:
                ledger.flush(connection)
                if progress is not None:
                    progress(number)
        ledger.flush(connection)
        _replace_standings(connection, row.id, ledger.tallies)
        connection.execute(
            update(Ladder.__table__)  # type: ignore[arg-type]
            .where(Ladder.id == row.id)
            .values(epoch=ledger.epoch, next_sequence=ledger.next_sequence)
        )
    return Recomputed(
        ladder=ladder,
        epoch=ledger.epoch,
        matches=ledger.next_sequence - 1,
        not_rated=ledger.left_out,
        competitors=len(ledger.tallies),
        changed=tuple(_tally_differences(before, ledger.tallies)),
    )


@dataclass(frozen=True, slots=True)
class _MatchFacts:
    id: int
    sequence: int | None
    started_at: Any
    seats: list[SeatFacts]


_SEAT_QUERY = (
    select(
        Match.id, LadderMatch.sequence, Match.started_at, Participant.name, Agent.alias, Model.slug,
        Participant.agent_id, Participant.model_id, Participant.result, Participant.score,
        Participant.team, Participant.gateway_faults,
    )
    .join_from(Match, Participant, Participant.match_id == Match.id)
    .outerjoin(Agent, Agent.id == Participant.agent_id)
    .outerjoin(Model, Model.id == Participant.model_id)
)  # fmt: skip


def _in_sequence(connection: Connection, row: Row[Any]) -> Iterator[_MatchFacts]:
    query = (
        _SEAT_QUERY.join(LadderMatch, LadderMatch.match_id == Match.id)
        .where(
            LadderMatch.ladder_id == row.id,
            LadderMatch.epoch == row.epoch,
            LadderMatch.sequence.is_not(None),
        )
        .order_by(LadderMatch.sequence, Participant.slot)
    )
    return _matches(connection, query)


def _in_scope(connection: Connection, row: Row[Any], rule: LadderRule) -> Iterator[_MatchFacts]:
    place = (LadderMatch.match_id == Match.id) & (LadderMatch.ladder_id == row.id)
    query = (
        _SEAT_QUERY.join(GameConfig, GameConfig.id == Match.config_id)
        .outerjoin(LadderMatch, place & (LadderMatch.epoch == row.epoch))
        .where(Match.state == MatchState.FINISHED, GameConfig.game == rule.game)
    )
    if "configs" in rule.filter:
        query = query.where(GameConfig.name.in_(rule.filter["configs"]))
    if "purposes" in rule.filter:
        query = query.where(Match.purpose.in_(rule.filter["purposes"]))
    by_time = (Match.ended_at.is_not(None), Match.ended_at, Match.id, Participant.slot)
    if rule.ordering is Ordering.ENDED_AT:
        return _matches(connection, query.order_by(*by_time))
    unseen = LadderMatch.sequence.is_(None)
    return _matches(connection, query.order_by(unseen, LadderMatch.sequence, *by_time))


def _matches(connection: Connection, query: Any) -> Iterator[_MatchFacts]:
    rows = connection.execute(query.execution_options(yield_per=_CHUNK))
    for _, group in groupby(rows, key=lambda row: row.id):
        seats = list(group)
        first = seats[0]
        yield _MatchFacts(
            first.id,
            first.sequence,
            first.started_at,
            [
                SeatFacts(
                    seat.name, seat.alias, seat.slug, seat.agent_id, seat.model_id, seat.result,
                    seat.score, seat.team, seat.gateway_faults,
                )
                for seat in seats
            ],
        )  # fmt: skip


def _stored_events(
    connection: Connection, row: Row[Any]
) -> Iterator[tuple[int, list[tuple[str, float, float]]]]:
    events = connection.execute(
        select(RatingEvent.sequence, RatingEvent.competitor, RatingEvent.before, RatingEvent.after)
        .where(RatingEvent.ladder_id == row.id, RatingEvent.epoch == row.epoch)
        .order_by(RatingEvent.sequence)
        .execution_options(yield_per=_CHUNK)
    )
    for sequence, group in groupby(events, key=lambda event: event.sequence):
        yield sequence, [(e.competitor, e.before, e.after) for e in group]


def _stored_tallies(connection: Connection, ladder: int) -> dict[str, Tally]:
    rows = connection.execute(select(*TALLY_COLUMNS).where(Standing.ladder_id == ladder))
    return {row.competitor: Tally(*row) for row in rows}


def _tally_differences(stored: dict[str, Tally], rebuilt: dict[str, Tally]) -> Iterator[Difference]:
    for name in sorted(stored.keys() | rebuilt.keys()):
        was, now = stored.get(name, Tally(name)), rebuilt.get(name, Tally(name))
        for field in Tally.COLUMNS:
            before, after = getattr(was, field), getattr(now, field)
            if before != after:
                yield Difference(name, field, before, after)


def _replace_standings(connection: Connection, ladder: int, tallies: dict[str, Tally]) -> None:
    connection.execute(delete(Standing).where(Standing.ladder_id == ladder))
    if tallies:
        rows = [{"ladder_id": ladder, **tally.row()} for tally in tallies.values()]
        connection.execute(insert(Standing), rows)
