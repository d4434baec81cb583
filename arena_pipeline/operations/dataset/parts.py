"""One month of the dataset being written: a Parquet file for each table that has rows."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena_pipeline.operations.dataset.columns import TABLES, DatasetTable, Type, Value, schema_of
from arena_pipeline.operations.dataset.errors import DatasetError
from arena_pipeline.operations.dataset.history import Month
from arena_pipeline.operations.dataset.manifest import DatasetFile

if TYPE_CHECKING:
    import pyarrow.parquet as pq

UNKNOWN: tuple[int, int] = (0, 0)
"""Year and month in the folders' names where no month is known: what tools take for NULL there is
refused by others.
"""

_ROWS = 20_000
_CHARACTERS = 32 * 2**20
"""Rows, or characters of text, after which a row group goes to the file: what is held in memory."""


def file_of(table: str, month: Month) -> str:
    """Where the rows of a table's month lie within the dataset."""
    year, number = month or UNKNOWN
    return f"{table}/year={year}/month={number:02}/part-0.parquet"


class MonthWriter:
    """Writes one month's rows into `folder`. Used as a context: what was begun is closed."""

    def __init__(self, folder: Path, month: Month) -> None:
        self._parts = {
            name: _Part(folder, file_of(name, month), table) for name, table in TABLES.items()
        }

    def __enter__(self) -> "MonthWriter":
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts.values():
            part.close()

    def add(self, table: str, row: Mapping[str, Value]) -> None:
        """Take down one row with a value for each column of the table."""
        self._parts[table].add(row)

    def finish(self) -> list[DatasetFile]:
        """Have the files on disk; those of tables without rows are not made."""
        return [done for part in self._parts.values() if (done := part.finish()) is not None]


class _Part:
    """One file, written row group by row group."""

    def __init__(self, folder: Path, file: str, table: DatasetTable) -> None:
        self._path, self._file, self._table = folder / file, file, table
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[Mapping[str, Value]] = []
        self._characters = 0
        self._written = 0

    def add(self, row: Mapping[str, Value]) -> None:
        self._rows.append(row)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._rows) >= _ROWS or self._characters >= _CHARACTERS:
            self._flush()

    def finish(self) -> DatasetFile | None:
        self._flush()
        if self._writer is None:
            return None
        self.close()
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = self._path.stat().st_size
        return DatasetFile(self._file, self._table.name, self._written, size, digest)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow as pa

        try:
            table = pa.Table.from_pylist(self._rows, schema_of(self._table))
        except (pa.ArrowException, OverflowError) as error:
            raise DatasetError(
                f"The store has rows for the table {self._table.name} that can't be what their "
                f"columns are: {error}. arena doctor may say more"
            ) from error
        if self._writer is None:
            self._writer = self._begin()
        self._writer.write_table(table)
        self._written += len(self._rows)
        self._rows.clear()
        self._characters = 0

    def _begin(self) -> Any:
        import pyarrow.parquet as pq

        self._path.parent.mkdir(parents=True)
        # Bounds of long texts are as long as these and help nobody.
        bounded = [one.name for one in self._table.columns if one.type is not Type.LONG_TEXT]
        return pq.ParquetWriter(
            self._path, schema_of(self._table), compression="zstd", write_statistics=bounded
        )
