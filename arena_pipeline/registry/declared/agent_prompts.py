"""Which prompt an agent gets: the one it asks for, else the one it has, else the newest of its
game.

An agent that asks for none keeps what it has: a newer version of its prompt makes nobody another
agent. What belongs here: choosing, and giving a prompt to agents from before there were any.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.registry.agents import AgentRow, agent_rows, config_digest
from arena_pipeline.registry.prompts import (
    Prompt,
    default_game,
    newest_active,
    prompt_named,
    prompt_of,
)
from arena_pipeline.store.tables import Agent, AgentSource

CALLING = "llm"
"""The kind of agent that is told by a prompt what it plays."""


_CARRIED = (
    "title", "kind", "model_id", "model_version", "settings", "agent_class", "is_default", "active",
    "active_set_by", "source",
)  # fmt: skip
"""Columns that a new version has from the one before."""


def chosen_prompt(
    connection: Connection, asked: str | None, versions: Collection[AgentRow]
) -> Prompt | None:
    """The prompt of an agent that asks for NAME, NAME@VERSION or none (None), given the versions of
    it there are; None if nobody registered a prompt yet.

    NAME alone means the version of it that the agent had last, else the newest active one. Raises
    NotFound for a prompt there is not.
    """
    if asked is not None and "@" in asked:
        return prompt_named(connection, asked)
    had = [row for row in versions if row.prompt_id is not None]
    if asked is not None:
        had = [row for row in had if str(row.prompt).partition("@")[0] == asked]
    last = max(had, key=lambda row: (row.active, row.version), default=None)
    if last is not None and last.prompt_id is not None:
        return prompt_of(connection, last.prompt_id)
    if asked is not None:
        return prompt_named(connection, asked)
    game = default_game(connection)
    return None if game is None else newest_active(connection, game)


def give_prompts(connection: Connection) -> tuple[str, ...]:
    """Give each agent that a person added before there were prompts a successor with one; names the
    new ones. What the models file declares gets its own there.

    Such agents never played. Safe to repeat; call it within `registry_write`.
    """
    rows = [row for row in agent_rows(connection) if row.source == AgentSource.PERSON]
    made = []
    for row in rows:
        if row.kind != CALLING or row.prompt_id is not None:
            continue
        family = [one for one in rows if one.family == row.family]
        if row.version < max(one.version for one in family):
            continue
        prompt = chosen_prompt(connection, None, family)
        if prompt is None:
            return ()
        made.append(_succeed(connection, row, family, prompt))
    return tuple(made)


def _succeed(
    connection: Connection, row: AgentRow, family: Sequence[AgentRow], prompt: Prompt
) -> str:
    version = max(one.version for one in family) + 1
    alias = f"{row.family}@{version}"
    digest = config_digest(
        row.family,
        row.kind,
        row.model,
        row.settings,
        version,
        prompt=prompt.digest,
        agent_class=row.agent_class,
        model_version=row.model_version,
    )
    this_one = Agent.id == row.id
    old = select(*(getattr(Agent, name).label(name) for name in _CARRIED)).where(this_one)
    values = connection.execute(old).one()._asdict()
    connection.execute(update(Agent).where(this_one).values(active=False, is_default=False))
    connection.execute(
        insert(Agent).values(
            **values,
            alias=alias,
            version=version,
            prompt_id=prompt.id,
            config_digest=digest,
            created_at=datetime.now(UTC),
        )
    )
    return alias
