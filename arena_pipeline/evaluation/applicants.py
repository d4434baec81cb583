"""Who there is to be evaluated, read from the registry for `evaluation.eligibility` to judge."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from arena_pipeline.evaluation.eligibility import Applicant, Bots, ModelFacts, judge
from arena_pipeline.players import bots
from arena_pipeline.registry.agents import POLICY, policy_settings
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.registry.models import ModelRow, model_rows
from arena_pipeline.registry.policy.eligibility import Policy, Reason
from arena_pipeline.registry.policy.eligibility import judge as judge_model
from arena_pipeline.registry.policy.verdicts import policy_of
from arena_pipeline.settings import Settings
from arena_pipeline.store.tables import Agent, AgentSource, Kind, Model, SetBy

BY_SOMEBODY = (SetBy.PERSON, SetBy.YAML)
CALLING = "llm"
"""The kind of agent that calls its model, which takes a key and may cost money."""

GATEWAY = "gateway"
"""The setting of an agent that sends its calls elsewhere than its model's go."""

_OF_CALLERS = frozenset(Reason) - {Reason.TESTED}
_OF_OTHERS = frozenset({Reason.DENIED, Reason.REMOVED, Reason.RETIRED})
"""Whether an agent was tested its own evaluation says; prices are for those who call."""


def bots_for(game: str) -> Bots:
    """The bots there are, and those that play `game`."""
    return Bots(known=frozenset(bots.names()), playing=frozenset(bots.names(game)))


def everybody(
    connection: Connection, settings: Settings, now: datetime | None = None
) -> list[Applicant]:
    """Every agent in the order they were made, then every model nobody plays with yet, by slug.
    Agents of another arena's past play with none.

    `settings` say what a model may cost; `now` (UTC; default: now) is when it has to be listed.
    """
    rows = connection.execute(_AGENTS).all()
    known = _known(connection, settings, now)
    taken = {row.model_id for row in rows if row.source != AgentSource.IMPORT}
    free = [model for model in known.models.values() if model.id not in taken]
    return [_agent(row, known) for row in rows] + [
        Applicant(name=model.slug, agent_id=None, kind=CALLING, model=known.facts(model))
        for model in free
    ]


def agents(connection: Connection, settings: Settings) -> list[Applicant]:
    """Every agent, in the order they were made."""
    rows = connection.execute(_AGENTS).all()
    if all(row.model_id is None for row in rows):
        return [_agent(row, None) for row in rows]
    known = _known(connection, settings, None, Model.id.in_(select(Agent.model_id)))
    return [_agent(row, known) for row in rows]


def playable(connection: Connection, settings: Settings, game: str) -> list[Applicant]:
    """The agents that may play `game`, in the order they were made."""
    known = bots_for(game)
    return [agent for agent in agents(connection, settings) if judge(agent, known) is None]


@dataclass(frozen=True, slots=True)
class _Known:
    """Models by id, and what they are judged by."""

    models: dict[int, ModelRow]
    policy: Policy
    now: datetime

    def facts(
        self,
        model: ModelRow,
        version: int | None = None,
        among: Collection[Reason] = frozenset(Reason),
    ) -> ModelFacts:
        """What is so of a model, for an agent that was made for this version of it."""
        return ModelFacts(
            verdict=judge_model(model, self.policy, self.now, among),
            switched_off=not model.is_active and model.is_active_set_by in BY_SOMEBODY,
            replaced=version is not None and version < model.version,
        )


def _known(
    connection: Connection,
    settings: Settings,
    now: datetime | None,
    *where: ColumnElement[bool],
) -> _Known:
    models = {model.id: model for model in model_rows(connection, *where)}
    policy = policy_of(settings, gateway_rows(connection))
    return _Known(models, policy, now or datetime.now(UTC))


def _agent(row: Any, known: _Known | None) -> Applicant:
    return Applicant(
        name=row.alias,
        agent_id=row.id,
        kind=row.kind,
        active=row.active,
        kind_enabled=row.enabled,
        policy=row.settings.get(POLICY),
        bad_settings=_are_refused(row.settings),
        model=None if known is None or row.model_id is None else _facts(row, known),
        model_id=row.model_id,
    )


def _facts(row: Any, known: _Known) -> ModelFacts:
    model, elsewhere = known.models[row.model_id], row.settings.get(GATEWAY)
    if isinstance(elsewhere, str):
        model = replace(model, gateway=elsewhere)
    among = _OF_CALLERS if row.kind == CALLING else _OF_OTHERS
    return known.facts(model, row.model_version, among)


def _are_refused(settings: dict[str, Any]) -> bool:
    policy, own = settings.get(POLICY), policy_settings(settings)
    return policy in bots.names() and bots.refusal(policy, own) is not None


_AGENTS = (
    select(
        Agent.id,
        Agent.alias,
        Agent.kind,
        Agent.active,
        Agent.settings,
        Agent.source,
        Agent.model_id,
        Agent.model_version,
        Kind.enabled,
    )
    .join(Kind, Kind.name == Agent.kind)
    .order_by(Agent.id)
)
