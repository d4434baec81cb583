"""Opening the store an arena's settings name: prepared and migrated, or only if it is ready."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from arena_pipeline.errors import NoArenaYet, StoreError
from arena_pipeline.logs import logger
from arena_pipeline.settings import Settings
from arena_pipeline.store.engine import Store, normalise_url, open_store
from arena_pipeline.store.migrate import check_version, migrate

_LOG = logger(__name__)

RESTORING = ".restoring"
"""Folder in the data folder in which a backup is unpacked until all of it is in its place."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An open store, the migrations that were applied to it just now, and the file that keeps it as
    it was before them; None: nothing was migrated, or the store was empty.
    """

    store: Store
    applied: list[str]
    snapshot: Path | None = None

    @property
    def told(self) -> str | None:
        """What a person should know of it; None: nothing."""
        if self.snapshot is None:
            return None
        return (
            f"The store was migrated to version {self.applied[-1]}; as it was before, it is kept "
            f"in {self.snapshot}"
        )


def prepare_store(settings: Settings) -> Prepared:
    """Make the data folder, open the store and migrate it, keeping it as it was in the folder for
    backups. Safe to repeat and beside others.

    Raises StoreError, naming the folder or store, when it can't be written, reached, kept, or is
    from a newer version.
    """
    prepare_folder(settings)
    store = open_store(settings.store_url)
    kept: list[Path] = []

    def keep(connection: Connection, present: str, revision: str) -> None:
        from arena_pipeline.store.copying.snapshots import snapshot_before

        kept.append(snapshot_before(store, connection, settings.backups, present, revision))

    try:
        applied = migrate(store, before=keep)
    except StoreError:
        store.close()
        raise
    snapshot = kept[0] if kept else None
    if applied:
        _LOG.info("store migrated", store=store.address, to=applied[-1], kept_in=snapshot)
    return Prepared(store, applied, snapshot)


def open_ready_store(settings: Settings) -> Store:
    """Open a store that is there and at this program's version. Raises NoArenaYet where there is
    none, StoreError for another one, both saying how to get one.
    """
    address = normalise_url(settings.store_url)
    if address.drivername == "sqlite" and not Path(address.database or "").is_file():
        where = settings.root if settings.database_url is None else address.database
        raise NoArenaYet(f"There is no arena in {where} yet; run: arena up --no-serve")
    store = open_store(settings.store_url)
    try:
        check_version(store)
    except StoreError:
        store.close()
        raise
    return store


def prepare_folder(settings: Settings) -> None:
    """Make the data folder and try that it can be written. Raises StoreError, also where a restore
    is under way or was killed.
    """
    if (settings.root / RESTORING).exists():
        raise StoreError(
            f"A restore into {settings.root} is under way or was interrupted; run arena restore "
            f"again, or remove {settings.root / RESTORING} to begin without the backup"
        )
    try:
        settings.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.root) as file:
            file.write(b"\0")
    except OSError as error:
        raise StoreError(
            f"The data folder {settings.root} can't be written ({error.strerror}); "
            "give it the right permissions or set ARENA_DATA_DIR to another one"
        ) from error
