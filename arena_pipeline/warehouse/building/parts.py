"""Making Parquet files from the store's rows: one for a small table, one for each month of a large
one.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from arena_pipeline.warehouse.building.files import sync
from arena_pipeline.warehouse.columns import MONEY, literal, literal_path, quoted
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.manifest import PartFacts
from arena_pipeline.warehouse.tables import TABLES, WarehouseTable

if TYPE_CHECKING:
    import pyarrow as pa

MONTH_TABLES = ("matches", "participants", "ladder_matches")
"""Tables whose rows of the same month others join."""


_FORM = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""Level 3 takes twice as long and gains nothing on digests."""


class PartWriter:
    """Writes Parquet files into `folder`, the new build's, through a DuckDB of its own that keeps
    to `memory_mb` megabytes and spills into `scratch`.
    """

    def __init__(self, folder: Path, scratch: Path, memory_mb: int) -> None:
        import duckdb

        self.folder = folder
        self._duckdb: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        for setting in (
            "TimeZone = 'UTC'",
            f"memory_limit = '{memory_mb}MB'",
            f"temp_directory = {literal(str(scratch))}",
            "autoinstall_known_extensions = false",
            "enable_progress_bar = false",
        ):
            self._duckdb.execute(f"SET {setting}")

    def close(self) -> None:
        """Give its memory back."""
        self._duckdb.close()

    def write(
        self,
        table: WarehouseTable,
        month: str | None,
        arrived: "pa.RecordBatchReader",
        fingerprint: str = "",
    ) -> PartFacts:
        """Write what `arrived` as the file of a table or of one month of it, in the table's order.

        Files that the table joins must be there: those of small tables, and for a month those of
        the same month (see `join_month`). A value that can't be what its column is raises
        WarehouseError.
        """
        import duckdb

        file = file_of(table.name, month)
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        values = ", ".join(
            f"{_placed(one.expression, month)} AS {quoted(one.name)}" for one in table.columns
        )
        order = ", ".join(quoted(name) for name in table.order)
        self._duckdb.register("arrived", arrived)
        try:
            self._duckdb.execute(
                f"COPY (SELECT {values} FROM arrived {table.joins} ORDER BY {order}) "  # noqa: S608 - names of ours
                f"TO {literal(str(path))} ({_FORM})"
            )
        except duckdb.Error as error:
            said = str(error).strip().partition("\n")[0]
            raise WarehouseError(
                f"Table {table.name}{f' of {month}' if month else ''} can't be built: {said}"
            ) from error
        finally:
            self._duckdb.unregister("arrived")
        sync(path)
        return self._facts(table, month, file, fingerprint)

    def join_small(self, table: WarehouseTable) -> None:
        """Let tables that follow join this one, which is in its file."""
        self._see(table.name, self.folder / file_of(table.name, None), "TABLE")

    def join_month(self, month: str) -> None:
        """Let tables that follow join those files of this month that are there."""
        for name in MONTH_TABLES:
            path = self.folder / file_of(name, month)
            if path.exists():
                self._see(name, path, "VIEW")
            else:
                self._nothing(TABLES[name])

    def select(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the files that can be joined."""
        return self._duckdb.execute(sql).fetchall()

    def _see(self, name: str, path: Path, form: str) -> None:
        self._duckdb.execute(
            f"CREATE OR REPLACE {form} {quoted(name)} AS SELECT * FROM {parquet([path])}"  # noqa: S608 - names of ours
        )

    def _nothing(self, table: WarehouseTable) -> None:
        columns = ", ".join(f"NULL::{one.type} AS {quoted(one.name)}" for one in table.columns)
        self._duckdb.execute(
            f"CREATE OR REPLACE VIEW {quoted(table.name)} AS SELECT {columns} WHERE false"
        )

    def _facts(
        self, table: WarehouseTable, month: str | None, file: str, fingerprint: str
    ) -> PartFacts:
        path = self.folder / file
        summed = [one.name for one in table.columns if one.type in ("BIGINT", MONEY)]
        sums = ", ".join(f"CAST(sum({quoted(name)}) AS VARCHAR)" for name in summed)
        (found,) = self.select(f"SELECT count(*) {sums and ', ' + sums} FROM {parquet([path])}")  # noqa: S608 - names of ours
        rows, *totals = found
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return PartFacts(
            file=file,
            month=month,
            rows=int(str(rows)),
            bytes=path.stat().st_size,
            sha256=digest,
            fingerprint=fingerprint,
            sums=_texts(summed, totals),
        )


def file_of(table: str, month: str | None) -> str:
    """Where the file of a table or of one month of it lies within a build's Parquet folder."""
    return f"{table}/part-0.parquet" if month is None else f"{table}/month={month}/part-0.parquet"


def parquet(paths: list[Path]) -> str:
    """Parquet files as DuckDB's SQL names them, one after the other."""
    names = ", ".join(map(literal_path, paths))
    return f"read_parquet([{names}], hive_partitioning = false)"


def _placed(expression: str, month: str | None) -> str:
    return expression.replace("$month", literal(month or ""))


def _texts(names: list[str], values: list[object]) -> dict[str, str | None]:
    return {
        name: None if value is None else str(value)
        for name, value in zip(names, values, strict=True)
    }
