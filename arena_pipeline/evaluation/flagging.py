"""Agents to look at: those who spoil many of their turns, whatever their rating says.

Such an agent plays by chance half of the time, so its rating is that of the dice. It stays ranked;
a person decides what becomes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, LlmCall, Match, MatchState, Participant


@dataclass(frozen=True, slots=True)
class FlagPolicy:
    """An agent is flagged when of its turns in finished matches within `days`, `share` or more were
    faulty by its own doing, and `faults` at least: one that only babbles dies too soon for many.
    """

    faults: int = 10
    share: float = 0.2
    days: float = 30.0


@dataclass(frozen=True, slots=True)
class FlaggedAgent:
    """An agent with many faulty turns; `kinds` are faults by kind, gateway's not among them."""

    alias: str
    matches: int
    turns: int
    faults: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Share of its turns that were faulty."""
        return self.faults / self.turns

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.kinds.items())
        return (
            f"{self.alias} spoilt {self.faults} of {self.turns} turns ({self.share:.0%}: {kinds}) "
            f"in {self.matches} matches"
        )


def flagged_agents(
    store: Store, policy: FlagPolicy | None = None, now: datetime | None = None
) -> tuple[FlaggedAgent, ...]:
    """Agents that call models and fall under `policy`, the worst first."""
    rule = policy or FlagPolicy()
    since = (now or datetime.now(UTC)) - timedelta(days=rule.days)
    recent = and_(Match.state == MatchState.FINISHED, Match.ended_at >= since)
    with store.read() as connection:
        turns = {row.agent_id: row.turns for row in connection.execute(_turns(recent))}
        seats = connection.execute(
            select(Agent.id, Agent.alias, Participant.agent_faults, Participant.faults)
            .join(Participant, Participant.agent_id == Agent.id)
            .join(Match, Match.id == Participant.match_id)
            .where(recent, Agent.id.in_(list(turns)))
        ).all()
    agents: dict[tuple[int, str], list[Any]] = {}
    for seat in seats:
        agents.setdefault((seat.id, seat.alias), []).append(seat)
    found = [
        FlaggedAgent(
            alias,
            matches=len(own),
            turns=turns[id_],
            faults=sum(seat.agent_faults for seat in own),
            kinds=_kinds(own),
        )
        for (id_, alias), own in agents.items()
    ]
    return tuple(
        sorted(
            (one for one in found if one.faults >= rule.faults and one.share >= rule.share),
            key=lambda one: (-one.share, one.alias),
        )
    )


def _turns(recent: Any) -> Any:
    """How many turns each agent called a model for."""
    asked = (
        select(LlmCall.agent_id, LlmCall.match_id, LlmCall.slot, LlmCall.step)
        .join(Match, Match.id == LlmCall.match_id)
        .where(recent, LlmCall.agent_id.is_not(None))
        .distinct()
        .subquery()
    )
    return select(asked.c.agent_id, func.count().label("turns")).group_by(asked.c.agent_id)


def _kinds(seats: list[Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for seat in seats:
        for kind, count in seat.faults.items():
            if not kind.startswith("gateway_"):
                counts[kind] = counts.get(kind, 0) + int(count)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
