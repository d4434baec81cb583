"""Whom an agent of kind llm calls: its model as the gateway knows it, at the prices of the day.

What belongs here: registry rows becoming what `calls` works with. Who sits down is in `seating`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from arena_pipeline.calls.asking import Callee
from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.eligibility import CALLING
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.registry.gateways import GatewayRow, gateway_rows
from arena_pipeline.registry.models import ModelRow, model_rows
from arena_pipeline.registry.policy.estimate import can_reason
from arena_pipeline.registry.tariffs import tariff_at
from arena_pipeline.store.tables import Agent, Model

if TYPE_CHECKING:
    from arena_pipeline.calls.starting import SeatNeed

GATEWAY = "gateway"
"""The setting of an agent that sends its calls elsewhere than its model's go."""

MEMORY = "memory"
"""The setting of an agent that says how many turns of its own it is reminded of."""

_OWN = frozenset({GATEWAY, MEMORY})
"""Settings that are for us and go into no call."""


class NoCallee(ArenaError):
    """An agent whose model can't be called."""


@dataclass(frozen=True, slots=True)
class CallingAgent:
    """An agent that calls a model, with all that a call to it needs.

    `gateway` is where its calls go, whatever the model's own is.
    """

    agent_id: int
    alias: str
    settings: Mapping[str, Any]
    prompt_id: int | None
    model: ModelRow
    gateway: GatewayRow

    @property
    def callee(self) -> Callee:
        """Whom to call."""
        model = self.model
        tariff = tariff_at(self.gateway, model)
        supported = model.details.get("supported_parameters")
        own = {name: value for name, value in self.settings.items() if name not in _OWN}
        return Callee(
            gateway=self.gateway.name,
            client_name=model.client_name or model.slug,
            tariff=tariff,
            is_free=tariff.cost(1_000_000, 1_000_000) == 0,
            context_length=model.context_length,
            max_completion_tokens=model.max_completion_tokens,
            can_reason=can_reason(model.details),
            supported=frozenset(map(str, supported)) if isinstance(supported, list) else None,
            settings=own,
        )

    @property
    def memory(self) -> int:
        """How many earlier turns of its own it is reminded of."""
        value = self.settings.get(MEMORY, 0)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0


def calling_agents(connection: Connection, agents: Iterable[int]) -> dict[int, CallingAgent]:
    """Those of `agents` (by id) that call a model. Raises NoCallee for one whose model or gateway
    is not there.
    """
    rows = connection.execute(
        select(
            Agent.id, Agent.alias, Agent.settings, Agent.prompt_id, Agent.model_id
        ).where(Agent.id.in_(sorted(agents)), Agent.kind == CALLING)
    ).all()  # fmt: skip
    if not rows:
        return {}
    gateways = {one.name: one for one in gateway_rows(connection) if one.declared}
    ids = {row.model_id for row in rows if row.model_id is not None}
    models = {one.id: one for one in model_rows(connection, Model.id.in_(sorted(ids)))}
    return {row.id: _calling(row, models, gateways) for row in rows}


def seat_needs(connection: Connection, plan: MatchPlan) -> "list[SeatNeed]":
    """What each seat of a match that calls a model is expected to take. Raises NoCallee."""
    ids = {entrant.agent_id for entrant in plan.entrants if entrant.agent_id is not None}
    known = calling_agents(connection, ids)
    needs = []
    for slot, entrant in enumerate(plan.entrants):
        agent = known.get(entrant.agent_id) if entrant.agent_id is not None else None
        if agent is not None:
            needs.append(need_of(connection, agent, plan.config.id, slot))
    return needs


def need_of(connection: Connection, agent: CallingAgent, config_id: int, slot: int) -> "SeatNeed":
    """What one seat of this agent is expected to take in a match of this config."""
    from arena_pipeline.calls.expecting import expected_seat
    from arena_pipeline.calls.starting import SeatNeed

    callee = agent.callee
    return SeatNeed(
        slot=slot,
        gateway=callee.gateway,
        client_name=callee.client_name,
        is_free=callee.is_free,
        expectation=expected_seat(
            connection,
            config_id=config_id,
            agent_id=agent.agent_id,
            model_id=agent.model.id,
            prompt_id=agent.prompt_id,
            row=agent.model,
            gateway=agent.gateway,
        ),
    )


def _calling(
    row: Any, models: Mapping[int, ModelRow], gateways: Mapping[str, GatewayRow]
) -> CallingAgent:
    model = models.get(row.model_id)
    if model is None:
        raise NoCallee(f"{row.alias!r} has no model to call")
    elsewhere = row.settings.get(GATEWAY)
    name = elsewhere if isinstance(elsewhere, str) else model.gateway
    if name is None or name not in gateways:
        raise NoCallee(
            f"{row.alias!r} calls at gateway {name!r}, which models.yaml does not declare"
        )
    return CallingAgent(row.id, row.alias, row.settings, row.prompt_id, model, gateways[name])
