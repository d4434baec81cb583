"""Tables of the catalog and of models: which models exist, what they were called, what they cost
and when.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

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


class CatalogSnapshot(Base):
    """One fetched catalog, accepted or refused; the file keeps every byte of it."""

    __tablename__ = "catalog_snapshots"
    __table_args__ = (
        Index("ix_catalog_snapshots_accepted", "accepted", "fetched_at"),
        Index("ix_catalog_snapshots_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    fetched_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(OutsideText)
    digest: Mapped[str]
    file: Mapped[str | None]
    etag: Mapped[str | None] = mapped_column(OutsideText)
    is_sample: Mapped[bool] = mapped_column(default=False)
    accepted: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(OutsideText)
    models: Mapped[int]
    added: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    repriced: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[list[Any]] = mapped_column(default=list)


class CatalogChange(Base):
    """One thing that an accepted snapshot changed about one model."""

    __tablename__ = "catalog_changes"
    __table_args__ = (Index("ix_catalog_changes_slug", "slug", "snapshot_id"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("catalog_snapshots.id"), index=True)
    slug: Mapped[str] = mapped_column(OutsideText)
    kind: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class Model(Base):
    """Something with weights and a slug. Never deleted: what vanished is marked removed."""

    __tablename__ = "models"
    __table_args__ = (
        one_of("source", ModelSource),
        one_of("access", Access),
        one_of("access_set_by", SetBy),
        one_of("is_active_set_by", SetBy),
        Index("ix_models_vendor", "vendor"),
        Index("ix_models_is_active", "is_active"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    slug: Mapped[str] = mapped_column(OutsideText, unique=True)
    source: Mapped[str]
    display_name: Mapped[str] = mapped_column(OutsideText)
    vendor: Mapped[str] = mapped_column(OutsideText)
    client_name: Mapped[str | None] = mapped_column(OutsideText)
    version: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=False)
    is_active_set_by: Mapped[str | None]
    access: Mapped[str] = mapped_column(default=Access.AUTO)
    access_set_by: Mapped[str | None]
    context_length: Mapped[int | None]
    max_completion_tokens: Mapped[int | None]
    price_prompt: Mapped[Decimal | None] = mapped_column(Price)
    price_completion: Mapped[Decimal | None] = mapped_column(Price)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    upstream_created_at: Mapped[datetime | None]
    discovered_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    retired_reason: Mapped[str | None] = mapped_column(OutsideText)


class ModelAlias(Base):
    """Another name a model has been seen under. One name may belong to several models; look-ups
    then say so.
    """

    __tablename__ = "model_aliases"
    __table_args__ = (
        one_of("origin", AliasOrigin),
        UniqueConstraint("model_id", "alias", "origin"),
        Index("ix_model_aliases_alias", "alias"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    alias: Mapped[str] = mapped_column(OutsideText)
    origin: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class ModelPrice(Base):
    """What a model cost from `valid_from` on, in USD per million tokens; `details` holds the other
    price keys.
    """

    __tablename__ = "model_prices"
    __table_args__ = (UniqueConstraint("model_id", "valid_from"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_snapshots.id"), index=True)
    valid_from: Mapped[datetime]
    price_prompt: Mapped[Decimal | None] = mapped_column(Price)
    price_completion: Mapped[Decimal | None] = mapped_column(Price)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
