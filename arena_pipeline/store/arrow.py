"""Reading the store as Arrow, by ADBC: whole tables, faster than row by row.

What belongs here: one consistent view of the store, from which statement after statement is
streamed. The driver itself runs in a process of its own (`store.arrow_worker`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Boolean, CompoundSelect, Double, Float, Integer, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from arena_pipeline.errors import StoreError
from arena_pipeline.store.engine import BUSY_TIMEOUT_S, Store

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 16_384
"""Rows that SQLite's driver hands over at a time."""

Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

_WORKER = Path(__file__).with_name("arrow_worker.py")
_PATIENCE_S = 5.0
"""How long the worker may take to end once its input has ended."""


class ArrowView:
    """One consistent, read-only view of the store. Streams are read one after the other, each to
    its end.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            # -I: neither the working directory nor PYTHON* variables decide what it imports.
            [sys.executable, "-I", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A terminal's Ctrl-C is for this process, which ends the other by its input.
            process_group=0,
        )
        self._failure: StoreError | None = None
        self._begun = False
        self._ask(_sqlite(store) if store.is_sqlite else _postgresql(store))

    def stream(self, statement: Statement) -> "pa.RecordBatchReader":
        """The rows of `statement` as Arrow batches, columns by its labels: integers (money and
        truth values too) as int64 or smaller, reals as double, all else on SQLite as text.

        Raises StoreError, also while the batches are read.
        """
        import pyarrow as pa

        if not self._begun:
            self._expect(b".")
            self._begun = True
        self._ask({"sql": self.sql(statement)})
        self._expect(b"S")
        source = pa.ipc.open_stream(pa.PythonFile(self._out, mode="r"))
        return pa.RecordBatchReader.from_batches(source.schema, self._batches(source))

    def sql(self, statement: Statement) -> str:
        """What is sent for `statement`. On SQLite a first row fixes the types, which the driver
        would guess from the first rows: nothing but NULLs there would make integers of text.
        """
        dialect = (sqlite if self._store.is_sqlite else postgresql).dialect(paramstyle="named")
        compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        if not self._store.is_sqlite:
            return str(compiled)
        quote_name = dialect.identifier_preparer.quote
        first = ", ".join(
            f"{_example(column.type)} AS {quote_name(column.name)}"
            for column in statement.selected_columns
        )
        return f"SELECT {first} UNION ALL SELECT * FROM ({compiled})"  # noqa: S608 - own words

    @property
    def process_id(self) -> int:
        """The process that reads."""
        return self._process.pid

    @property
    def failure(self) -> StoreError | None:
        """What went wrong while batches were read: whoever read them may have said it in other
        words.
        """
        return self._failure

    def close(self) -> None:
        """End the view; what was not read is lost."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # what it was asked last, a dead process did not take
            self._process.stdin.close()
        self._out.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _out(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _batches(self, source: "pa.RecordBatchReader") -> Iterator["pa.RecordBatch"]:
        drop = int(self._store.is_sqlite)
        for batch in source:
            yield batch.slice(drop) if drop else batch
            drop = 0
        self._expect(b".")

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # reading its answer says that it is gone

    def _expect(self, wanted: bytes) -> None:
        answer = self._out.read(1)
        if answer == wanted:
            return
        if answer == b"E":
            length = int.from_bytes(self._out.read(4), "big")
            reason = self._without_password(self._out.read(length).decode(errors="replace"))
        else:
            reason = "the process that reads it ended"
        self._failure = StoreError(f"The store {self._store.address} can't be read: {reason}")
        raise self._failure

    def _without_password(self, message: str) -> str:
        password = self._store.engine.url.password
        line = message.strip().splitlines()[0] if message.strip() else "no reason given"
        return line.replace(str(password), "***") if password else line


@contextmanager
def arrow_view(store: Store) -> Iterator[ArrowView]:
    """One consistent view of the store for the block, read as Arrow by ADBC.

    Writers neither wait for it nor are seen by it. A killed process leaves nothing. Raises
    StoreError when the store can't be reached.
    """
    view = ArrowView(store)
    try:
        yield view
    finally:
        view.close()


def _sqlite(store: Store) -> dict[str, Any]:
    path = quote(str(Path(store.engine.url.database or "").resolve()))
    return {
        "driver": "sqlite",
        # rw: readers of a file with write-ahead logging need its index; nothing creates a store.
        "uri": f"file:{path}?mode=rw",
        "begin": [
            "PRAGMA query_only = ON",
            f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
            "BEGIN",
            # The view is of the moment of the first read.
            "SELECT count(*) FROM sqlite_schema",
        ],
        "options": {"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)},
    }


def _postgresql(store: Store) -> dict[str, Any]:
    from psycopg import pq
    from psycopg.conninfo import make_conninfo

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    _, given = store.engine.dialect.create_connect_args(store.engine.url)
    return {
        "driver": "postgresql",
        "uri": make_conninfo(**{name: value for name, value in given.items() if name in known}),
        "begin": ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"],
        "options": {},
    }


def _example(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, Integer | Boolean):
        return "0"
    return "0.5" if isinstance(kind, Float | Double) else "''"
