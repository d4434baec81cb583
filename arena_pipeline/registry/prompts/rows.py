"""Asking for prompts: by number, by name, and the one that new agents of a game get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import aliased

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.names import nearest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Ladder, Participant
from arena_pipeline.store.tables import Prompt as Stored

SHORT = 12
"""Signs of a digest that are shown; they tell prompts apart."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt. `text` is a template for `registry.prompts.fill`; `forked_from` is
    the reference of the prompt it was made from. `active`: whether agents get it that ask for none.
    """

    id: int
    name: str
    version: int
    game: str
    digest: str
    text: str
    details: Mapping[str, Any]
    forked_from: str | None
    active: bool
    created_at: datetime

    @property
    def reference(self) -> str:
        """How it is named where it matters which version: `snake@2`."""
        return f"{self.name}@{self.version}"

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.details.get("title") or self.name)


@dataclass(frozen=True, slots=True)
class PromptUse:
    """A prompt and what it has been used for: how many agents have it, how many seats of matches
    they played.
    """

    prompt: Prompt
    agents: int
    matches: int


def prompt_of(connection: Connection, prompt_id: int) -> Prompt:
    """The prompt of that row number. Raises NotFound."""
    for found in prompt_rows(connection, Stored.id == prompt_id):
        return found
    raise NotFound(f"There is no prompt with the number {prompt_id}")


def prompt_named(connection: Connection, reference: str) -> Prompt:
    """The prompt that NAME@VERSION means, or NAME: its newest active version, else its newest.

    Raises NotFound naming those there are.
    """
    name, _, version = reference.partition("@")
    versions = prompt_rows(connection, Stored.name == name)
    if not version and versions:
        return max(versions, key=lambda one: (one.active, one.version))
    for one in versions:
        if version == str(one.version):
            return one
    if versions:
        there_are = ", ".join(one.reference for one in versions)
        raise NotFound(f"There is no prompt {reference!r} (there are {there_are})")
    names = list(connection.scalars(select(Stored.name).distinct().order_by(Stored.name)))
    there_are = ", ".join(names) or "none"
    raise NotFound(
        f"There is no prompt {reference!r}{nearest(name, names)} (there are {there_are})"
    )


def newest_active(connection: Connection, game: str) -> Prompt | None:
    """The prompt that agents of this game get if nobody says which; None if there is none."""
    found = prompt_rows(connection, Stored.game == game, Stored.active.is_(True))
    return max(found, key=lambda one: one.id, default=None)


def default_game(connection: Connection) -> str | None:
    """The game of the oldest of the main ladders; None before there is one."""
    oldest_first = select(Ladder.game).where(Ladder.is_default).order_by(Ladder.id).limit(1)
    game: str | None = connection.scalar(oldest_first)
    return game


def prompts(store: Store) -> tuple[PromptUse, ...]:
    """Every version of every prompt, by game and name, with its use."""
    agents = select(Agent.prompt_id, func.count()).group_by(Agent.prompt_id)
    seats = (
        select(Agent.prompt_id, func.count())
        .join(Participant, Participant.agent_id == Agent.id)
        .where(Agent.prompt_id.is_not(None))
        .group_by(Agent.prompt_id)
    )
    with store.read() as connection:
        having = _counts(connection, agents)
        played = _counts(connection, seats)
        found = prompt_rows(connection)
    return tuple(
        PromptUse(one, having.get(one.id, 0), played.get(one.id, 0))
        for one in sorted(found, key=lambda one: (one.game, one.name, one.version))
    )


def prompt_rows(connection: Connection, *where: ColumnElement[bool]) -> list[Prompt]:
    """Prompts by name and version for which everything in `where` holds."""
    origin = aliased(Stored)
    statement = (
        select(
            Stored.id, Stored.name, Stored.version, Stored.game, Stored.digest, Stored.text,
            Stored.details, Stored.active, Stored.created_at,
            origin.name.label("origin_name"), origin.version.label("origin_version"),
        )
        .outerjoin(origin, origin.id == Stored.forked_from)
        .where(*where)
        .order_by(Stored.name, Stored.version)
    )  # fmt: skip
    return [_prompt(row) for row in connection.execute(statement)]


def _prompt(row: Any) -> Prompt:
    facts = row._asdict()
    name, version = facts.pop("origin_name"), facts.pop("origin_version")
    return Prompt(**facts, forked_from=None if name is None else f"{name}@{version}")


def _counts(connection: Connection, statement: Select[Any, Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(statement)}
