"""Agents and their versions: which of them a name means, and whether it may be switched on.

What belongs here: deciding over rows. They are switched in `registry.acts.agents`.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.acts.audit import ActRefused
from arena_pipeline.registry.agents import AgentRow, agent_rows
from arena_pipeline.registry.names import nearest
from arena_pipeline.store.tables import AgentSource, Model, SetBy


@dataclass(frozen=True, slots=True)
class Families:
    """Everybody, by family and alias, and the version that each model has now."""

    members: dict[str, dict[str, AgentRow]]
    versions: dict[str, int]

    @classmethod
    def of(cls, connection: Connection) -> "Families":
        """Those of the store."""
        families: dict[str, dict[str, AgentRow]] = {}
        for row in agent_rows(connection):
            families.setdefault(row.family, {})[row.alias] = row
        rows = connection.execute(select(Model.slug, Model.version))
        return cls(families, {row.slug: row.version for row in rows})

    def named(self, name: str) -> AgentRow:
        """The agent of that alias; without a version, the one of the family that is in force."""
        family, _, version = name.partition("@")
        versions = self.members.get(family, {})
        if not version and versions:
            return max(versions.values(), key=self._force)
        found = versions.get(name) or (versions.get(family) if version == "1" else None)
        if found is None:
            known = [*self.members, *(alias for rows in self.members.values() for alias in rows)]
            raise NotFound(f"No agent is called {name!r}{nearest(name, set(known))}")
        return found

    def check_may_play(self, row: AgentRow) -> None:
        """Raises ActRefused if it is of another arena's past, its model was replaced, or another
        version of it plays.
        """
        if row.source == AgentSource.IMPORT:
            raise ActRefused(
                f"{row.alias} stands for matches played elsewhere; "
                f"add a new agent for {row.model or 'its model'} to play here"
            )
        others = [one for one in self.members[row.family].values() if one.alias != row.alias]
        if self._is_outdated(row):
            successors = [one for one in others if not self._is_outdated(one)]
            newest = max(successors, key=lambda one: one.version, default=None)
            instead = f"its successor is {newest.alias}" if newest else "add a new agent for it"
            raise ActRefused(
                f"{row.alias} plays an earlier model behind the slug {row.model}; {instead}"
            )
        for one in others:
            if one.active:
                raise ActRefused(
                    f"{one.alias}, another version of {row.family}, may play already; "
                    f"disable it before {row.alias} is enabled"
                )

    def put(self, row: AgentRow) -> None:
        """Know the agent as this from now on."""
        self.members[row.family][row.alias] = row

    def _is_outdated(self, row: AgentRow) -> bool:
        if row.model is None or row.model_version is None:
            return False
        return row.model_version < self.versions[row.model]

    def _force(self, row: AgentRow) -> tuple[bool, bool, bool, int]:
        """The one that plays; else of those that can, the one a person stopped; else the newest."""
        is_set = row.active_set_by == SetBy.PERSON
        return row.active, not self._is_outdated(row), is_set, row.version
