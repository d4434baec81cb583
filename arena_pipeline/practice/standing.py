"""How the models of a practice arena stand: rating, matches, faults, and what each has cost."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, select

from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.ladders import PRACTICE_CONFIG, PRACTICE_LADDER
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Evaluation,
    GameConfig,
    Ladder,
    LlmCall,
    Match,
    MatchState,
    Model,
    Participant,
)
from arena_pipeline.store.types import Usd

NEWEST = 100
"""Matches that are looked at for what is new."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One competitor's line on the practice ladder. `cost` is USD of play money, None for bots;
    faults are those of its finished matches.
    """

    rank: int
    competitor: str
    rating: float
    matches: int
    wins: int
    losses: int
    ties: int
    status: str
    agent_faults: int
    gateway_faults: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A match that was played: (name, score, faults of its own) of each seat, and its cost."""

    uuid: str
    seats: tuple[tuple[str, float, int], ...]
    cost: Decimal | None


def standings(store: Store) -> list[Standing]:
    """Everybody who has played on the practice ladder, best first."""
    shown = board(store, PRACTICE_LADDER)
    with store.read() as connection:
        rows = connection.execute(
            select(
                func.coalesce(Model.slug, Agent.alias).label("competitor"),
                func.sum(Participant.agent_faults).label("agent_faults"),
                func.sum(Participant.gateway_faults).label("gateway_faults"),
                func.sum(Participant.cost, type_=Usd()).label("cost"),
            )
            .select_from(Participant)
            .join(Match, Match.id == Participant.match_id)
            .join(GameConfig, GameConfig.id == Match.config_id)
            .join(Agent, Agent.id == Participant.agent_id)
            .outerjoin(Model, Model.id == Participant.model_id)
            .where(GameConfig.name == PRACTICE_CONFIG, Match.state == MatchState.FINISHED)
            .group_by(func.coalesce(Model.slug, Agent.alias))
        ).all()
    sums = {row.competitor: row for row in rows}
    return [
        Standing(
            rank=row.rank,
            competitor=row.competitor,
            rating=row.rating,
            matches=row.matches,
            wins=row.wins,
            losses=row.losses,
            ties=row.ties,
            status=row.status,
            agent_faults=int(sums[row.competitor].agent_faults),
            gateway_faults=int(sums[row.competitor].gateway_faults),
            cost=sums[row.competitor].cost,
        )
        for row in shown.rows
        if row.competitor in sums
    ]


def placements(store: Store) -> dict[str, tuple[str, str | None]]:
    """State and error of each model's newest placement on the practice ladder, by slug."""
    with store.read() as connection:
        rows = connection.execute(
            select(Model.slug, Evaluation.state, Evaluation.error)
            .join(Agent, Agent.id == Evaluation.agent_id)
            .join(Model, Model.id == Agent.model_id)
            .join(Ladder, Ladder.id == Evaluation.ladder_id)
            .where(Ladder.name == PRACTICE_LADDER)
            .order_by(Evaluation.id)
        ).all()
    return {row.slug: (row.state, row.error) for row in rows}


def model_slugs(store: Store) -> set[str]:
    """The models that the registry knows."""
    with store.read() as connection:
        return set(connection.scalars(select(Model.slug)))


def finished(store: Store) -> list[Finished]:
    """The newest practice matches that are finished, oldest first."""
    with store.read() as connection:
        rows = connection.execute(
            select(Match.id, Match.uuid, Match.cost)
            .join(GameConfig, GameConfig.id == Match.config_id)
            .where(GameConfig.name == PRACTICE_CONFIG, Match.state == MatchState.FINISHED)
            .order_by(Match.id.desc())
            .limit(NEWEST)
        ).all()
        columns = (Participant.match_id, Participant.name, Participant.score)
        seats = connection.execute(
            select(*columns, Participant.agent_faults)
            .where(Participant.match_id.in_([row.id for row in rows]))
            .order_by(Participant.match_id, Participant.slot)
        ).all()
    return [
        Finished(
            row.uuid,
            tuple((one.name, one.score, one.agent_faults) for one in seats if one[0] == row.id),
            row.cost,
        )
        for row in reversed(rows)
    ]


@dataclass(frozen=True, slots=True)
class Spent:
    """Play money as the arena's own ledger has it: USD `billed`, and what is counted at most for
    `unknown` calls whose bill never came.
    """

    billed: Decimal
    assumed: Decimal
    unknown: int


def spent(store: Store) -> Spent:
    """What all calls of a practice arena have cost."""
    is_unknown = and_(LlmCall.cost_billed.is_(None), LlmCall.cost_counted > 0)
    with store.read() as connection:
        row = connection.execute(
            select(
                func.sum(LlmCall.cost_billed, type_=Usd()).label("billed"),
                func.sum(LlmCall.cost_counted, type_=Usd()).filter(is_unknown).label("assumed"),
                func.count().filter(is_unknown).label("unknown"),
            )
        ).one()
    return Spent(row.billed or Decimal(0), row.assumed or Decimal(0), row.unknown)
