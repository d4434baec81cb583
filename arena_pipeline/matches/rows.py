"""A match as rows of the store, and as the facts its ladders judge it by. Writes nothing."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from arena_pipeline.errors import RecordingError
from arena_pipeline.games.protocol import PlayerOutcome, Seat
from arena_pipeline.matches.ladder_rules import MatchFacts, SeatFacts
from arena_pipeline.matches.plan import Entrant, FinishedMatch, MatchPlan, TurnRecord
from arena_pipeline.matches.replay import SealedReplay
from arena_pipeline.store.tables import Agent, MatchState, Model
from arena_pipeline.store.types import clean_json

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished match with its replay, which lies on disk already."""

    match: FinishedMatch
    replay: SealedReplay


class Names:
    """Aliases of agents and slugs of models by id. They never change, so each is asked for once per
    process.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self.aliases: dict[int, str] = {}
        self.slugs: dict[int, str] = {}

    def look_up(self, connection: Connection, matches: Iterable[FinishedMatch]) -> None:
        """Fetch what is not known yet of these matches' entrants. Raises RecordingError for an
        unknown id.
        """
        entrants = [entrant for match in matches for entrant in match.plan.entrants]
        agents = {e.agent_id for e in entrants if e.agent_id is not None} - self.aliases.keys()
        models = {e.model_id for e in entrants if e.model_id is not None} - self.slugs.keys()
        for kind, ids, known, query in (
            ("agent", agents, self.aliases, _ALIASES),
            ("model", models, self.slugs, _SLUGS),
        ):
            if ids:
                known.update(
                    (id_, name) for id_, name in connection.execute(query, {"ids": [*ids]})
                )
            if missing := ids - known.keys():
                raise RecordingError(f"No {kind} has the id {min(missing)}; nothing was recorded")


def check_storable(match: FinishedMatch) -> None:
    """Raise RecordingError, naming seat and thing, for what store and replay can't both keep."""
    if not 0 <= match.plan.seed < 2**63:
        raise RecordingError(f"Match {match.uuid} has the seed {match.plan.seed}, not 0 to 2^63-1")
    for slot, player in enumerate(match.outcome.players):
        for name in ("score", "reward"):
            if not math.isfinite(getattr(player, name)):
                raise RecordingError(
                    f"Match {match.uuid}, slot {slot}: the {name} is {getattr(player, name)}"
                )
        told = [player.metrics, player.death_reason]
        try:
            kept = clean_json(msgspec.json.decode(msgspec.json.encode(told)))
        except (TypeError, ValueError) as error:
            raise RecordingError(f"Match {match.uuid}, slot {slot}: metrics: {error}") from error
        if kept != told:
            raise RecordingError(
                f"Match {match.uuid}, slot {slot}: metrics or death reason hold what JSON or "
                "PostgreSQL can't keep (NaN, NUL, tuples)"
            )


def plan_columns(plan: MatchPlan) -> Columns:
    """What a plan says of its match, as columns of `matches`."""
    return {
        "uuid": plan.uuid,
        "config_id": plan.config.id,
        "instance_id": None if plan.instance is None else plan.instance.id,
        "evaluation_id": plan.evaluation_id,
        "group": plan.group,
        "purpose": plan.purpose.value,
        "seed": plan.seed,
        "rule_version": plan.rule_version,
        "info": {},
    }


def seat_columns(entrant: Entrant, seat: Seat) -> Columns:
    """Who sits where, as columns of `participants`."""
    return {
        "agent_id": entrant.agent_id,
        "model_id": entrant.model_id,
        "name": entrant.name,
        "team": seat.team,
        "role": seat.role,
    }


def match_row(item: Sealed) -> Columns:
    """A finished match as a row of `matches`."""
    match = item.match
    costs = [turn.cost for step in match.steps for turn in step.turns if turn.cost is not None]
    return {
        **plan_columns(match.plan),
        "state": MatchState.FINISHED.value,
        "started_at": match.started_at,
        "ended_at": match.ended_at,
        "rounds": len(match.steps),
        "ended_by": match.outcome.ended_by,
        "winning_team": match.outcome.winning_team,
        "total_score": float(sum(player.score for player in match.outcome.players)),
        "replay_path": item.replay.path,
        "replay_digest": item.replay.digest,
        "cost": sum(costs, Decimal(0)) if costs else None,
        "crashed": False,
        "lease_owner": None,
        "lease_until": None,
    }


def participant_rows(match: FinishedMatch, match_id: int) -> list[Columns]:
    """The seats of a finished match as rows of `participants`, in slot order."""
    turns: list[list[TurnRecord]] = [[] for _ in match.seats]
    for step in match.steps:
        for turn in step.turns:
            turns[turn.slot].append(turn)
    seats = zip(match.plan.entrants, match.seats, match.outcome.players, turns, strict=True)
    return [
        {
            "match_id": match_id,
            "slot": slot,
            **seat_columns(entrant, seat),
            **_end(player),
            **_totals(taken),
        }
        for slot, (entrant, seat, player, taken) in enumerate(seats)
    ]


def match_facts(
    item: Sealed, match_id: int, seats: Sequence[Mapping[str, Any]], names: Names
) -> MatchFacts:
    """What ladders need to know of a finished match with these rows of `participants`."""
    match = item.match
    return MatchFacts(
        id=match_id,
        uuid=match.uuid,
        config=match.plan.config.name,
        rule_version=match.plan.rule_version,
        started_at=match.started_at,
        ended_at=match.ended_at,
        replay_digest=item.replay.digest,
        seats=_seat_facts(seats, names),
    )


def _seat_facts(rows: Sequence[Mapping[str, Any]], names: Names) -> list[SeatFacts]:
    return [
        SeatFacts(
            name=row["name"],
            agent=None if row["agent_id"] is None else names.aliases[row["agent_id"]],
            model=None if row["model_id"] is None else names.slugs[row["model_id"]],
            agent_id=row["agent_id"],
            model_id=row["model_id"],
            result=row["result"],
            score=row["score"],
            team=row["team"],
            gateway_faults=row["gateway_faults"],
        )
        for row in rows
    ]


def _end(player: PlayerOutcome) -> Columns:
    return {
        # A zero loses its sign: SQLite would not keep it, and the chain seals what is kept.
        "score": player.score + 0.0,
        "reward": player.reward + 0.0,
        "result": player.result.value,
        "placement": player.placement,
        "death_round": player.death_round,
        "death_reason": player.death_reason,
        "metrics": player.metrics,
    }


def _totals(turns: Sequence[TurnRecord]) -> Columns:
    faults = Counter(turn.fault for turn in turns if turn.fault is not None)
    gateway = sum(count for kind, count in faults.items() if kind.startswith("gateway_"))
    return {
        "faults": dict(faults),
        "agent_faults": faults.total() - gateway,
        "gateway_faults": gateway,
        "input_tokens": _sum_known(turn.input_tokens for turn in turns),
        "output_tokens": _sum_known(turn.output_tokens for turn in turns),
        "cost": _sum_known(turn.cost for turn in turns),
    }


def _sum_known(values: Iterable[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


_ALIASES = select(Agent.id, Agent.alias).where(Agent.id.in_(bindparam("ids", expanding=True)))
_SLUGS = select(Model.id, Model.slug).where(Model.id.in_(bindparam("ids", expanding=True)))
