"""Tables of the catalogs fetched: each snapshot, and what changed from one to the next."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base
from arena_pipeline.store.types import OutsideText


class CatalogSnapshot(Base):
    """One fetched catalog, accepted or refused; the file keeps every byte of it."""

    __tablename__ = "catalog_snapshots"
    __table_args__ = (
        Index("ix_catalog_snapshots_accepted", "accepted", "fetched_at"),
        Index("ix_catalog_snapshots_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(
        BIG_ID,
        primary_key=True,
        doc="Row number, ascending in the order in which catalogs were judged.",
    )
    fetched_at: Mapped[datetime] = mapped_column(
        doc="When it was downloaded, or what the name of its file says (UTC)."
    )
    source: Mapped[str] = mapped_column(
        OutsideText, doc="Address without password and query, or name of the file it was read from."
    )
    digest: Mapped[str] = mapped_column(
        doc="SHA-256 (hex) of its lasting content; of its bytes if it can't be read."
    )
    file: Mapped[str | None] = mapped_column(
        doc="Name of the file that keeps its bytes, in the catalog folder; NULL: not kept."
    )
    etag: Mapped[str | None] = mapped_column(
        OutsideText, doc="The server's own mark of this version (HTTP ETag); NULL: it gave none."
    )
    is_sample: Mapped[bool] = mapped_column(
        default=False,
        doc="Whether it is the sample that ships with the project, which sets no price history.",
    )
    accepted: Mapped[bool] = mapped_column(
        doc="Whether it was taken over; false: refused as a whole, nothing was changed."
    )
    reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why it was refused, as a sentence; NULL: it was accepted."
    )
    models: Mapped[int] = mapped_column(
        doc="How many models it lists, rows that can't be used left out."
    )
    added: Mapped[int] = mapped_column(
        default=0, doc="How many models are new in it; those that come back are counted apart."
    )
    removed: Mapped[int] = mapped_column(
        default=0, doc="How many models the catalog before listed and this one does not."
    )
    returned: Mapped[int] = mapped_column(
        default=0, doc="How many models are listed again after they had been removed."
    )
    repriced: Mapped[int] = mapped_column(
        default=0, doc="How many models changed their prompt or completion price."
    )
    skipped: Mapped[list[Any]] = mapped_column(
        default=list, doc="Rows that can't be used: JSON list of row (from 0) and reason."
    )


class CatalogChange(Base):
    """One thing that an accepted snapshot changed about one model."""

    __tablename__ = "catalog_changes"
    __table_args__ = (Index("ix_catalog_changes_slug", "slug", "snapshot_id"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, doc="Row number, ascending.")
    snapshot_id: Mapped[int] = mapped_column(
        ForeignKey("catalog_snapshots.id"),
        index=True,
        doc="The catalog that brought the change (catalog_snapshots.id).",
    )
    slug: Mapped[str] = mapped_column(OutsideText, doc="Slug of the model that changed.")
    kind: Mapped[str] = mapped_column(
        doc="added, removed, returned, repriced, repointed, renamed, limits_changed or expiring."
    )
    before: Mapped[dict[str, Any] | None] = mapped_column(
        doc="What the catalog before said (JSON); NULL: added, removed or returned."
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(
        doc="What this catalog says (JSON); NULL: added, removed or returned."
    )
    is_flip: Mapped[bool] = mapped_column(
        default=False, doc="Whether a repriced model went back to what it cost a few days before."
    )
