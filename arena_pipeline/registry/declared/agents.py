"""Agents as the models file declares them, kept in the store.

An agent is immutable but for being active and its title: other settings under the same name, or
another model behind the same slug, make a new version, `name@2`, and the old one is deactivated, so
that ratings stay with what earned them. Declaring the old settings again brings the old version
back as itself. Whom a person switched on or off stays so in every version. Nothing is ever deleted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.agents import AgentRow, agent_rows, policy_settings
from arena_pipeline.registry.declared.agent_configs import (
    AgentConfig,
    CallRefusal,
    Policies,
    Refusal,
    bot_config,
    model_config,
)
from arena_pipeline.registry.declared.agent_prompts import chosen_prompt, give_prompts
from arena_pipeline.registry.declared.entries import AgentEntry, BotEntry, ModelsFile
from arena_pipeline.registry.names import check_bot_alias
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AgentSource, Kind, SetBy

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
    policies: Policies = None,
    refusal: Refusal | None = None,
    call_refusal: CallRefusal | None = None,
) -> AgentsReport:
    """Make the store's agents what the models file declares, in one transaction. Safe to repeat.

    `policies` are the bots' policies there are, if possible with the version of each: a policy that
    plays differently makes its bots new agents. A bot whose policy is not among them or whose
    settings meet a `refusal` (None: not checked) is rejected, and so is an agent with settings that
    can't be kept as they are or that meet a `call_refusal`, whose model or prompt nobody knows or
    whose alias belongs to somebody else; the others go on. An agent that was declared and is no
    more is deactivated, and comes back as itself. Agents that a person added before there were
    prompts get one.
    """
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        given = give_prompts(connection)
        work = _Sync(connection, agent_rows(connection), policies, refusal, call_refusal)
        work.changed.extend(given)
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
    policies: Policies
    refusal: Refusal | None
    call_refusal: CallRefusal | None
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
                if row.config_digest == config.digest(entry.alias, row.version)
            ),
            None,
        )
        decision = _decision(versions, present)
        if present is None:
            self._add(entry, config, versions, decision)
        else:
            self._keep(entry, present, decision)
        for row in versions:
            if row is not present and (row.active or row is decision):
                self._update(row, active=False, active_set_by=None)

    def deactivate_undeclared(self) -> None:
        for family in self.families.keys() - self.declared:
            for row in self.families[family]:
                if row.active and row.active_set_by != SetBy.PERSON:
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

    def _config(self, entry: BotEntry | AgentEntry) -> AgentConfig:
        """What is declared. Raises ArenaError with the reason to reject the entry."""
        if entry.alias in self.others:
            raise ArenaError(
                f"the alias {entry.alias!r} belongs to an agent that is not from this file"
            )
        if isinstance(entry, BotEntry):
            if entry.alias not in self.families:
                _check_bot(entry.alias)
            return bot_config(entry.policy, entry.settings, self.policies, self.refusal)
        own = {"gateway": entry.gateway} if entry.gateway else {}
        return model_config(
            self.connection,
            entry.model,
            {**entry.settings, **own},
            prompt=chosen_prompt(self.connection, entry.prompt, self.families.get(entry.alias, [])),
            refusal=self.call_refusal,
        )

    def _add(
        self,
        entry: BotEntry | AgentEntry,
        config: AgentConfig,
        versions: list[AgentRow],
        decision: AgentRow | None,
    ) -> None:
        version = max((row.version for row in versions), default=0) + 1
        alias = entry.alias if version == 1 else f"{entry.alias}@{version}"
        self.connection.execute(
            insert(Agent).values(
                alias=alias,
                title=entry.title,
                **config.columns,
                version=version,
                active=decision.active if decision else entry.active,
                active_set_by=decision.active_set_by if decision else None,
                source=str(AgentSource.YAML),
                config_digest=config.digest(entry.alias, version),
                created_at=datetime.now(UTC),
            )
        )
        (self.changed if versions else self.added).append(alias)

    def _keep(self, entry: BotEntry | AgentEntry, row: AgentRow, decision: AgentRow | None) -> None:
        active = decision.active if decision else entry.active
        set_by = decision.active_set_by if decision else row.active_set_by
        if row.active and not active:
            self.deactivated.append(row.alias)
        elif (row.active, row.active_set_by, row.title) != (active, set_by, entry.title):
            self.changed.append(row.alias)
        else:
            self.unchanged.append(row.alias)
            return
        self._update(row, active=active, active_set_by=set_by, title=entry.title)

    def _deactivate_unplayable(self, family: str) -> None:
        """An agent whose new declaration is rejected stays as it was, unless its own policy is gone
        or takes its settings no more.
        """
        for row in self.families.get(family, []):
            if row.active and row.policy and self._is_refused(row.policy, row.settings):
                self._update(row, active=False, active_set_by=None)
                self.deactivated.append(row.alias)

    def _is_refused(self, policy: str, settings: Mapping[str, Any]) -> bool:
        if self.policies is not None and policy not in self.policies:
            return True
        own = policy_settings(settings)
        return self.refusal is not None and self.refusal(policy, own) is not None

    def _update(self, row: AgentRow, **values: Any) -> None:
        self.connection.execute(update(Agent).where(Agent.id == row.id).values(**values))


def _check_bot(alias: str) -> None:
    try:
        check_bot_alias(alias)
    except ValueError as error:
        raise ArenaError(str(error)) from error


def _decision(versions: Iterable[AgentRow], present: AgentRow | None) -> AgentRow | None:
    """The version whose being on or off is a person's word on what is declared: the declared one
    itself, else the one in force until now.
    """
    if present is not None and present.active_set_by == SetBy.PERSON:
        return present
    in_force = next((row for row in versions if row.active), None)
    if in_force is None:
        by_person = (row for row in versions if row.active_set_by == SetBy.PERSON)
        in_force = max(by_person, key=lambda row: row.version, default=None)
    is_decided = in_force is not None and in_force.active_set_by == SetBy.PERSON
    return in_force if is_decided else None
