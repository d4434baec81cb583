"""Asking whether the warehouse is behind the store, and whether it is right."""

from sqlalchemy import select

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.arrow import arrow_view
from arena_pipeline.store.tables import Ladder
from arena_pipeline.warehouse.building.files import Layout, locked
from arena_pipeline.warehouse.checking.comparison import Comparison, WarehouseCheck
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.manifest import ChainFacts, WarehouseManifest, read_manifest
from arena_pipeline.warehouse.opening import connect


def behind(store: Store, settings: Settings) -> str | None:
    """Why the warehouse does not show the newest rated matches; None if it does.

    One small query and one file: for looking often. A match that no ladder rates comes with the
    next that one does. Two states of the store never give the same sentence.
    """
    with store.read() as connection:
        present = {
            row.name: ChainFacts(row.name, row.epoch, row.next_sequence - 1, row.chain_head)
            for row in connection.execute(select(Ladder.__table__).order_by(Ladder.name))
        }
    state = ", ".join(f"{one.ladder} {one.epoch}:{one.sequence}" for one in present.values())
    try:
        manifest = _manifest(settings)
    except WarehouseError as error:
        return f"{error} (the store is at {state})"
    if {one.ladder: one for one in manifest.chains} == present:
        return None
    return f"The warehouse of {manifest.built_at} is behind: the store is at {state}"


def check(store: Store, settings: Settings) -> WarehouseCheck:
    """Compare every table, by months where it lies so, between DuckDB, Parquet and store.

    DuckDB and Parquet must hold the same rows. Rows and sums must be the store's wherever the store
    says the same of a month as at the build. Nothing is written; a build under way is waited for,
    so that all files are of one. Raises WarehouseError when there is no warehouse.
    """
    layout = Layout(settings.warehouse_dir)
    _manifest(settings)
    with locked(layout, None):
        manifest, folder = _manifest(settings), layout.parquet.resolve()
        connection = connect(settings)
    with connection, arrow_view(store) as view:
        connection.execute(f"SET memory_limit = '{settings.warehouse_memory_mb}MB'")
        return Comparison(store, view, connection, folder, manifest).run()


def _manifest(settings: Settings) -> WarehouseManifest:
    layout = Layout(settings.warehouse_dir)
    if not layout.parquet.exists():
        raise WarehouseError(f"There is no warehouse in {layout.root} yet; run: arena warehouse")
    return read_manifest(layout.parquet)
