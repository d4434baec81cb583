"""New versions of the agents whose model another one has taken the place of.

The slug stays, the model behind it is another: what was earned with the old one stays with the old
agents, and the new ones are placed like anybody new. Versions that come of changed settings are
made in `registry.declared.agents`.
"""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from arena_pipeline.registry.agents import config_digest
from arena_pipeline.store.tables import Agent, Model, Prompt

_CARRIED = (
    "title", "kind", "model_id", "prompt_id", "settings", "agent_class", "active", "active_set_by",
    "source",
)  # fmt: skip
"""Columns that a new version has from the one before."""


def version_agents(connection: Connection, model_ids: Collection[int]) -> list[str]:
    """Give the agents of these models versions for `models.version`; returns the new aliases.

    Whoever is active gets a successor that is active in its place; the newest version of a family
    gets one even if it is switched off, so that it stays so. To be called in the transaction that
    changed `models.version`. Safe to repeat: agents made for the present version get no successor,
    and neither do those that newer ones took the place of.
    """
    if not model_ids:
        return []
    aliases, newest = _versions(connection)
    old = _outdated(connection, model_ids)
    heirs = [row for row in old if row.active or row.version == newest[_family(row.alias)]]
    defaults = _defaults(old, heirs)
    created: list[str] = []
    for row in heirs:
        family = _family(row.alias)
        version = newest[family] + 1
        while (alias := f"{family}@{version}") in aliases:
            version += 1
        newest[family] = version
        values = _successor(row, family, version)
        connection.execute(
            insert(Agent).values(alias=alias, is_default=row.id in defaults, **values)
        )
        created.append(alias)
    superseded = update(Agent).where(Agent.id.in_([row.id for row in old]))
    connection.execute(superseded.where(Agent.active).values(active=False, active_set_by=None))
    connection.execute(superseded.values(is_default=False))
    return created


def _versions(connection: Connection) -> tuple[set[str], Counter[str]]:
    """Every alias there is, and the newest version of each family."""
    aliases: set[str] = set()
    newest: Counter[str] = Counter()
    for alias, version in connection.execute(select(Agent.alias, Agent.version)):
        aliases.add(alias)
        newest[_family(alias)] = max(newest[_family(alias)], version)
    return aliases, newest


def _outdated(connection: Connection, model_ids: Collection[int]) -> list[Any]:
    """Agents of these models that were made for an earlier one behind the same slug."""
    statement = (
        select(
            Agent.id, Agent.alias, Agent.version, Agent.is_default, Model.slug,
            Model.version.label("model_version"), Prompt.digest.label("prompt"),
            *(getattr(Agent, name).label(name) for name in _CARRIED),
        )
        .join(Model, Model.id == Agent.model_id)
        .outerjoin(Prompt, Prompt.id == Agent.prompt_id)
        .where(Model.id.in_(model_ids), func.coalesce(Agent.model_version, 1) < Model.version)
        .order_by(Agent.id)
    )  # fmt: skip
    return list(connection.execute(statement))


def _defaults(old: list[Any], heirs: list[Any]) -> set[int]:
    """Whose successors speak for their models: those who did, or else the first of their family."""
    chosen: set[int] = set()
    for row in old:
        if row.is_default:
            family = [heir for heir in heirs if _family(heir.alias) == _family(row.alias)]
            chosen |= {heir.id for heir in family if heir.is_default} or {h.id for h in family[:1]}
    return chosen


def _successor(row: Any, family: str, version: int) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _CARRIED},
        "version": version,
        "model_version": row.model_version,
        "config_digest": config_digest(
            family,
            row.kind,
            row.slug,
            row.settings,
            version,
            prompt=row.prompt,
            agent_class=row.agent_class,
            model_version=row.model_version,
        ),
        "created_at": datetime.now(UTC),
    }


def _family(alias: str) -> str:
    return alias.partition("@")[0]
