"""Asking the warehouse in SQL: questions only, and only to it.

What belongs here: what may be asked, and turning DuckDB's answers and errors into ours. How answers
look is the faces' business.
"""

import json
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from arena_pipeline.registry.names import nearest
from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.columns import literal
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.heeding import heeding
from arena_pipeline.warehouse.opening import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Parameters = Sequence[object] | Mapping[str, object]
"""Values for the ? or $name of a statement."""

_ASKS = frozenset({"SELECT"})
_COPIES = frozenset({"COPY"})
"""Statements that reach files, as far as they are allowed at all."""

_COMMENTS = r"(?:\s|--[^\n]*(?:\n|$))*"
_EXPLAIN = re.compile(_COMMENTS + r"EXPLAIN\b\s*(?:ANALYZE\b|\([^()]*\))?", re.IGNORECASE)
_PIVOT = re.compile(_COMMENTS + r"(?:PIVOT|FROM|SELECT|WITH)\b", re.IGNORECASE)

_HINT_LINES = 6
"""Lines of a hint that are shown: what a function can be called with goes on and on."""

_NO_FILES = "file system operations are disabled"


class QueryError(WarehouseError):
    """A statement that can't be answered: what is wrong, where, and what may have been meant."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer, with DuckDB's name of its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave. `more`: there are rows beyond the limit that was set."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    more: bool = False


class Asking:
    """An open warehouse to ask. It keeps the build it opened until `renew` finds a newer one.

    Nothing can be written to it. SQL reaches no other file and no network; `files` lets it read
    files and COPY answers into them. One thread at a time.
    """

    def __init__(self, settings: Settings, *, files: bool = False) -> None:
        """Open the newest warehouse. Raises WarehouseError saying how to make one."""
        self._settings, self._files = settings, files
        self._connection, self._build = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def renew(self) -> bool:
        """Open the newest build if another is open, and say whether it was.

        Where none is left, what is open stays. Raises WarehouseError when the newest can't be read.
        """
        if _mark(self._path) in (None, self._build):
            return False
        connection, build = self._open()
        self._connection.close()
        self._connection, self._build = connection, build
        return True

    def statements(self, sql: str) -> list[str]:
        """The single statements of a text. Raises QueryError if it is none, or if one of them is no
        question.
        """
        with self._explained(sql):
            found = self._connection.extract_statements(sql)
        for one in found:
            self._allow(one.type.name, one.query)
        return [one.query for one in found]

    def ask(
        self, statement: str, parameters: Parameters | None = None, *, limit: int | None = None
    ) -> Answer:
        """The answer to one statement, its first `limit` rows (None: all).

        Raises QueryError; KeyboardInterrupt when Ctrl-C stopped it.
        """
        single = self._single(statement)

        def answer() -> Answer:
            result = self._connection.execute(single, parameters)
            columns = tuple(
                Column(one[0], str(one[1]).strip('"')) for one in result.description or ()
            )
            if limit is None:
                return Answer(columns, result.fetchall())
            rows = result.fetchmany(limit + 1)
            return Answer(columns, rows[:limit], len(rows) > limit)

        with self._explained(statement):
            return heeding(answer, self._connection.interrupt)

    def frame(self, statement: str, parameters: Parameters | None = None) -> "pd.DataFrame":
        """The answer to one statement as a frame: decimals as floats, times in UTC. Raises as
        `ask`.
        """
        import pyarrow as pa

        single = self._single(statement)
        with self._explained(statement):
            table = heeding(
                lambda: self._connection.sql(single, params=parameters).to_arrow_table(),
                self._connection.interrupt,
            )
        # DuckDB's own way to a frame uses what pandas is about to take away.
        found: pd.DataFrame = table.to_pandas()
        for field in table.schema:
            if pa.types.is_decimal(field.type):
                found[field.name] = found[field.name].astype("float64")
        return found

    def _single(self, sql: str) -> str:
        match self.statements(sql):
            case [single]:
                return single
            case found:
                raise QueryError(f"One statement is asked at a time, and these are {len(found)}")

    def _allow(self, kind: str, text: str) -> None:
        """Raise QueryError unless the statement only asks.

        A file that is open for reading can still be overwritten by COPY, in SQL's own name for it;
        so what may be run is decided here and not left to DuckDB's settings.
        """
        if kind == "EXPLAIN" and (match := _EXPLAIN.match(text)):
            with self._explained(text[match.end() :]):
                explained = self._connection.extract_statements(text[match.end() :])
            kind = explained[0].type.name if len(explained) == 1 else kind
        if kind == "MULTI" and _PIVOT.match(text):
            return
        if kind in _COPIES and not self._files:
            raise QueryError("COPY writes files; say --files to let SQL read and write them")
        if kind not in _ASKS | _COPIES:
            raise QueryError(
                f"{kind} is no question: the warehouse is only asked (SELECT, FROM, WITH, "
                "DESCRIBE, SUMMARIZE, SHOW, PIVOT, EXPLAIN). To work on a copy of your own: "
                "copy the file and open it with duckdb"
            )

    @property
    def _path(self) -> Path:
        return self._settings.warehouse_dir / "arena.duckdb"

    def _open(self) -> "tuple[duckdb.DuckDBPyConnection, tuple[int, int] | None]":
        # Looked at before it is opened: if it is replaced in between, `renew` opens it once more.
        build = _mark(self._path)
        connection = connect(self._settings)
        # Made and removed by DuckDB if it needs room; nobody else can lay something there before.
        spill = Path(tempfile.gettempdir()) / f"arena-sql-{secrets.token_hex(8)}"
        connection.execute(f"SET temp_directory = {literal(str(spill))}")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET autoload_known_extensions = false")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET errors_as_json = true")
        if not self._files:
            connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection, build

    @contextmanager
    def _explained(self, sql: str) -> Iterator[None]:
        """Turn DuckDB's errors into sentences."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            raise QueryError(self._explain(str(error), sql)) from error
        except RuntimeError as error:
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise

    def _explain(self, said: str, sql: str) -> str:
        """What DuckDB said: where it is, what is wrong, what may have been meant."""
        try:
            told = json.loads(said[said.index("{") :])
        except ValueError:
            # A relation's error comes as text, place and all.
            told = {"exception_message": re.sub(r"\n\s*\n", "\n", said.strip())}
        message, _, hints = str(told.get("exception_message", said)).partition("\n")
        if _NO_FILES in message:
            return f"{message.partition(' - ')[0]}: SQL reaches no files; say --files to let it"
        if told.get("error_subtype") == "MISSING_ENTRY" and "name" in told:
            hints = nearest(str(told["name"]), self._names()).removeprefix("; ")
        lines = [message, *hints.splitlines()[:_HINT_LINES]]
        sentence = "\n".join(line for line in lines if line).rstrip("!")
        return f"{sentence}{_place(told.get('position'), sql)}"

    def _names(self) -> list[str]:
        """What tables, views and macros are called; empty where even that can't be told."""
        import duckdb

        try:
            found = self._connection.execute("SELECT name FROM guide").fetchall()
        except duckdb.Error:
            return []
        return [str(name) for (name,) in found]


def _mark(path: Path) -> tuple[int, int] | None:
    """What tells one published file from another; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _place(position: str | None, sql: str) -> str:
    """The line that the error is in, with a mark under the place; nothing if it is not known."""
    if position is None or not position.isdigit():
        return ""
    # DuckDB counts bytes.
    before = sql.encode()[: int(position)].decode(errors="ignore")
    line = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1)
    shown = sql.splitlines()[line] if sql else ""
    return f"\nline {line + 1}, column {column + 1}:\n  {shown}\n  {' ' * column}^"
