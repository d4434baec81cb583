"""The one DuckDB file: made of a build's Parquet files, whole or from the file before it.

It holds the rows themselves, so that it can be copied away alone, and is written so that DuckDB 1.5
reads it too.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arena_pipeline.warehouse.building.files import SPILL, sync
from arena_pipeline.warehouse.building.parts import parquet
from arena_pipeline.warehouse.columns import literal, quoted
from arena_pipeline.warehouse.macros import create_macros
from arena_pipeline.warehouse.manifest import PartFacts, WarehouseManifest
from arena_pipeline.warehouse.tables import BUILD, TABLES, WarehouseTable

if TYPE_CHECKING:
    import duckdb

STORAGE_VERSION = "v1.5.0"
"""The oldest DuckDB that is to read the file."""

MOST_SLACK = 0.5
"""Part of the file that may be free blocks before it is made anew."""

_SEAL = "database.json"


class Seal(msgspec.Struct, frozen=True):
    """How the DuckDB file was when it was published: one that looks otherwise is not built upon."""

    bytes: int
    modified_ns: int

    @classmethod
    def of(cls, file: Path) -> "Seal":
        """The file as it is."""
        found = file.stat()
        return cls(found.st_size, found.st_mtime_ns)


def seal(folder: Path, file: Path) -> None:
    """Note in a build's folder how its DuckDB file is."""
    (folder / _SEAL).write_bytes(msgspec.json.encode(Seal.of(file)))


def is_sealed(folder: Path, file: Path) -> bool:
    """Whether the DuckDB file is, untouched, the one that was published with this build."""
    try:
        known = msgspec.json.decode((folder / _SEAL).read_bytes(), type=Seal)
        return known == Seal.of(file)
    except (OSError, msgspec.MsgspecError):
        return False


def create(file: Path, folder: Path, manifest: WarehouseManifest, memory_mb: int) -> None:
    """Make the DuckDB file of a build from its Parquet files in `folder`."""
    with _opened(file, memory_mb) as connection:
        connection.execute("BEGIN")
        for table in (*TABLES.values(), BUILD):
            _create_table(connection, table)
        connection.execute("COMMIT")
        for table in TABLES.values():
            _insert(connection, table, folder, manifest.tables[table.name])
        connection.execute("BEGIN")
        _describe(connection, manifest)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    sync(file)


def update(
    file: Path,
    old: Path,
    folder: Path,
    before: WarehouseManifest,
    manifest: WarehouseManifest,
    memory_mb: int,
) -> bool:
    """Make the DuckDB file of a build from a copy of the one `before`, replacing what differs.

    False, with nothing left, if the old one can't be read or has too much unused room.
    """
    import duckdb

    shutil.copyfile(old, file)
    try:
        with _opened(file, memory_mb) as connection:
            if _slack(connection) > MOST_SLACK:
                fits = False
            else:
                connection.execute("BEGIN")
                for table in TABLES.values():
                    _replace(connection, table, folder, before, manifest)
                _describe(connection, manifest)
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
                fits = True
    except duckdb.Error:
        fits = False
    if not fits:
        for one in (file, file.with_name(f"{file.name}.wal")):
            one.unlink(missing_ok=True)
        return False
    sync(file)
    return True


def _opened(file: Path, memory_mb: int) -> "duckdb.DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(
        str(file),
        config={
            "storage_compatibility_version": STORAGE_VERSION,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(file.parent / SPILL),
            "autoinstall_known_extensions": "false",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    # A table's rows have no order; keeping that of the files takes a third longer.
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _create_table(connection: "duckdb.DuckDBPyConnection", table: WarehouseTable) -> None:
    name = quoted(table.name)
    columns = ", ".join(f"{quoted(one.name)} {one.type}" for one in table.columns)
    connection.execute(f"CREATE TABLE {name} ({columns})")
    connection.execute(f"COMMENT ON TABLE {name} IS {literal(table.comment)}")
    for one in table.columns:
        connection.execute(f"COMMENT ON COLUMN {name}.{quoted(one.name)} IS {literal(one.comment)}")


def _insert(
    connection: "duckdb.DuckDBPyConnection",
    table: WarehouseTable,
    folder: Path,
    parts: Iterable[PartFacts],
) -> None:
    files = [folder / one.file for one in parts]
    if files:
        connection.execute(
            f"INSERT INTO {quoted(table.name)} BY NAME SELECT * FROM {parquet(files)}"  # noqa: S608 - names of ours
        )


def _replace(
    connection: "duckdb.DuckDBPyConnection",
    table: WarehouseTable,
    folder: Path,
    before: WarehouseManifest,
    manifest: WarehouseManifest,
) -> None:
    known = {one.month: one.sha256 for one in before.tables[table.name]}
    now = manifest.tables[table.name]
    new = [one for one in now if known.get(one.month) != one.sha256]
    gone = known.keys() - {one.month for one in now} | known.keys() & {one.month for one in new}
    if not table.is_fact and gone:
        connection.execute(f"DELETE FROM {quoted(table.name)}")  # noqa: S608 - names of ours
    elif gone:
        months = ", ".join(literal(str(month)) for month in sorted(gone, key=str))
        connection.execute(f"DELETE FROM {quoted(table.name)} WHERE month IN ({months})")  # noqa: S608 - names of ours
    _insert(connection, table, folder, new)


def _describe(connection: "duckdb.DuckDBPyConnection", manifest: WarehouseManifest) -> None:
    parts = [part for table, part in manifest.parts() if TABLES[table].is_fact]
    values: dict[str, object] = {
        "id": manifest.build,
        "built_at": manifest.built_at,
        "kind": manifest.kind,
        "store_revision": manifest.store_revision,
        "rows": msgspec.json.encode(manifest.rows()).decode(),
        "months": len({part.month for part in parts}),
    }
    connection.execute(f"DELETE FROM {BUILD.name}")  # noqa: S608 - names of ours
    connection.execute(
        f"INSERT INTO {BUILD.name} BY NAME "
        f"SELECT {', '.join(f'{one.expression} AS {quoted(one.name)}' for one in BUILD.columns)}",
        values,
    )
    create_macros(connection)


def _slack(connection: "duckdb.DuckDBPyConnection") -> float:
    (found,) = connection.execute(
        "SELECT total_blocks, free_blocks FROM pragma_database_size()"
    ).fetchall()
    total, free = found
    return float(free) / float(total) if total else 0.0
