"""Tables of who may play what: gateways, kinds, prompts, agents, game configs, instances."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.tables.catalog import SetBy
from arena_pipeline.store.types import OutsideText, Price, Usd


class AgentSource(StrEnum):
    """Who asked for an agent."""

    YAML = "yaml"
    ENROLMENT = "enrolment"
    IMPORT = "import"
    PERSON = "person"


class Gateway(Base):
    """An API that calls to models are sent to. Its key is in the environment, never here."""

    __tablename__ = "gateways"
    __table_args__ = (
        CheckConstraint("requests_per_minute > 0", name="requests_per_minute"),
        CheckConstraint("concurrency > 0", name="concurrency"),
        CheckConstraint("daily_cap >= 0", name="daily_cap"),
    )

    name: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="Short name, by which models and agents name the gateway."
    )
    base_url: Mapped[str] = mapped_column(
        doc="Address before /chat/completions, without user and password."
    )
    key_variable: Mapped[str | None] = mapped_column(
        doc="Environment variable that holds its key; NULL: it needs none."
    )
    requests_per_minute: Mapped[int | None] = mapped_column(
        doc="Most calls in a minute; NULL: no limit of ours."
    )
    concurrency: Mapped[int | None] = mapped_column(
        doc="Most calls under way at once; NULL: no limit of ours."
    )
    daily_cap: Mapped[Decimal | None] = mapped_column(
        Usd, doc="Most that a day (UTC) may cost, in 1e-12 USD; NULL: no cap of its own."
    )
    price_prompt: Mapped[Decimal | None] = mapped_column(
        Price,
        doc="USD per million tokens sent to its models that name no price; NULL: unknown.",
    )
    price_completion: Mapped[Decimal | None] = mapped_column(
        Price,
        doc="USD per million tokens written by its models that name no price; NULL: unknown.",
    )
    declared: Mapped[bool] = mapped_column(
        default=True,
        doc="Whether models.yaml or the program names it; false: not to be used.",
    )
    updated_at: Mapped[datetime] = mapped_column(doc="When its declaration last changed (UTC).")


class Kind(Base):
    """A kind of agent (bot, llm, checkpoint, human, ...). One that is not enabled plays nothing."""

    __tablename__ = "kinds"

    name: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="bot, llm, checkpoint, human, or another kind of agent."
    )
    title: Mapped[str] = mapped_column(doc="What people call the kind.")
    enabled: Mapped[bool] = mapped_column(default=True, doc="Whether its agents may play.")


class Prompt(Base):
    """An immutable prompt text, known by its digest."""

    __tablename__ = "prompts"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index("ix_prompts_game_active", "game", "active"),
    )

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which agents name the prompt."
    )
    name: Mapped[str] = mapped_column(doc="Shared by all versions of one prompt.")
    version: Mapped[int] = mapped_column(doc="From 1; each changed text is a new one.")
    game: Mapped[str] = mapped_column(doc="Name of the game it is written for.")
    digest: Mapped[str] = mapped_column(
        Text, unique=True, doc="SHA-256 (hex), by which the prompt is known everywhere."
    )
    text: Mapped[str] = mapped_column(doc="The words sent to the model.")
    details: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="Whatever else is known of it (JSON)."
    )
    forked_from: Mapped[int | None] = mapped_column(
        ForeignKey("prompts.id"),
        index=True,
        doc="The prompt it was made from (prompts.id); NULL: written anew.",
    )
    active: Mapped[bool] = mapped_column(default=True, doc="Whether new agents may get it.")
    created_at: Mapped[datetime] = mapped_column(doc="When it was stored (UTC).")


class Agent(Base):
    """What sits down to play. Immutable but for `active`: other settings make another agent
    (`config_digest`).
    """

    __tablename__ = "agents"
    __table_args__ = (one_of("source", AgentSource), one_of("active_set_by", SetBy))

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which other tables name the agent."
    )
    alias: Mapped[str] = mapped_column(
        OutsideText,
        unique=True,
        doc="Unique name for ever; versions after the first end in @2, @3 and so on.",
    )
    title: Mapped[str | None] = mapped_column(
        OutsideText, doc="What people call it; NULL: its alias."
    )
    kind: Mapped[str] = mapped_column(
        ForeignKey("kinds.name"),
        index=True,
        doc="bot, llm, checkpoint, human, or another of the kinds (kinds.name).",
    )
    model_id: Mapped[int | None] = mapped_column(
        ForeignKey("models.id"),
        index=True,
        doc="What it plays with (models.id); NULL: no model, as with a bot.",
    )
    model_version: Mapped[int | None] = mapped_column(
        doc="Which model behind the slug it plays with (models.version then); NULL: no model."
    )
    prompt_id: Mapped[int | None] = mapped_column(
        ForeignKey("prompts.id"),
        index=True,
        doc="What it is told (prompts.id); NULL: no prompt, as with a bot.",
    )
    settings: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="How it plays (JSON), such as a bot's policy."
    )
    version: Mapped[int] = mapped_column(
        default=1, doc="From 1; changed settings make a new agent with the next number."
    )
    agent_class: Mapped[str | None] = mapped_column(
        "class", Text, doc="Class of agents it belongs to, part of what it is; NULL: none."
    )
    is_default: Mapped[bool] = mapped_column(
        default=False, doc="Whether its evaluation speaks for its model."
    )
    active: Mapped[bool] = mapped_column(default=True, doc="Whether it may play.")
    active_set_by: Mapped[str | None] = mapped_column(
        doc="Who switched it on or off: person, yaml or policy; NULL: whoever asked for it."
    )
    source: Mapped[str] = mapped_column(doc="Who asked for it: yaml, enrolment, import or person.")
    config_digest: Mapped[str] = mapped_column(
        Text, unique=True, doc="SHA-256 (hex) of all that makes it this agent; no two share one."
    )
    created_at: Mapped[datetime] = mapped_column(doc="When it was registered (UTC).")


class GameConfig(Base):
    """A game with its settings fixed."""

    __tablename__ = "game_configs"

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which matches and instances name the config."
    )
    name: Mapped[str] = mapped_column(
        Text, unique=True, doc="Unique short name, as commands use it."
    )
    game: Mapped[str] = mapped_column(
        Text, index=True, doc="Name of the game whose settings these are."
    )
    settings: Mapped[dict[str, Any]] = mapped_column(
        doc="Every setting of the game, defaults filled in (JSON)."
    )
    digest: Mapped[str] = mapped_column(
        Text, unique=True, doc="SHA-256 (hex) of game and settings; no two configs share one."
    )
    created_at: Mapped[datetime] = mapped_column(doc="When it was stored (UTC).")


class Instance(Base):
    """A stored starting position of a config, so that many agents can meet exactly the same one."""

    __tablename__ = "instances"
    __table_args__ = (
        UniqueConstraint("config_id", "digest"),
        UniqueConstraint("config_id", "name"),
    )

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which matches name the instance."
    )
    config_id: Mapped[int] = mapped_column(
        ForeignKey("game_configs.id"), doc="The config it is a start of (game_configs.id)."
    )
    name: Mapped[str] = mapped_column(doc="Short name, unique within its config.")
    seed: Mapped[int | None] = mapped_column(
        BigInteger, doc="What the position was drawn from; NULL: not drawn by chance."
    )
    position: Mapped[dict[str, Any]] = mapped_column(
        doc="The start itself, in the game's own form (JSON)."
    )
    digest: Mapped[str] = mapped_column(
        doc="SHA-256 (hex) of the position; no two of a config share one."
    )
    created_at: Mapped[datetime] = mapped_column(doc="When it was stored (UTC).")
