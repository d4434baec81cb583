"""The rated matches of a ladder in sequence, with every seat, read in chunks: what match-wise
exports are made of.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Connection, Row, func, select

from arena_pipeline.errors import ArenaError
from arena_pipeline.leaderboard.board import Board, BoardRow
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.store.tables import (
    Agent,
    CompetitorKind,
    GameConfig,
    LadderMatch,
    Match,
    Model,
    Participant,
    RatingEvent,
)

_CHUNK = 5_000


class ExportError(ArenaError):
    """An export can't be written."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a file says of a competitor beside its matches; `rating` is the ladder's number."""

    rating: float
    wins: int
    losses: int
    ties: int
    score_total: float
    top_score: float | None


class Played(Protocol):
    """Rated matches, and the totals that they come to: what files for older clients are made of."""

    @property
    def ladder(self) -> Row[Any]:
        """The ladder's row."""

    def totals(self, competitor: str) -> Totals:
        """Those of somebody who played, once the matches were gone through."""
        ...


@dataclass(frozen=True)
class Source:
    """What an export reads: one transaction, the ladder's row in it, and the board."""

    connection: Connection
    ladder: Row[Any]
    board: Board

    def totals(self, competitor: str) -> Totals:
        """The board's of somebody who played. Raises ExportError if the store has lost it."""
        try:
            row = self._rows[competitor]
        except KeyError:
            raise ExportError(
                f"{competitor!r} has rated matches on {self.board.ladder} but no standing; "
                f"rebuild it: arena recompute --ladder {self.board.ladder}"
            ) from None
        return Totals(row.rating, row.wins, row.losses, row.ties, row.score_total, row.top_score)

    @cached_property
    def _rows(self) -> dict[str, BoardRow]:
        return {row.competitor: row for row in self.board.rows}

    def matches(self) -> Iterator["RatedMatch"]:
        """The matches of the present epoch, by sequence."""
        rows = self.connection.execute(_query(self.ladder).execution_options(yield_per=_CHUNK))
        for _, group in groupby(rows, key=lambda row: row.sequence):
            seats = list(group)
            yield _match(seats[0], seats)


@dataclass(frozen=True, slots=True)
class RatedSeat:
    """A participant as its ladder counts it; ratings are the competitor's before and after the
    match.
    """

    slot: int
    competitor: str
    name: str
    team: str | None
    score: float | None
    result: str | None
    placement: int | None
    death_round: int | None
    death_reason: str | None
    rating_before: float | None
    rating_after: float | None


@dataclass(frozen=True, slots=True)
class RatedMatch:
    """A match with its place on the ladder; `start_time` and `end_time` are the texts shown to
    people, `counted_rounds` the rounds as an import counts them (`rounds` are ours).
    """

    sequence: int
    uuid: str
    config: str
    purpose: str
    seed: int | None
    rule_version: str
    started_at: datetime | None
    ended_at: datetime | None
    start_time: str | None
    end_time: str | None
    rounds: int | None
    ended_by: str | None
    winning_team: str | None
    total_score: float | None
    cost: Decimal | None
    replay_path: str | None
    replay_digest: str | None
    digest: str | None
    seats: tuple[RatedSeat, ...]
    counted_rounds: int | None


def time_text(original: str | None, moment: datetime | None) -> str | None:
    """A time as it is published: an imported match keeps its original text, our own are ISO 8601 in
    UTC.
    """
    return original or (None if moment is None else moment.isoformat())


def whole(number: float | None) -> float | int | None:
    """A score as older clients expect it: an integer where it is one."""
    return int(number) if number is not None and number.is_integer() else number


def rated(ladder: Row[Any]) -> Any:
    """The condition that a row of `ladder_matches` is rated in the ladder's present epoch."""
    return (
        (LadderMatch.ladder_id == ladder.id)
        & (LadderMatch.epoch == ladder.epoch)
        & LadderMatch.sequence.is_not(None)
    )


def competitor_column(kind: CompetitorKind) -> Any:
    """Where a ladder's competitors are called by name, in a query that joins participants, agents
    and models.
    """
    match kind:
        case CompetitorKind.AGENT:
            return Agent.alias
        case CompetitorKind.MODEL:
            return func.coalesce(Model.slug, Agent.alias)
        case CompetitorKind.NAME:
            return Participant.name


SEAT = (
    Participant.slot, Participant.name, Participant.team, Participant.score, Participant.result,
    Participant.placement, Participant.death_round, Participant.death_reason,
)  # fmt: skip
MATCH = (
    Match.uuid, Match.purpose, Match.seed, Match.rule_version, Match.started_at, Match.ended_at,
    Match.rounds, Match.ended_by, Match.winning_team, Match.total_score, Match.cost,
    Match.replay_path, Match.replay_digest,
)  # fmt: skip
TOLD = (Match.info, Match.started_at_text, Match.ended_at_text, GameConfig.name.label("config"))
"""What `rated_match` needs beside `MATCH`."""

_SEAT_NAMES = tuple(column.key for column in SEAT)
_MATCH_NAMES = tuple(column.key for column in MATCH)


def _query(ladder: Row[Any]) -> Any:
    rule = rule_of(ladder)
    competitor = competitor_column(rule.competitor)
    event = (
        (RatingEvent.ladder_id == LadderMatch.ladder_id)
        & (RatingEvent.epoch == LadderMatch.epoch)
        & (RatingEvent.sequence == LadderMatch.sequence)
        & (RatingEvent.competitor == competitor)
        & (RatingEvent.system == rule.system.value)
    )
    return (
        select(
            *MATCH, *SEAT, *TOLD, LadderMatch.sequence, LadderMatch.digest,
            competitor.label("competitor"), RatingEvent.before, RatingEvent.after,
        )
        .join_from(LadderMatch, Match, Match.id == LadderMatch.match_id)
        .join(GameConfig, GameConfig.id == Match.config_id)
        .join(Participant, Participant.match_id == Match.id)
        .outerjoin(Agent, Agent.id == Participant.agent_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .outerjoin(RatingEvent, event)
        .where(rated(ladder))
        .order_by(LadderMatch.sequence, Participant.slot)
    )  # fmt: skip


def _match(row: Row[Any], seats: list[Row[Any]]) -> RatedMatch:
    told = [rated_seat(seat, str(seat.competitor), (seat.before, seat.after)) for seat in seats]
    return rated_match(row, told, row.sequence, row.digest)


def rated_seat(
    row: Row[Any], competitor: str, ratings: tuple[float | None, float | None]
) -> RatedSeat:
    """A seat from a row with the columns `SEAT`; `ratings` are the competitor's before and after
    the match.
    """
    return RatedSeat(
        **{name: getattr(row, name) for name in _SEAT_NAMES},
        competitor=competitor,
        rating_before=ratings[0],
        rating_after=ratings[1],
    )


def rated_match(
    row: Row[Any], seats: Iterable[RatedSeat], sequence: int, digest: str | None
) -> RatedMatch:
    """A match from a row with the columns `MATCH` and `TOLD`."""
    return RatedMatch(
        **{name: getattr(row, name) for name in _MATCH_NAMES},
        sequence=sequence,
        digest=digest,
        config=row.config,
        start_time=time_text(row.started_at_text, row.started_at),
        end_time=time_text(row.ended_at_text, row.ended_at),
        seats=tuple(seats),
        counted_rounds=row.info.get("actual_rounds", row.rounds),
    )
