"""What comes of names and what the store knows: who there is already, who is to be made, and who
moves. Decided at once, written when asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from arena_pipeline.importers.snakebench.naming.names import (
    ListedModel,
    Made,
    Resolution,
    Rule,
    digest_of,
    in_order,
    resolve,
    slug_of,
)
from arena_pipeline.importers.snakebench.naming.registered import (
    KIND,
    Registered,
    StoredAgent,
    StoredName,
)
from arena_pipeline.importers.snakebench.naming.repointing import repoint
from arena_pipeline.registry.agents import config_digest
from arena_pipeline.registry.names import LONGEST_ALIAS
from arena_pipeline.store.tables import (
    Agent,
    AgentSource,
    AliasOrigin,
    Model,
    ModelAlias,
    ModelSource,
)
from arena_pipeline.store.types import clean_json

HISTORY = "history"
SYSTEM = "snakebench"
"""An agent with the setting `history: snakebench` is one of that arena's past, never one of ours,
even where all else is equal.
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Who played under a name. Ids are None in a dry run for what would be new; `alias` is the
    agent's, and in a dry run what it would be.
    """

    name: str
    rule: Rule
    model_id: int | None
    slug: str
    agent_id: int | None
    alias: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A name that is another model's now, and how many matches went with it (0 in a dry run)."""

    name: str
    before: str
    after: str
    matches: int = 0


class Registering:
    """The people behind these names and those of earlier imports.

    As long as nothing is written, ids of what is new are None. `doubts` names the rules that found
    several models for a name.
    """

    def __init__(
        self, registered: Registered, listed: Sequence[ListedModel], names: Collection[str]
    ) -> None:
        self.people: dict[str, Person] = {}
        self.models_made: dict[str, Made] = {}
        self.agents_made: dict[str, tuple[str, dict[str, Any]]] = {}
        self.moved: list[Moved] = []
        self.doubts: dict[str, tuple[tuple[Rule, tuple[str, ...]], ...]] = {}
        self._registered = registered
        self._models = {one.slug: one for one in registered.models.values()}
        self._taken = set(registered.aliases)
        self.added: list[str] = []
        self._changed_names: list[str] = []
        everyone = {*names, *registered.names}
        resolved = resolve(filter(self._is_open, everyone), listed, registered.known)
        for name in in_order(everyone):
            self._decide(name, resolved.get(name))

    def write(self, connection: Connection) -> None:
        """Make who is to be made and move who is to move. Once only, in `registry_write`."""
        now = datetime.now(UTC)
        ids = {
            slug: _insert_model(connection, made, now) for slug, made in self.models_made.items()
        }
        ids |= {slug: model.id for slug, model in self._models.items()}
        agents = {
            alias: self._insert_agent(connection, alias, ids[slug], slug, settings, now)
            for alias, (slug, settings) in self.agents_made.items()
        }
        for name, one in self.people.items():
            agent_id = agents[one.alias] if one.agent_id is None else one.agent_id
            self.people[name] = replace(one, model_id=ids[one.slug], agent_id=agent_id)
        if rows := [_alias_row(self.people[name], now) for name in self.added]:
            connection.execute(insert(ModelAlias), rows)
        for name in self._changed_names:
            self._update_name(connection, self.people[name], now)
        self.moved = [
            replace(one, matches=self._move(connection, self.people[one.name]))
            for one in self.moved
        ]

    def _is_open(self, name: str) -> bool:
        """Whether the rules are asked: of what is settled already only somebody's word is heard."""
        stored = self._registered.names.get(name)
        if stored is None or stored.rule is Rule.UNRESOLVED:
            return True
        return len(self._registered.known.said.get(name, ())) == 1

    def _decide(self, name: str, found: Resolution | None) -> None:
        stored = self._registered.names.get(name)
        if found is not None and found.doubts:
            self.doubts[name] = found.doubts
        if stored is None:
            if found is None:
                raise AssertionError(f"nothing was decided about {name!r}")
            self.added.append(name)
            self._sit(name, found.rule, found.model, dict(found.settings), None)
            return
        model = self._registered.models[stored.model_id]
        kept = Made(model.slug, model.display_name, model.client_name)
        if found is None or found.rule is Rule.UNRESOLVED:
            self._sit(name, stored.rule, kept, {}, stored)
            if stored.agent_id is None:
                self._changed_names.append(name)
        elif found.model.slug == model.slug:
            self._sit(name, found.rule, kept, {}, stored)
            if stored.agent_id is None or stored.rule is not found.rule:
                self._changed_names.append(name)
        else:
            settings = dict(found.settings) or self._settings(stored)
            self._sit(name, found.rule, found.model, settings, None)
            self._changed_names.append(name)
            self.moved.append(Moved(name, model.slug, found.model.slug))

    def _sit(
        self,
        name: str,
        rule: Rule,
        model: Made,
        settings: dict[str, Any],
        stored: StoredName | None,
    ) -> None:
        known = self._models.get(model.slug)
        if known is None:
            self.models_made.setdefault(model.slug, model)
        agent = None
        if stored is not None and stored.agent_id is not None:
            agent = self._registered.agents.get(stored.agent_id)
        own = clean_json({HISTORY: SYSTEM, **settings})
        agent = agent or self._agent(model.slug, own)
        alias = agent.alias if agent else self._new_agent(name, model.slug, own)
        self.people[name] = Person(
            name=name,
            rule=rule,
            model_id=None if known is None else known.id,
            slug=model.slug,
            agent_id=None if agent is None else agent.id,
            alias=alias,
        )

    def _agent(self, slug: str, settings: dict[str, Any]) -> StoredAgent | None:
        known = self._models.get(slug)
        agents = self._registered.agents.values() if known is not None else ()
        return next(
            (
                one
                for one in agents
                if known is not None and one.model_id == known.id and one.plays(slug, settings)
            ),
            None,
        )

    def _new_agent(self, name: str, slug: str, settings: dict[str, Any]) -> str:
        """The alias of the agent of that model with those settings, made for `name` if none is."""
        for alias, made in self.agents_made.items():
            if made == (slug, settings):
                return alias
        alias = slug_of(name)
        is_anothers = alias in self._taken or (alias != slug and alias in self._models)
        if is_anothers or len(alias) > LONGEST_ALIAS:
            alias = f"{alias[: LONGEST_ALIAS - 9]}-{digest_of(name)}"
        self._taken.add(alias)
        self.agents_made[alias] = (slug, settings)
        return alias

    def _settings(self, stored: StoredName) -> dict[str, Any]:
        agent = self._registered.agents.get(stored.agent_id) if stored.agent_id else None
        return {} if agent is None else {k: v for k, v in agent.settings.items() if k != HISTORY}

    def _insert_agent(
        self,
        connection: Connection,
        alias: str,
        model_id: int,
        slug: str,
        settings: dict[str, Any],
        now: datetime,
    ) -> int:
        known = self._models.get(slug)
        version = 1 if known is None else known.version
        values = {
            "alias": alias,
            "kind": KIND,
            "model_id": model_id,
            "model_version": version,
            "settings": settings,
            "active": False,
            "source": AgentSource.IMPORT.value,
            "config_digest": config_digest(alias, KIND, slug, settings, 1, model_version=version),
            "created_at": now,
        }
        statement = insert(Agent).values(**values).returning(Agent.id)
        return connection.execute(statement).scalar_one()

    def _update_name(self, connection: Connection, one: Person, now: datetime) -> None:
        stored = self._registered.names[one.name]
        row = _alias_row(one, now)
        changes = {name: row[name] for name in ("model_id", "agent_id", "rule", "last_seen_at")}
        connection.execute(update(ModelAlias).where(ModelAlias.id == stored.row).values(**changes))

    def _move(self, connection: Connection, one: Person) -> int:
        if one.model_id is None or one.agent_id is None:
            raise AssertionError(f"{one.name!r} was not written")
        return repoint(connection, one.name, one.model_id, one.agent_id)


def _insert_model(connection: Connection, made: Made, now: datetime) -> int:
    values = {
        "slug": made.slug,
        "source": ModelSource.IMPORT.value,
        "display_name": made.display_name,
        "vendor": made.slug.partition("/")[0],
        "client_name": made.client_name,
        "discovered_at": now,
    }
    statement = insert(Model).values(**values).returning(Model.id)
    return connection.execute(statement).scalar_one()


def _alias_row(one: Person, now: datetime) -> dict[str, Any]:
    return {
        "model_id": one.model_id,
        "alias": one.name,
        "origin": AliasOrigin.IMPORT.value,
        "agent_id": one.agent_id,
        "rule": one.rule.value,
        "first_seen_at": now,
        "last_seen_at": now,
    }
