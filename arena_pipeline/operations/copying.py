"""Moving an arena to another database, as a person asks for it: its store copied, the act noted.

How rows cross is `store.copying`. Replays and catalog files are no part of the store and stay where
they are.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.errors import StoreError
from arena_pipeline.logs import logger
from arena_pipeline.masking import mask_secrets
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.copying import TableDigest, check_target, copy_store
from arena_pipeline.store.copying.digests import Progress
from arena_pipeline.store.migrate import known_version

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class ArenaCopy:
    """What was copied: from where, whereto (both without passwords), as it was when it began, and
    each table's rows and digest.
    """

    source: str
    target: str
    began: datetime
    revision: str
    tables: dict[str, TableDigest]


def copy_arena(
    store: Store,
    url: str,
    by: By,
    *,
    named: str = "The target",
    progress: Progress | None = None,
) -> ArenaCopy:
    """Copy the store to the empty database at `url`; `named` is what that address is called in what
    is said of it. Writers of the store go on meanwhile; what they write is not in the copy.

    The act is noted in the store before it is copied, so that both tell it and stay alike; a copy
    that fails after that leaves the note, and may be repeated. Raises StoreError, with nothing
    copied.
    """
    target = open_store(url, named)
    try:
        if _is_same(store, target):
            raise StoreError(
                f"{named} is the store itself ({store.address}); name another database"
            )
        with store.read() as connection:
            revision = known_version(connection, store)
        check_target(target, revision)
        began = datetime.now(UTC)
        shown = mask_secrets(url)
        with store.write() as connection:
            write_audit(
                connection,
                by,
                "copy",
                SubjectKind.STORE,
                shown,
                before={"address": store.address},
                after={"address": shown},
            )
        copied = copy_store(store, target, progress)
        _LOG.info("store copied", source=store.address, target=shown, rows=copied.rows, by=by.actor)
        return ArenaCopy(store.address, shown, began, copied.revision, copied.tables)
    finally:
        target.close()


def _is_same(one: Store, other: Store) -> bool:
    """Whether two stores are the same file, or the same database by its address."""
    if one.is_sqlite != other.is_sqlite:
        return False
    if one.is_sqlite:
        files = [Path(str(store.engine.url.database)) for store in (one, other)]
        return all(file.exists() for file in files) and files[0].samefile(files[1])
    places = [
        (url.host, url.port or 5432, url.database) for url in (one.engine.url, other.engine.url)
    ]
    return places[0] == places[1]
