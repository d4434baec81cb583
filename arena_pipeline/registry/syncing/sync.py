"""Taking a catalog over into the store: believed or refused as a whole, in one transaction, quiet
when nothing is new.

Safe to repeat, safe twice at once, safe to kill: the file is kept first, then everything else is
written together under the registry's lock. Reading the catalog is in `catalog.snapshot`, what
changed in `registry.syncing.comparison`, the rows in `registry.syncing.listing`; where the catalog
comes from (network, file, sample) in `registry.syncing.refresh`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, update

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.errors import CatalogError, CatalogRefused
from arena_pipeline.catalog.snapshot import Catalog, parse
from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.syncing import comparison, listing, snapshots
from arena_pipeline.registry.syncing.report import SyncReport
from arena_pipeline.registry.syncing.snapshots import Snapshot
from arena_pipeline.registry.syncing.versions import version_agents
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogSnapshot

MAX_DROP = 0.25
"""Share of the listed models that may be missing from the next catalog before it is refused."""

FLIP_WINDOW = timedelta(days=7)
"""How long ago a price may have been in force for going back to it to be a flip."""

_TICK = timedelta(microseconds=1)
_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a catalog came from, and the gateway its models are called at."""

    source: str
    fetched_at: datetime
    etag: str | None
    is_sample: bool
    gateway: str


@dataclass(frozen=True, slots=True)
class _Terms:
    """How a catalog is judged; `accepted_by` is who believes any drop, if somebody does."""

    max_drop: float
    flip_window: timedelta
    accept_drop: bool
    accepted_by: By | None


def sync_catalog(
    store: Store,
    body: bytes,
    *,
    source: str,
    fetched_at: datetime,
    catalog_dir: Path,
    is_sample: bool = False,
    accept_drop: bool = False,
    accepted_by: By | None = None,
    max_drop: float = MAX_DROP,
    flip_window: timedelta = FLIP_WINDOW,
    etag: str | None = None,
    gateway: str = OPENROUTER,
) -> SyncReport:
    """Take over the catalog in `body`, fetched from `source` at `fetched_at` (UTC), whose models
    are called at `gateway`.

    New models come in inactive; vanished ones are marked removed and come back as themselves;
    prices and names get their history; a price that was in force within `flip_window` before is a
    flip; another model behind a known slug makes new versions of the agents that play with it. The
    same content again only notes that the models were seen.
    A sample is no observation: the first real catalog after it is compared with nothing (so it
    can't "lose" models, and all of its models are `added`), and prices are on record from then on.

    Raises CatalogUnreadable, or CatalogRefused if it lists nothing or misses more than `max_drop`
    of the models listed so far (unless `accept_drop`; it is in the audit then who accepted it, if
    `accepted_by` tells). Then nothing is changed; the file is kept
    and the refusal written down.
    """
    origin = _Origin(source, fetched_at, etag, is_sample, gateway)
    terms = _Terms(max_drop, flip_window, accept_drop, accepted_by)
    catalog = None
    try:
        catalog = parse(body)
        if not catalog.models:
            raise CatalogRefused.empty(len(catalog.skipped))
        with store.read() as connection:
            quiet = _is_same(snapshots.newest(connection, accepted=True), catalog, is_sample)
        file = None if quiet else archive.keep(catalog_dir, body)
        with registry_write(store) as connection:
            last = snapshots.newest(connection, accepted=True)
            if last and _is_same(last, catalog, is_sample):
                return _seen_again(connection, last, catalog, origin)
            if is_sample and last and not last.is_sample:
                raise CatalogRefused.sample_after_real()
            file = file or archive.keep(catalog_dir, body)
            report = _take_over(connection, last, catalog, origin, file.name, terms)
        changes = sum(1 for _ in report.diff.changes())
        _LOG.info("catalog taken over", source=source, models=report.models, changes=changes)
        return report
    except CatalogError as error:
        _LOG.warning("catalog refused", source=source, reason=str(error))
        _write_refusal(store, error, body, catalog, origin, archive.keep(catalog_dir, body))
        raise


def note_unchanged(store: Store, at: datetime, *, gateway: str = OPENROUTER) -> SyncReport:
    """The catalog's server says that the last accepted catalog still holds: note that its models
    were seen at `at`, and are called at `gateway`.
    """
    with registry_write(store) as connection:
        last = snapshots.newest(connection, accepted=True)
        if last is None:
            raise CatalogError(
                "The catalog answered 'not modified' before anything was known of it"
            )
        listing.mark_all_seen(connection, at)
        listing.call_at(connection, gateway)
        return _report_of(last, at)


def _is_same(last: Snapshot | None, catalog: Catalog, is_sample: bool) -> bool:
    return last is not None and last.digest == catalog.digest and last.is_sample == is_sample


def _seen_again(
    connection: Connection, last: Snapshot, catalog: Catalog, origin: _Origin
) -> SyncReport:
    listing.mark_all_seen(connection, origin.fetched_at)
    listing.call_at(connection, origin.gateway)
    if origin.etag and origin.source == last.source and origin.etag != last.etag:
        this_row = CatalogSnapshot.id == last.id
        connection.execute(update(CatalogSnapshot).where(this_row).values(etag=origin.etag))
    return _report_of(last, origin.fetched_at, catalog)


def _report_of(last: Snapshot, at: datetime, catalog: Catalog | None = None) -> SyncReport:
    _LOG.info("catalog unchanged", source=last.source, models=last.models)
    return SyncReport(
        last.digest, at, last.models, last.id, last.file,
        skipped=catalog.skipped if catalog else (), changed=False, is_sample=last.is_sample,
    )  # fmt: skip


def _take_over(
    connection: Connection,
    last: Snapshot | None,
    catalog: Catalog,
    origin: _Origin,
    file: str,
    terms: _Terms,
) -> SyncReport:
    known = listing.known_models(connection, catalog.models.keys())
    before = comparison.listed(known, last)
    missing = before.keys() - catalog.models.keys() - catalog.unread
    is_drop = len(missing) > terms.max_drop * len(before)
    if is_drop and not terms.accept_drop:
        raise CatalogRefused.lost_too_many(len(missing), len(before), terms.max_drop)

    looked_at = comparison.last_look(known) if last and not last.is_sample else None
    at = _moment_of(looked_at, origin)
    then = comparison.comparable(catalog, before, known)
    repriced = comparison.repriced(catalog, then)
    recent = listing.prices_since(connection, repriced, at - terms.flip_window)
    difference = comparison.compare(catalog, then, known, recent)
    models = catalog.models.values()
    repointed = {change.slug for change in difference.repointed}
    ids = listing.write_models(
        connection, models, known, repointed=repointed, at=at, gateway=origin.gateway
    )
    listing.call_at(connection, origin.gateway)
    present = catalog.models.keys() | (catalog.unread & before.keys())
    listing.mark_seen(connection, [ids[slug] for slug in present], at)
    gone = [
        m
        for slug, m in known.items()
        if m.can_be_removed and not m.removed_at and slug not in present
    ]
    listing.mark_removed(connection, [model.id for model in gone], at)
    listing.write_aliases(connection, models, ids, at)
    versioned = version_agents(connection, [ids[slug] for slug in repointed])

    snapshot_id = snapshots.add(
        connection,
        accepted=True,
        digest=catalog.digest,
        file=file,
        models=len(catalog.models),
        added=len(difference.added),
        removed=len(difference.removed),
        returned=len(difference.returned),
        repriced=len(difference.repriced),
        skipped=[row.to_json() for row in catalog.skipped],
        **_columns(origin),
    )
    if not origin.is_sample:
        listing.write_prices(connection, models, known, ids, snapshot_id=snapshot_id, at=at)
    snapshots.add_changes(connection, snapshot_id, difference)
    if is_drop and terms.accepted_by is not None:
        was, now = {"models": len(before)}, {"missing": len(missing), "snapshot": snapshot_id}
        subject = (SubjectKind.CATALOG, origin.source)
        write_audit(connection, terms.accepted_by, "accept-drop", *subject, before=was, after=now)
    return SyncReport(
        catalog.digest, origin.fetched_at, len(catalog.models), snapshot_id, file,
        difference, catalog.skipped, tuple(versioned), is_sample=origin.is_sample,
        notice=" ".join(
            filter(None, (_out_of_order(looked_at, origin), _mostly_unread(catalog, terms)))
        )
        or None,
    )  # fmt: skip


def _moment_of(looked_at: datetime | None, origin: _Origin) -> datetime:
    """From when on this catalog's facts hold: later than the last look at a catalog, also for a
    file that is older.
    """
    return origin.fetched_at if looked_at is None else max(origin.fetched_at, looked_at + _TICK)


def _out_of_order(looked_at: datetime | None, origin: _Origin) -> str | None:
    # Ticks are no time: a file that is named by its day may change on that day.
    if looked_at is None or origin.fetched_at >= looked_at.replace(microsecond=0):
        return None
    return (
        f"This catalog is from {origin.fetched_at:%Y-%m-%d %H:%M}, older than the one before it "
        f"({looked_at:%Y-%m-%d %H:%M}); it was taken as the present state all the same"
    )


def _mostly_unread(catalog: Catalog, terms: _Terms) -> str | None:
    unread, rows = len(catalog.unread), len(catalog.unread) + len(catalog.models)
    if terms.accept_drop or unread <= terms.max_drop * rows:
        return None
    return f"{unread} of {rows} models stand in rows that can't be used; they stay as they were"


def _write_refusal(
    store: Store,
    error: CatalogError,
    body: bytes,
    catalog: Catalog | None,
    origin: _Origin,
    file: Path,
) -> None:
    """Write a refused catalog down, once for the same one in a row."""
    digest = catalog.digest if catalog else hashlib.sha256(body).hexdigest()
    with registry_write(store) as connection:
        last = snapshots.newest(connection)
        if last and (last.digest, last.reason) == (digest, str(error)):
            return
        snapshots.add(
            connection,
            accepted=False,
            reason=str(error),
            digest=digest,
            file=file.name,
            models=len(catalog.models) if catalog else 0,
            skipped=[row.to_json() for row in catalog.skipped] if catalog else [],
            **_columns(origin),
        )


def _columns(origin: _Origin) -> dict[str, object]:
    return {
        "fetched_at": origin.fetched_at,
        "source": origin.source,
        "etag": origin.etag,
        "is_sample": origin.is_sample,
    }
