"""What the store already says about names: models, whose names they bear, and the agents of earlier
imports.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from arena_pipeline.importers.snakebench.naming.names import Known, Rule, is_made_for_a_name
from arena_pipeline.registry.agents import config_digest
from arena_pipeline.store.tables import Agent, AgentSource, AliasOrigin, Model, ModelAlias

KIND = "llm"

_SAID = (AliasOrigin.YAML.value, AliasOrigin.PERSON.value)
_ORIGINS = (*_SAID, AliasOrigin.CATALOG_NAME.value, AliasOrigin.IMPORT.value)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model with what its agents are made of."""

    id: int
    slug: str
    display_name: str
    client_name: str | None
    version: int


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent that an earlier import made."""

    id: int
    alias: str
    model_id: int
    model_version: int | None
    settings: Mapping[str, Any]
    version: int
    digest: str

    def plays(self, slug: str, settings: dict[str, Any]) -> bool:
        """Whether it is the agent of that model with those settings. By digest: PostgreSQL may give
        a number back as another type than was put in.
        """
        digest = config_digest(
            self.alias, KIND, slug, settings, self.version, model_version=self.model_version
        )
        return digest == self.digest


@dataclass(frozen=True, slots=True)
class StoredName:
    """A name that an earlier import knew: its row, whose it is, and the rule that said so."""

    row: int
    model_id: int
    agent_id: int | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Registered:
    """Models and imported agents by id, names of imports, aliases of all agents, and what the rules
    go by.
    """

    models: Mapping[int, StoredModel]
    agents: Mapping[int, StoredAgent]
    names: Mapping[str, StoredName]
    aliases: frozenset[str]
    known: Known

    @classmethod
    def of(cls, connection: Connection) -> "Registered":
        """That of the store."""
        columns = (Model.id, Model.slug, Model.display_name, Model.client_name, Model.version)
        models = {row.id: StoredModel(*row) for row in connection.execute(select(*columns))}
        rows = connection.execute(_ALIASES).all()
        names = {
            row.alias: StoredName(row.id, row.model_id, row.agent_id, Rule(row.rule or Rule.EXACT))
            for row in rows
            if row.origin == AliasOrigin.IMPORT
        }
        agents = {row.id: StoredAgent(*row) for row in connection.execute(_AGENTS)}
        aliases = frozenset(connection.scalars(select(Agent.alias)))
        return cls(models, agents, names, aliases, _known(models, rows, aliases))


_ALIASES = (
    select(
        ModelAlias.id,
        ModelAlias.alias,
        ModelAlias.model_id,
        ModelAlias.origin,
        ModelAlias.agent_id,
        ModelAlias.rule,
    )
    .where(ModelAlias.origin.in_(_ORIGINS))
    .order_by(ModelAlias.id)
)
_AGENTS = (
    select(
        Agent.id,
        Agent.alias,
        Agent.model_id,
        Agent.model_version,
        Agent.settings,
        Agent.version,
        Agent.config_digest,
    )
    .where(Agent.source == AgentSource.IMPORT, Agent.model_id.is_not(None))
    .order_by(Agent.id)
)


def _known(
    models: Mapping[int, StoredModel], rows: Sequence[Any], aliases: frozenset[str]
) -> Known:
    real = [one for one in models.values() if not is_made_for_a_name(one.slug)]
    display = _slugs_by(real, lambda one: one.display_name)
    said: dict[str, set[str]] = {}
    for row in rows:
        slug = models[row.model_id].slug
        if row.origin in _SAID:
            said.setdefault(row.alias, set()).add(slug)
        elif row.origin == AliasOrigin.CATALOG_NAME and not is_made_for_a_name(slug):
            display.setdefault(row.alias, set()).add(slug)
    return Known(
        slugs=frozenset(one.slug for one in models.values()),
        aliases=aliases,
        client_names=_slugs_by(real, lambda one: one.client_name),
        said=said,
        display_names=display,
    )


def _slugs_by(
    models: list[StoredModel], name: Callable[[StoredModel], str | None]
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in models:
        if called := name(one):
            found.setdefault(called, set()).add(one.slug)
    return found
