"""Asking the registry for agents, and what makes an agent itself.

What belongs here: reading. Agents that the models file declares are written by
`registry.declared.agents`, those a person adds by `registry.acts.agents`.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, SQLColumnExpression, Text, cast, select

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.names import nearest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Model, Prompt
from arena_pipeline.store.types import clean_json

POLICY = "policy"
"""The setting of a bot that names how it decides."""

POLICY_VERSION = "policy_version"
"""The setting that says which version of the policy it was made for."""


LONGEST_NUMBER = 10_000
"""Bits of an integer in the settings; Python writes none of more than 4,300 digits."""


def policy_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What of a bot's settings is for its policy: all but those that name it."""
    return {name: value for name, value in settings.items() if name not in (POLICY, POLICY_VERSION)}


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent of the registry. `model` is the slug of what it plays with, `prompt` the reference
    (NAME@VERSION) of what it is told; bots have neither.
    """

    id: int
    alias: str
    title: str | None
    kind: str
    model: str | None
    model_version: int | None
    settings: dict[str, Any]
    version: int
    agent_class: str | None
    is_default: bool
    active: bool
    active_set_by: str | None
    source: str
    config_digest: str
    created_at: datetime
    prompt_id: int | None = None
    prompt: str | None = None

    @property
    def policy(self) -> str | None:
        """How a bot decides; None for other kinds."""
        policy = self.settings.get(POLICY)
        return policy if self.kind == "bot" and isinstance(policy, str) else None

    @property
    def family(self) -> str:
        """The name all versions of this agent share."""
        return family_of(self.alias)


def family_of(alias: str) -> str:
    """The name that all versions of an agent share: its alias without @2, @3 and so on."""
    return alias.partition("@")[0]


def agents(
    store: Store, *, kind: str | None = None, active: bool | None = None
) -> tuple[AgentRow, ...]:
    """All agents by alias, or those of one kind, or (not) active."""
    with store.read() as connection:
        rows = agent_rows(connection)
    return tuple(
        row for row in rows if kind in (None, row.kind) and (active is None or row.active == active)
    )


def agent(store: Store, alias: str) -> AgentRow:
    """The agent of that alias. Raises NotFound naming the nearest ones."""
    everyone = {row.alias: row for row in agents(store)}
    if alias not in everyone:
        raise NotFound(f"No agent is called {alias!r}{nearest(alias, everyone)}")
    return everyone[alias]


def agent_rows(connection: Connection) -> list[AgentRow]:
    """The same within a transaction."""
    columns = (_ELSEWHERE[name] if name in _ELSEWHERE else getattr(Agent, name) for name in _FIELDS)
    statement = (
        select(*columns)
        .outerjoin(Model, Model.id == Agent.model_id)
        .outerjoin(Prompt, Prompt.id == Agent.prompt_id)
        .order_by(Agent.alias)
    )
    return [AgentRow(*row) for row in connection.execute(statement).all()]


_FIELDS = tuple(field.name for field in fields(AgentRow))
_ELSEWHERE: Mapping[str, SQLColumnExpression[Any]] = {
    "model": Model.slug.expression,
    "prompt": Prompt.name.concat("@").concat(cast(Prompt.version, Text)),
}


def config_digest(
    family: str,
    kind: str,
    model: str | None,
    settings: dict[str, Any],
    version: int,
    *,
    prompt: str | None = None,
    agent_class: str | None = None,
    model_version: int | None = None,
) -> str:
    """SHA-256 of an agent's whole configuration as canonical JSON; `prompt` is the prompt's digest.

    The name is part of it, so that two bots that decide alike under different names are two agents.
    So is `model_version` (from 1), for the same slug may come to stand for another model.
    """
    config = {
        "alias": family,
        "kind": kind,
        "model": model,
        "prompt": prompt,
        "settings": settings,
        "version": version,
        "class": agent_class,
    }
    if model_version not in (None, 1):
        config["model_version"] = model_version
    canonical = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def unstorable(value: Any) -> str | None:
    """What in a JSON value the store would not give back as it was put in, for people to read."""
    match value:
        case float() if not math.isfinite(value):
            return f"the number {value}"
        case int() if value.bit_length() > LONGEST_NUMBER:
            return f"a number of {value.bit_length()} bits"
        case str() if clean_json(value) != value:
            return f"the text {value[:40]!r}"
        case dict():
            parts = [*value, *value.values()]
        case list():
            parts = value
        case _:
            return None
    return next(filter(None, map(unstorable, parts)), None)
