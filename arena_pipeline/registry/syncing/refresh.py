"""Bringing the registry up to date from wherever a catalog can be had: network, else what is known,
else the sample.

What belongs here: choosing the source and saying so. Taking a catalog over is in
`registry.syncing.sync`.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.client import NotModified, fetch, shown
from arena_pipeline.catalog.errors import CatalogUnreachable, CatalogUnreadable
from arena_pipeline.catalog.snapshot import parse
from arena_pipeline.registry.acts.audit import By
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.syncing import snapshots
from arena_pipeline.registry.syncing.report import SyncReport
from arena_pipeline.registry.syncing.snapshots import Snapshot
from arena_pipeline.registry.syncing.sync import FLIP_WINDOW, MAX_DROP, note_unchanged, sync_catalog
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


def sync_from_network_or_sample(
    store: Store, settings: Settings, *, accept_drop: bool = False, accepted_by: By | None = None
) -> SyncReport:
    """Fetch the catalog of `settings.catalog_url` and take it over; with `accept_drop`, also one
    that lacks many known models, because of `accepted_by`.

    If nobody answers, the store keeps what it knows, and a store that knows nothing yet gets the
    sample catalog; the report's `notice` says so. Whoever answers with something else than a
    catalog makes this raise CatalogUnreadable or CatalogRefused, and nothing is changed.
    """
    last = snapshots.last_accepted(store)
    source = shown(settings.catalog_url)
    try:
        answer = fetch(
            settings.catalog_url,
            timeout_s=settings.catalog_timeout_s,
            max_bytes=int(settings.catalog_max_mb * 1e6),
            retries=settings.catalog_retries,
            etag=last.etag if last and last.source == source and not last.is_sample else None,
        )
    except CatalogUnreachable as error:
        return _without_network(store, settings, last, str(error))
    now = datetime.now(UTC)
    if isinstance(answer, NotModified):
        return note_unchanged(store, now, gateway=settings.catalog_gateway)
    return sync_catalog(
        store,
        answer.body,
        source=source,
        fetched_at=now,
        catalog_dir=settings.catalog_dir,
        etag=answer.etag,
        gateway=settings.catalog_gateway,
        accept_drop=accept_drop,
        accepted_by=accepted_by,
        max_drop=settings.catalog_max_drop,
        flip_window=timedelta(days=settings.price_flip_days),
    )


def sync_from_file(
    store: Store,
    file: Path,
    *,
    catalog_dir: Path,
    accept_drop: bool = False,
    accepted_by: By | None = None,
    max_drop: float = MAX_DROP,
    flip_window: timedelta = FLIP_WINDOW,
    max_bytes: int = archive.MOST_BYTES,
    gateway: str = OPENROUTER,
) -> SyncReport:
    """Take over the catalog in `file`, dated by the file's name.

    Raises CatalogUnreadable for a file that is none or holds more than `max_bytes`, else as
    `sync_catalog` does.
    """
    return sync_catalog(
        store,
        archive.load(file, max_bytes),
        source=file.name,
        fetched_at=archive.time_of(file),
        catalog_dir=catalog_dir,
        accept_drop=accept_drop,
        accepted_by=accepted_by,
        max_drop=max_drop,
        flip_window=flip_window,
        gateway=gateway,
    )


def _without_network(
    store: Store, settings: Settings, last: Snapshot | None, reason: str
) -> SyncReport:
    if last is not None:
        what = "the sample catalog" if last.is_sample else "the catalog"
        return SyncReport(
            last.digest,
            last.fetched_at,
            last.models,
            last.id,
            last.file,
            changed=False,
            is_sample=last.is_sample,
            reachable=False,
            notice=f"Catalog not reachable, using {what} of {last.fetched_at:%Y-%m-%d} ({reason})",
        )
    body = archive.load(settings.sample_catalog)
    sampled_on = parse(body).sampled_on
    if sampled_on is None:
        raise CatalogUnreadable(
            f"The sample catalog {settings.sample_catalog} has no date 'sampled_on'"
        )
    report = sync_catalog(
        store,
        body,
        source=settings.sample_catalog.name,
        fetched_at=datetime.combine(sampled_on, time(), UTC),
        catalog_dir=settings.catalog_dir,
        is_sample=True,
        gateway=settings.catalog_gateway,
    )
    return replace(
        report,
        reachable=False,
        notice=f"Catalog not reachable, using the sample catalog of {sampled_on} with "
        f"{report.models} models; prices may be out of date ({reason})",
    )
