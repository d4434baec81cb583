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
from arena_pipeline.matches.plan import Entrant, FinishedMatch, KeptCall, MatchPlan, TurnRecord
from arena_pipeline.matches.replay import SealedReplay
from arena_pipeline.matches.sealing import place_of
from arena_pipeline.store.tables import Agent, MatchState, Model
from arena_pipeline.store.types import clean_json

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MatchRows:
    """A finished match as the store keeps it: `match` is its row, `seats` those of its participants
    in slot order, still without `match_id`.
    """

    game: str
    config: str
    match: Columns
    seats: Sequence[Columns]
    is_journaled: bool = False
    moved: Sequence[tuple[int, str | None]] = ()
    """Calls (by id) whose payload leaves the store, and where it lies then; None: nowhere."""

    @property
    def uuid(self) -> str:
        """The match's name for ever."""
        return str(self.match["uuid"])


class Names:
    """Aliases of agents and slugs of models by id. They never change, so each is asked for once per
    process.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self.aliases: dict[int, str] = {}
        self.slugs: dict[int, str] = {}

    def look_up(self, connection: Connection, matches: Iterable[MatchRows]) -> None:
        """Fetch what is not known yet of these matches' seats. Raises RecordingError for an unknown
        id.
        """
        seats = [seat for match in matches for seat in match.seats]
        for kind, column, known, query in (
            ("agent", "agent_id", self.aliases, _ALIASES),
            ("model", "model_id", self.slugs, _SLUGS),
        ):
            ids = {seat[column] for seat in seats} - known.keys() - {None}
            if ids:
                known.update(
                    (id_, name) for id_, name in connection.execute(query, {"ids": [*ids]})
                )
            if missing := ids - known.keys():
                raise RecordingError(f"No {kind} has the id {min(missing)}; nothing was recorded")


def check_storable(match: FinishedMatch) -> None:
    """Raise RecordingError, naming seat and thing, for what store and replay can't both keep."""
    seed = match.plan.seed
    if seed is not None and not 0 <= seed < 2**63:
        raise RecordingError(f"Match {match.uuid} has the seed {seed}, not 0 to 2^63-1")
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


def match_rows(match: FinishedMatch, replay: SealedReplay | None) -> MatchRows:
    """A finished match, whose replay lies on disk already, as rows."""
    config = match.plan.config
    seats = _participants(match)
    cost = _sum_known(seat["cost"] for seat in seats)
    moved = [
        (call.id, place_of(replay.path, call) if call.is_kept and replay is not None else None)
        for call in match.calls
        if call.has_payload
    ]
    row = _match_row(match, replay, cost)
    return MatchRows(config.game, config.name, row, seats, match.journaled, moved)


def _match_row(match: FinishedMatch, replay: SealedReplay | None, cost: Decimal | None) -> Columns:
    return {
        **plan_columns(match.plan),
        "state": MatchState.FINISHED.value,
        "started_at": match.started_at,
        "ended_at": match.ended_at,
        "rounds": len(match.steps),
        "ended_by": match.outcome.ended_by,
        "winning_team": match.outcome.winning_team,
        "total_score": float(sum(player.score for player in match.outcome.players)),
        "replay_path": None if replay is None else replay.path,
        "replay_digest": None if replay is None else replay.digest,
        "cost": cost,
        "crashed": False,
        "lease_owner": None,
        "lease_until": None,
    }


def _participants(match: FinishedMatch) -> list[Columns]:
    turns: list[list[TurnRecord]] = [[] for _ in match.seats]
    calls: list[list[KeptCall]] = [[] for _ in match.seats]
    for step in match.steps:
        for turn in step.turns:
            turns[turn.slot].append(turn)
    for call in match.calls:
        calls[call.slot].append(call)
    seats = zip(match.plan.entrants, match.seats, match.outcome.players, strict=True)
    return [
        {
            "slot": slot,
            **seat_columns(entrant, seat),
            **_end(player),
            **fault_columns(turn.fault for turn in turns[slot] if turn.fault is not None),
            # What the ledger says comes first: it knows the failed attempts, too.
            **spent_columns(calls[slot] or turns[slot]),
        }
        for slot, (entrant, seat, player) in enumerate(seats)
    ]


def match_facts(item: MatchRows, match_id: int, names: Names) -> MatchFacts:
    """What ladders need to know of a finished match that has the number `match_id`."""
    row = item.match
    return MatchFacts(
        id=match_id,
        uuid=row["uuid"],
        config=item.config,
        rule_version=row["rule_version"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        replay_digest=row["replay_digest"],
        seats=_seat_facts(item.seats, names),
        started_at_text=row.get("started_at_text"),
        ended_at_text=row.get("ended_at_text"),
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
            placeholder=bool(row.get("flags", {}).get("placeholder")),
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


def spent_columns(items: Sequence[TurnRecord | KeptCall]) -> Columns:
    """What a seat's calls, or its turns, came to, as columns of `participants`; None: unknown."""
    return {
        "input_tokens": _sum_known(item.input_tokens for item in items),
        "output_tokens": _sum_known(item.output_tokens for item in items),
        "cost": _sum_known(item.cost for item in items),
    }


def fault_columns(kinds: Iterable[str]) -> Columns:
    """A participant's faulty turns, each by its kind, as columns of `participants`."""
    faults = Counter(kinds)
    gateway = sum(count for kind, count in faults.items() if kind.startswith("gateway_"))
    return {
        "faults": dict(faults),
        "agent_faults": faults.total() - gateway,
        "gateway_faults": gateway,
    }


def _sum_known(values: Iterable[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


_ALIASES = select(Agent.id, Agent.alias).where(Agent.id.in_(bindparam("ids", expanding=True)))
_SLUGS = select(Model.id, Model.slug).where(Model.id.in_(bindparam("ids", expanding=True)))
