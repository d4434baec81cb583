"""Who there is to be evaluated, read from the registry for `evaluation.eligibility` to judge."""

from typing import Any

from sqlalchemy import Connection, select

from arena_pipeline.evaluation.eligibility import Applicant, Bots, ModelFacts, judge
from arena_pipeline.players import bots
from arena_pipeline.registry.agents import POLICY, policy_settings
from arena_pipeline.store.tables import Access, Agent, Kind, Model, SetBy

BY_SOMEBODY = (SetBy.PERSON, SetBy.YAML)


def bots_for(game: str) -> Bots:
    """The bots there are, and those that play `game`."""
    return Bots(known=frozenset(bots.names()), playing=frozenset(bots.names(game)))


def agents(connection: Connection) -> list[Applicant]:
    """Every agent, in the order they were made."""
    return [
        Applicant(
            name=row.alias,
            agent_id=row.id,
            kind=row.kind,
            active=row.active,
            kind_enabled=row.enabled,
            policy=row.settings.get(POLICY),
            bad_settings=_are_refused(row.settings),
            model=None if row.model_id is None else _facts(row),
        )
        for row in connection.execute(_AGENTS)
    ]


def models_without_agent(connection: Connection) -> list[Applicant]:
    """Every model nobody plays with yet, by slug."""
    return [
        Applicant(name=row.slug, agent_id=None, kind="llm", model=_facts(row))
        for row in connection.execute(_MODELS)
    ]


def playable(connection: Connection, game: str) -> list[Applicant]:
    """The agents that may play `game`, in the order they were made."""
    known = bots_for(game)
    return [agent for agent in agents(connection) if judge(agent, known) is None]


def _are_refused(settings: dict[str, Any]) -> bool:
    policy, own = settings.get(POLICY), policy_settings(settings)
    return policy in bots.names() and bots.refusal(policy, own) is not None


def _facts(row: Any) -> ModelFacts:
    return ModelFacts(
        removed=row.removed_at is not None,
        retired=row.retired_at is not None,
        denied=row.access == Access.DENY,
        switched_off=not row.is_active and row.is_active_set_by in BY_SOMEBODY,
    )


_FACTS = (
    Model.removed_at,
    Model.retired_at,
    Model.access,
    Model.is_active,
    Model.is_active_set_by,
)
_AGENTS = (
    select(
        Agent.id,
        Agent.alias,
        Agent.kind,
        Agent.active,
        Agent.settings,
        Agent.model_id,
        Kind.enabled,
        *_FACTS,
    )
    .join(Kind, Kind.name == Agent.kind)
    .outerjoin(Model, Model.id == Agent.model_id)
    .order_by(Agent.id)
)
_MODELS = (
    select(Model.slug, *_FACTS)
    .where(~select(Agent.id).where(Agent.model_id == Model.id).exists())
    .order_by(Model.slug)
)
