"""Who there is to be evaluated, read from the registry for `evaluation.eligibility` to judge."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from arena_pipeline.evaluation.callees import GATEWAY
from arena_pipeline.evaluation.eligibility import CALLING, Applicant, Field, ModelFacts, judge
from arena_pipeline.players import bots
from arena_pipeline.registry.agents import POLICY, policy_settings
from arena_pipeline.registry.gateways import is_practice
from arena_pipeline.registry.models import ModelRow, model_rows
from arena_pipeline.registry.policy.eligibility import Policy, Reason
from arena_pipeline.registry.policy.eligibility import judge as judge_model
from arena_pipeline.registry.policy.verdicts import policy_in
from arena_pipeline.settings import Settings
from arena_pipeline.store.tables import Agent, AgentSource, Kind, Model, Prompt, SetBy

BY_SOMEBODY = (SetBy.PERSON, SetBy.YAML)

_OF_CALLERS = frozenset(Reason) - {Reason.TESTED}
_OF_OTHERS = frozenset({Reason.DENIED, Reason.REMOVED, Reason.RETIRED})
"""Whether an agent was tested its own evaluation says; prices are for those who call."""


def field_of(game: str, *, is_practice: bool = False) -> Field:
    """A game as those see it who are judged, with the bots there are and those that play it."""
    known, playing = frozenset(bots.names()), frozenset(bots.names(game))
    return Field(game, known, playing, is_practice)


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
        Applicant(
            name=model.slug,
            agent_id=None,
            kind=CALLING,
            model=known.facts(model),
            gateway=model.gateway,
            is_practice=is_practice(model.gateway or ""),
        )
        for model in free
    ]


def agents(connection: Connection, settings: Settings) -> list[Applicant]:
    """Every agent, in the order they were made."""
    rows = connection.execute(_AGENTS).all()
    if all(row.model_id is None for row in rows):
        return [_agent(row, None) for row in rows]
    known = _known(connection, settings, None, Model.id.in_(select(Agent.model_id)))
    return [_agent(row, known) for row in rows]


def playable(connection: Connection, settings: Settings, field: Field) -> list[Applicant]:
    """The agents that may play, in the order they were made."""
    return [agent for agent in agents(connection, settings) if judge(agent, field) is None]


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
        gateway: str | None = None,
    ) -> ModelFacts:
        """What is so of a model, for an agent that was made for this version of it."""
        return ModelFacts(
            verdict=judge_model(model, self.policy, self.now, among, gateway=gateway),
            switched_off=not model.is_active and model.is_active_set_by in BY_SOMEBODY,
            replaced=version is not None and version < model.version,
            active=model.is_active,
        )


def _known(
    connection: Connection,
    settings: Settings,
    now: datetime | None,
    *where: ColumnElement[bool],
) -> _Known:
    models = {model.id: model for model in model_rows(connection, *where)}
    policy = policy_in(connection, settings)
    return _Known(models, policy, now or datetime.now(UTC))


def _agent(row: Any, known: _Known | None) -> Applicant:
    gateway = _gateway_of(row, known)
    return Applicant(
        name=row.alias,
        agent_id=row.id,
        kind=row.kind,
        active=row.active,
        kind_enabled=row.enabled,
        policy=row.settings.get(POLICY),
        bad_settings=_are_refused(row.kind, row.settings),
        model=None if known is None or row.model_id is None else _facts(row, known),
        model_id=row.model_id,
        gateway=gateway,
        is_practice=is_practice(gateway or ""),
        prompt_game=row.prompt_game,
    )


def _gateway_of(row: Any, known: _Known | None) -> str | None:
    if row.kind != CALLING or known is None or row.model_id is None:
        return None
    elsewhere = row.settings.get(GATEWAY)
    return elsewhere if isinstance(elsewhere, str) else known.models[row.model_id].gateway


def _facts(row: Any, known: _Known) -> ModelFacts:
    model, elsewhere = known.models[row.model_id], row.settings.get(GATEWAY)
    among = _OF_CALLERS if row.kind == CALLING else _OF_OTHERS
    gateway = elsewhere if isinstance(elsewhere, str) else None
    return known.facts(model, row.model_version, among, gateway)


def _are_refused(kind: str, settings: dict[str, Any]) -> bool:
    if kind == CALLING:
        from arena_pipeline.calls.parameters import BadParameters, CallParameters

        try:
            CallParameters.of(settings)
        except BadParameters:
            return True
        return False
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
        Prompt.game.label("prompt_game"),
    )
    .join(Kind, Kind.name == Agent.kind)
    .outerjoin(Prompt, Prompt.id == Agent.prompt_id)
    .order_by(Agent.id)
)
