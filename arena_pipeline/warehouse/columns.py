"""How a column of the store looks in the warehouse: its type there, what it means, and how the
value that arrives is turned into it without losing anything.

What belongs here: one column. Which columns a table has is in `warehouse.tables`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, Double, Integer
from sqlalchemy.types import TypeEngine

from arena_pipeline.store.types import Document, Price, Usd, UtcDateTime

MONEY_DIGITS, MONEY_SCALE = 38, 12
MONEY = f"DECIMAL({MONEY_DIGITS},{MONEY_SCALE})"
"""USD, and USD per million tokens: exact to 1e-12."""

_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class WarehouseColumn:
    """A column of the warehouse; `expression` gives its value in DuckDB's SQL, where `arrived` is
    the row that arrived from the store.
    """

    name: str
    type: str
    comment: str
    expression: str


def stored(column: "Column[object]") -> WarehouseColumn:
    """The warehouse's column for one of the store."""
    comment = (column.doc or "").replace("in 1e-12 USD", "in USD")
    duckdb_type, expression = _form(column.type)
    source = f"arrived.{quoted(column.name)}"
    return WarehouseColumn(column.name, duckdb_type, comment, expression.format(source))


def is_text_document(column: "Column[object]") -> bool:
    """Whether the column holds JSON, which comes as text."""
    return isinstance(column.type, Document)


def quoted(name: str) -> str:
    """A name as SQL writes it, on all three databases."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def literal_path(path: Path) -> str:
    """A file to be read as DuckDB's SQL writes it: `*`, `?` and `[` in a name would be a pattern,
    which files of other folders may match too.
    """
    return literal(_PATTERN.sub(r"[\g<0>]", str(path)))


def _form(kind: TypeEngine[object]) -> tuple[str, str]:
    """Type in DuckDB, and the expression of a value `{}` that arrives for it."""
    for known, duckdb_type, expression in _FORMS:
        if isinstance(kind, known):
            return duckdb_type, expression
    return "VARCHAR", "CAST({} AS VARCHAR)"


_FORMS: tuple[tuple[type[Any], str, str], ...] = (
    (UtcDateTime, "TIMESTAMPTZ", "CAST({} AS TIMESTAMPTZ)"),
    # An integer of 1e-12 USD times 1e-12: a product of decimals is exact, a quotient is not.
    (Usd, MONEY, f"CAST(CAST({{}} AS DECIMAL(19,0)) * 0.000000000001 AS {MONEY})"),
    (Price, MONEY, f"TRY_CAST({{}} AS {MONEY})"),
    # SQLite keeps any text under the name of JSON.
    (Document, "JSON", "coalesce(TRY_CAST({0} AS JSON), to_json({0}))"),
    (Boolean, "BOOLEAN", "CAST({} AS BOOLEAN)"),
    (Date, "DATE", "CAST({} AS DATE)"),
    (Integer, "BIGINT", "CAST({} AS BIGINT)"),
    (Double, "DOUBLE", "CAST({} AS DOUBLE)"),
)
