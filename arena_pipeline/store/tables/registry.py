"""Tables of who may play what: kinds, prompts, agents, game configs, instances."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText


class AgentSource(StrEnum):
    """Who asked for an agent."""

    YAML = "yaml"
    ENROLMENT = "enrolment"
    IMPORT = "import"
    PERSON = "person"


class Kind(Base):
    """A kind of agent (bot, llm, checkpoint, human, ...). One that is not enabled plays nothing."""

    __tablename__ = "kinds"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)


class Prompt(Base):
    """An immutable prompt text, known by its digest."""

    __tablename__ = "prompts"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index("ix_prompts_game_active", "game", "active"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    game: Mapped[str]
    digest: Mapped[str] = mapped_column(Text, unique=True)
    text: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    forked_from: Mapped[int | None] = mapped_column(ForeignKey("prompts.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Agent(Base):
    """What sits down to play. Immutable but for `active`: other settings make another agent
    (`config_digest`).
    """

    __tablename__ = "agents"
    __table_args__ = (one_of("source", AgentSource),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    alias: Mapped[str] = mapped_column(OutsideText, unique=True)
    title: Mapped[str | None] = mapped_column(OutsideText)
    kind: Mapped[str] = mapped_column(ForeignKey("kinds.name"), index=True)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"), index=True)
    prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompts.id"), index=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    agent_class: Mapped[str | None] = mapped_column("class", Text)
    is_default: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str]
    config_digest: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime]


class GameConfig(Base):
    """A game with its settings fixed."""

    __tablename__ = "game_configs"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    game: Mapped[str] = mapped_column(Text, index=True)
    settings: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime]


class Instance(Base):
    """A stored starting position of a config, so that many agents can meet exactly the same one."""

    __tablename__ = "instances"
    __table_args__ = (
        UniqueConstraint("config_id", "digest"),
        UniqueConstraint("config_id", "name"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    config_id: Mapped[int] = mapped_column(ForeignKey("game_configs.id"))
    name: Mapped[str]
    seed: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[dict[str, Any]]
    digest: Mapped[str]
    created_at: Mapped[datetime]
