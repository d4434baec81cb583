"""Agents as the models file declares them, kept in the store.

An agent is immutable but for being active and its title: other settings under the same name make a
new version, `name@2`, and the old one is deactivated, so that ratings stay with what earned them.
Declaring the old settings again brings the old version back as itself. Nothing is ever deleted.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.agents import (
    POLICY,
    POLICY_VERSION,
    AgentRow,
    agent_rows,
    config_digest,
    policy_settings,
)
from arena_pipeline.registry.models import resolve
from arena_pipeline.registry.models_file import AgentEntry, BotEntry, ModelsFile
from arena_pipeline.registry.names import nearest
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AgentSource, Kind, Model
from arena_pipeline.store.types import clean_json

Refusal = Callable[[str, Mapping[str, Any]], str | None]
"""Why a policy can't be played with settings; None if it can."""

KINDS = {
    "bot": "Bots: rules, no model",
    "llm": "Language models",
    "checkpoint": "Trained checkpoints",
    "human": "People",
}


@dataclass(frozen=True, slots=True)
class AgentsReport:
    """What became of the declarations, by alias; a changed agent stands under the alias now in
    force.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deactivated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        names = ("added", "changed", "deactivated", "unchanged")
        rejected = [{"alias": alias, "reason": reason} for alias, reason in self.rejected]
        return {**{name: list(getattr(self, name)) for name in names}, "rejected": rejected}


def sync_agents(
    store: Store,
    models_file: ModelsFile,
    *,
    policies: Collection[str] | Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> AgentsReport:
    """Make the store's agents what the models file declares, in one transaction. Safe to repeat.

    `policies` are the bots' policies there are, if possible with the version of each: a policy that
    plays differently makes its bots new agents. A bot whose policy is not among them or whose
    settings meet a `refusal` (None: not checked) is rejected, and so is an agent with settings that
    can't be kept as they are, whose model nobody knows or whose alias belongs to somebody else; the
    others go on. An agent that was declared and is no more is deactivated, and comes back as
    itself.
    """
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        work = _Sync(connection, agent_rows(connection), policies, refusal)
        for bot in models_file.bots:
            work.declare(bot)
        for llm in models_file.agents:
            work.declare(llm)
        work.deactivate_undeclared()
    return work.report()


def ensure_kinds(store: Store, connection: Connection) -> None:
    """Make the known kinds of agents exist; whether a kind is enabled is left as it is."""
    rows = [{"name": name, "title": title} for name, title in KINDS.items()]
    connection.execute(store.insert_ignore(Kind), rows)


@dataclass(slots=True)
class _Sync:
    connection: Connection
    rows: Iterable[AgentRow]
    policies: Collection[str] | Mapping[str, str] | None
    refusal: Refusal | None
    families: dict[str, list[AgentRow]] = field(init=False, default_factory=dict)
    others: set[str] = field(init=False, default_factory=set)
    declared: set[str] = field(init=False, default_factory=set)
    added: list[str] = field(init=False, default_factory=list)
    changed: list[str] = field(init=False, default_factory=list)
    deactivated: list[str] = field(init=False, default_factory=list)
    unchanged: list[str] = field(init=False, default_factory=list)
    rejected: list[tuple[str, str]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.source == AgentSource.YAML:
                self.families.setdefault(row.family, []).append(row)
            else:
                self.others.add(row.alias)

    def declare(self, entry: BotEntry | AgentEntry) -> None:
        self.declared.add(entry.alias)
        try:
            config = self._config(entry)
        except ArenaError as error:
            self.rejected.append((entry.alias, str(error)))
            self._deactivate_unplayable(entry.alias)
            return
        versions = self.families.get(entry.alias, [])
        # By digest: PostgreSQL may give a number back as another type than was declared.
        present = next(
            (
                row
                for row in versions
                if row.config_digest == config_digest(entry.alias, *config, row.version)
            ),
            None,
        )
        if present is None:
            self._add(entry, config, versions)
        else:
            self._keep(entry, present)
        for row in versions:
            if row.active and row is not present:
                self._update(row, active=False)

    def deactivate_undeclared(self) -> None:
        for family in self.families.keys() - self.declared:
            for row in self.families[family]:
                if row.active:
                    self._update(row, active=False)
                    self.deactivated.append(row.alias)

    def report(self) -> AgentsReport:
        return AgentsReport(
            added=tuple(sorted(self.added)),
            changed=tuple(sorted(self.changed)),
            deactivated=tuple(sorted(self.deactivated)),
            unchanged=tuple(sorted(self.unchanged)),
            rejected=tuple(self.rejected),
        )

    def _config(self, entry: BotEntry | AgentEntry) -> tuple[str, str | None, dict[str, Any]]:
        """Kind, model and settings. Raises ArenaError with the reason to reject the entry."""
        if entry.alias in self.others:
            raise ArenaError(
                f"the alias {entry.alias!r} belongs to an agent that is not from this file"
            )
        if fault := _unstorable(entry.settings):
            raise ArenaError(f"its settings hold {fault}, which can't be kept as it is")
        if isinstance(entry, AgentEntry):
            return "llm", resolve(self.connection, entry.model), entry.settings
        if own := {POLICY, POLICY_VERSION} & entry.settings.keys():
            raise ArenaError(f"{min(own)!r} can't be one of a bot's settings")
        if self.refusal is not None and (reason := self.refusal(entry.policy, entry.settings)):
            raise ArenaError(reason)
        if self.policies is not None and entry.policy not in self.policies:
            meant = nearest(entry.policy, self.policies)
            known = ", ".join(sorted(self.policies))
            raise ArenaError(f"there is no policy {entry.policy!r}{meant} (there are {known})")
        settings = {POLICY: entry.policy, **entry.settings}
        if isinstance(self.policies, Mapping):
            settings[POLICY_VERSION] = self.policies[entry.policy]
        return "bot", None, settings

    def _add(
        self,
        entry: BotEntry | AgentEntry,
        config: tuple[str, str | None, dict[str, Any]],
        versions: list[AgentRow],
    ) -> None:
        kind, model, settings = config
        version = max((row.version for row in versions), default=0) + 1
        alias = entry.alias if version == 1 else f"{entry.alias}@{version}"
        model_id = None
        if model is not None:
            model_id = self.connection.scalar(select(Model.id).where(Model.slug == model))
        self.connection.execute(
            insert(Agent).values(
                alias=alias,
                title=entry.title,
                kind=kind,
                model_id=model_id,
                settings=settings,
                version=version,
                active=entry.active,
                source=str(AgentSource.YAML),
                config_digest=config_digest(entry.alias, kind, model, settings, version),
                created_at=datetime.now(UTC),
            )
        )
        (self.changed if versions else self.added).append(alias)

    def _keep(self, entry: BotEntry | AgentEntry, row: AgentRow) -> None:
        if row.active and not entry.active:
            self.deactivated.append(row.alias)
        elif (row.active, row.title) != (entry.active, entry.title):
            self.changed.append(row.alias)
        else:
            self.unchanged.append(row.alias)
            return
        self._update(row, active=entry.active, title=entry.title)

    def _deactivate_unplayable(self, family: str) -> None:
        """An agent whose new declaration is rejected stays as it was, unless its own policy is gone
        or takes its settings no more.
        """
        for row in self.families.get(family, []):
            if row.active and row.policy and self._is_refused(row.policy, row.settings):
                self._update(row, active=False)
                self.deactivated.append(row.alias)

    def _is_refused(self, policy: str, settings: Mapping[str, Any]) -> bool:
        if self.policies is not None and policy not in self.policies:
            return True
        own = policy_settings(settings)
        return self.refusal is not None and self.refusal(policy, own) is not None

    def _update(self, row: AgentRow, **values: Any) -> None:
        self.connection.execute(update(Agent).where(Agent.id == row.id).values(**values))


def _unstorable(value: Any) -> str | None:
    """What in a JSON value the store would not give back as it was put in, for people to read."""
    match value:
        case float() if not math.isfinite(value):
            return f"the number {value}"
        case str() if clean_json(value) != value:
            return f"the text {value[:40]!r}"
        case dict():
            parts = [*value, *value.values()]
        case list():
            parts = value
        case _:
            return None
    return next(filter(None, map(_unstorable, parts)), None)
