"""Tables of models: which exist, what they were called, what they cost and when.

The catalogs they come from are in `snapshots`.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText, Price


class ModelSource(StrEnum):
    """Where a model was first heard of."""

    OPENROUTER = "openrouter"
    YAML = "yaml"
    IMPORT = "import"
    TRAINING = "training"


class Access(StrEnum):
    """Whether a model may be evaluated: decided by the policy, or by somebody."""

    AUTO = "auto"
    ALLOW = "allow"
    DENY = "deny"


class SetBy(StrEnum):
    """Who set a flag last. A person wins over models.yaml, that over policy and catalog."""

    PERSON = "person"
    YAML = "yaml"
    POLICY = "policy"


class AliasOrigin(StrEnum):
    """Where another name of a model was seen."""

    CATALOG_NAME = "catalog_name"
    CANONICAL_SLUG = "canonical_slug"
    YAML = "yaml"
    IMPORT = "import"
    PERSON = "person"


class Model(Base):
    """Something with weights and a slug. Never deleted: what vanished is marked removed."""

    __tablename__ = "models"
    __table_args__ = (
        one_of("source", ModelSource),
        one_of("access", Access),
        one_of("access_set_by", SetBy),
        one_of("is_active_set_by", SetBy),
        one_of("retired_set_by", SetBy),
        one_of("override_set_by", SetBy),
        Index("ix_models_vendor", "vendor"),
        Index("ix_models_is_active", "is_active"),
    )

    id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, doc="Row number, by which other tables name the model."
    )
    slug: Mapped[str] = mapped_column(
        OutsideText,
        unique=True,
        doc="Unique name: vendor/model, with :variant where there are several.",
    )
    source: Mapped[str] = mapped_column(
        doc="Where it was first heard of: openrouter, yaml, import or training."
    )
    display_name: Mapped[str] = mapped_column(
        OutsideText, doc="What people call it; the catalog's words where it is listed."
    )
    vendor: Mapped[str] = mapped_column(OutsideText, doc="Who made it: the first part of the slug.")
    client_name: Mapped[str | None] = mapped_column(
        OutsideText, doc="What the gateway calls it in a request; NULL: unknown."
    )
    gateway: Mapped[str | None] = mapped_column(
        OutsideText, doc="Where calls to it are sent (gateways.name); NULL: it can't be called."
    )
    version: Mapped[int] = mapped_column(
        default=1, doc="From 1; one more each time another model appears behind the same slug."
    )
    is_active: Mapped[bool] = mapped_column(
        default=False, doc="Whether it may play; an inactive model is nobody's opponent either."
    )
    is_active_set_by: Mapped[str | None] = mapped_column(
        doc="Who decided whether it may play: person, yaml or policy; NULL: nobody yet."
    )
    is_active_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why, in the words of whoever decided whether it may play; NULL: unsaid."
    )
    access: Mapped[str] = mapped_column(
        default=Access.AUTO,
        doc="Whether it may be evaluated: allow, deny, or auto (the policy decides).",
    )
    access_set_by: Mapped[str | None] = mapped_column(
        doc="Who allowed or denied it: person, yaml or policy; NULL: nobody."
    )
    access_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why, in the words of whoever allowed or denied it; NULL: unsaid."
    )
    context_length: Mapped[int | None] = mapped_column(
        doc="Most tokens that prompt and reply may have together; NULL: unknown."
    )
    max_completion_tokens: Mapped[int | None] = mapped_column(
        doc="Most tokens that one reply may have; NULL: unknown."
    )
    price_prompt: Mapped[Decimal | None] = mapped_column(
        Price, doc="USD per million tokens sent to it; 0: free, NULL: unknown."
    )
    price_completion: Mapped[Decimal | None] = mapped_column(
        Price, doc="USD per million tokens it writes; 0: free, NULL: unknown."
    )
    override_prompt: Mapped[Decimal | None] = mapped_column(
        Price,
        doc="USD per million tokens sent, where override_set_by is set; NULL: unknown.",
    )
    override_completion: Mapped[Decimal | None] = mapped_column(
        Price, doc="USD per million tokens written, if override_set_by is set; NULL: unknown."
    )
    override_set_by: Mapped[str | None] = mapped_column(
        doc="Who says what it costs instead of the catalog: person or yaml; NULL: nobody."
    )
    details: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="All other fields of the catalog's row, as they came (JSON)."
    )
    upstream_created_at: Mapped[datetime | None] = mapped_column(
        doc="When the catalog says it was created (UTC); NULL: it does not say."
    )
    discovered_at: Mapped[datetime] = mapped_column(doc="When the arena first heard of it (UTC).")
    last_seen_at: Mapped[datetime | None] = mapped_column(
        doc="When a catalog last listed it (UTC); NULL: never."
    )
    removed_at: Mapped[datetime | None] = mapped_column(
        doc="When the catalog was first seen without it (UTC); NULL: not removed."
    )
    retired_at: Mapped[datetime | None] = mapped_column(
        doc="When it was taken out of evaluation for good (UTC); NULL: it was not."
    )
    retired_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why it was taken out of evaluation; NULL: it was not, or nobody said."
    )
    retired_set_by: Mapped[str | None] = mapped_column(
        doc="Who took it out of evaluation: person, yaml or policy; NULL: it was not."
    )
    retired_until_change: Mapped[bool] = mapped_column(
        default=False,
        server_default=sa.false(),
        doc="Whether it comes back by itself when the catalog says something else of it.",
    )


class ModelAlias(Base):
    """Another name a model has been seen under. One name may belong to several models; look-ups
    then say so.
    """

    __tablename__ = "model_aliases"
    __table_args__ = (
        one_of("origin", AliasOrigin),
        UniqueConstraint("model_id", "alias", "origin"),
        Index("ix_model_aliases_alias", "alias"),
        Index("ix_model_aliases_agent_id", "agent_id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    model_id: Mapped[int] = mapped_column(
        ForeignKey("models.id"), doc="The model that was called so (models.id)."
    )
    alias: Mapped[str] = mapped_column(
        OutsideText, doc="A name beside the slug; several models may have borne it."
    )
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("agents.id"),
        doc="The agent that played under this name in an import (agents.id); NULL: none did.",
    )
    rule: Mapped[str | None] = mapped_column(
        doc="How an import found the model: exact, yaml, slug_suffix, display_name, or unresolved: "
        "it was made for the name; NULL: no import did."
    )
    origin: Mapped[str] = mapped_column(
        doc="Where it was seen: catalog_name, canonical_slug, yaml, import or person."
    )
    first_seen_at: Mapped[datetime] = mapped_column(doc="When the model was first called so (UTC).")
    last_seen_at: Mapped[datetime] = mapped_column(doc="When the model was last called so (UTC).")


class ModelPrice(Base):
    """What a model cost from `valid_from` on, in USD per million tokens; `details` holds the other
    price keys.
    """

    __tablename__ = "model_prices"
    __table_args__ = (UniqueConstraint("model_id", "valid_from"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    model_id: Mapped[int] = mapped_column(
        ForeignKey("models.id"), doc="The model that costs this (models.id)."
    )
    snapshot_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalog_snapshots.id"),
        index=True,
        doc="The catalog that said so (catalog_snapshots.id); NULL: not from a catalog.",
    )
    valid_from: Mapped[datetime] = mapped_column(
        doc="From when on the prices hold (UTC), until the model's next row."
    )
    price_prompt: Mapped[Decimal | None] = mapped_column(
        Price, doc="USD per million tokens sent to the model; 0: free, NULL: unknown."
    )
    price_completion: Mapped[Decimal | None] = mapped_column(
        Price, doc="USD per million tokens the model writes; 0: free, NULL: unknown."
    )
    details: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="All other prices of the catalog's row, as they came (JSON)."
    )
