"""Building the warehouse: `build` reads the store and puts Parquet files and a DuckDB file in
place.

What belongs here: the order of the steps and what may be taken over from the build before. The
steps are in `warehouse.building`.
"""

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Text, column, select, table

from arena_pipeline.logs import logger
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView, arrow_view
from arena_pipeline.store.migrate import VERSION_TABLE
from arena_pipeline.warehouse.building import database
from arena_pipeline.warehouse.building.files import (
    SPILL,
    Layout,
    clear_leftovers,
    locked,
    publish,
    remove_old,
    sync,
)
from arena_pipeline.warehouse.building.parts import PartWriter
from arena_pipeline.warehouse.building.reading import Earlier, Progress, Reader, Reading
from arena_pipeline.warehouse.errors import WarehouseError, interruptible
from arena_pipeline.warehouse.manifest import (
    FORMAT,
    VERSION,
    WarehouseManifest,
    read_manifest,
    write_manifest,
)
from arena_pipeline.warehouse.tables import BUILD, TABLES

__all__ = ["Built", "Progress", "build"]

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made. `tables` holds the rows of each table; `rebuilt` and `kept` count months
    of tables that were read anew and taken over; `seconds` is how long it took, `bytes` the size of
    the DuckDB file. `notes` says what was unusual, `problems` what had to be left out.
    """

    id: str
    path: Path
    parquet: Path
    kind: str
    built_at: datetime
    tables: Mapping[str, int]
    rebuilt: int
    kept: int
    seconds: float
    bytes: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def build(
    store: Store,
    settings: Settings,
    *,
    full: bool = False,
    moves: bool = False,
    progress: Progress | None = None,
    waiting: Callable[[], None] | None = None,
) -> Built:
    """Bring the warehouse up to what the store holds now: months that changed are read anew, all of
    them if `full`. With `moves`, the decisions in replays are read as well.

    Only reads the store, in one view. Safe to repeat: the same store gives the same rows. Safe to
    interrupt: everything is made beside what is there and put in place at the end, by renaming.
    Safe beside readers, who keep what they have open, and beside another build, which is waited for
    (`waiting` is called then). Raises WarehouseError and StoreError; the old warehouse stays.
    """
    started = time.monotonic()
    layout = Layout(settings.warehouse_dir)
    try:
        with interruptible(), locked(layout, waiting):
            clear_leftovers(layout)
            remove_old(layout)
            built_at = datetime.now(UTC)
            name = f"{built_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
            notes: list[str] = []
            with _partial(layout, name) as folder:
                with arrow_view(store) as view:
                    revision = _revision(view)
                    earlier = None if full else _earlier(layout, revision, notes)
                    reading = _read(
                        store, view, settings, folder, earlier, moves, progress or _nobody
                    )
                manifest = WarehouseManifest(
                    format=FORMAT,
                    version=VERSION,
                    build=name,
                    built_at=built_at.isoformat(),
                    kind="full" if earlier is None else "incremental",
                    store_revision=revision,
                    spec=SPEC,
                    chains=reading.chains,
                    tables=reading.tables,
                )
                sync(write_manifest(folder / "parquet", manifest))
                _make_database(
                    layout, folder, earlier, manifest, settings.warehouse_memory_mb, notes
                )
                publish(layout, name)
            remove_old(layout)
    except OSError as error:
        raise WarehouseError(
            f"Can't write the warehouse {error.filename or layout.root}: "
            f"{error.strerror or error}; free space or permissions there are needed. "
            "What was there is unchanged"
        ) from error
    made = Built(
        id=name,
        path=layout.database,
        parquet=layout.parquet,
        kind=manifest.kind,
        built_at=built_at,
        tables=manifest.rows(),
        rebuilt=reading.rebuilt,
        kept=reading.kept,
        seconds=time.monotonic() - started,
        bytes=layout.database.stat().st_size,
        notes=(*notes, *reading.notes),
        problems=tuple(reading.problems),
    )
    _LOG.info(
        "warehouse built",
        build=made.id,
        kind=made.kind,
        rebuilt=made.rebuilt,
        kept=made.kept,
        problems=len(made.problems),
        seconds=round(made.seconds, 3),
    )
    return made


@contextmanager
def _partial(layout: Layout, name: str) -> Iterator[Path]:
    """The folder of a build under way, gone again if it fails; a killed one leaves it to the next.

    What DuckDB could not do comes as WarehouseError.
    """
    import duckdb

    folder = layout.partial(name)
    (folder / SPILL).mkdir(parents=True)
    try:
        yield folder
    except duckdb.Error as error:
        said = str(error).strip().partition("\n")[0]
        raise WarehouseError(
            f"The warehouse in {layout.root} can't be built: {said}. What was there is unchanged"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(
    store: Store,
    view: ArrowView,
    settings: Settings,
    folder: Path,
    earlier: Earlier | None,
    moves: bool,
    progress: Progress,
) -> Reading:
    writer = PartWriter(folder / "parquet", folder / SPILL, settings.warehouse_memory_mb)
    replays = settings.replay_dir if moves else None
    try:
        return Reader(store, view, writer, earlier, replays, progress).read()
    except WarehouseError as error:
        # What failed while rows were streamed comes in DuckDB's words.
        if view.failure is not None:
            raise view.failure from error
        raise
    finally:
        writer.close()


def _earlier(layout: Layout, revision: str, notes: list[str]) -> Earlier | None:
    """The build before, if this program made it from a store with the same tables."""
    folder = layout.current()
    if folder is None:
        return None
    try:
        manifest = read_manifest(folder / "parquet")
    except WarehouseError as error:
        notes.append(f"Built in full: {error}")
        return None
    if (manifest.spec, manifest.store_revision) != (SPEC, revision):
        notes.append("Built in full: the tables have changed since the last build")
        return None
    return Earlier(folder, manifest)


def _make_database(
    layout: Layout,
    folder: Path,
    earlier: Earlier | None,
    manifest: WarehouseManifest,
    memory_mb: int,
    notes: list[str],
) -> None:
    file, parquet = folder / layout.database.name, folder / "parquet"
    if earlier is not None:
        if not database.is_sealed(earlier.folder, layout.database):
            notes.append(
                f"{layout.database.name} was missing or altered and is made anew from Parquet"
            )
        elif database.update(file, layout.database, parquet, earlier.manifest, manifest, memory_mb):
            database.seal(folder, file)
            return
        else:
            notes.append(
                f"{layout.database.name} could not be built upon and is made anew from Parquet"
            )
    database.create(file, parquet, manifest, memory_mb)
    database.seal(folder, file)


def _revision(view: ArrowView) -> str:
    version = table(VERSION_TABLE, column("version_num", Text))
    return ", ".join(view.stream(select(version)).read_all().column(0).to_pylist())


def _nobody(done: int, total: int | None) -> None:
    """Progress that nobody looks at."""


def _spec() -> str:
    shape = [
        (one.name, one.comment, one.joins, one.order, *map(repr, one.columns))
        for one in (*TABLES.values(), BUILD)
    ]
    return hashlib.sha256(repr(shape).encode()).hexdigest()


SPEC = _spec()
"""Digest of the shape of all tables: with another shape nothing can be taken over."""
