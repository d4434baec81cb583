"""Digests of a store's tables, the same on both databases and in every copy.

A digest is the SHA-256 of lines of JSON: the table's name and columns, then its rows in the order
of the primary key. Moments, days and JSON are text, flags 0 or 1. JSON is written anew, without
blanks, keys sorted and numbers without needless digits, since PostgreSQL keeps neither; zero has no
sign, since SQLite keeps none.
"""

import hashlib
from collections.abc import Callable
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from arena_pipeline.store.copying.rows import Row, Rows, read_rows
from arena_pipeline.store.copying.shapes import Shape, quoted, shapes
from arena_pipeline.store.engine import Store
from arena_pipeline.store.migrate import known_version

Progress = Callable[[int, int], None]
"""Rows done, rows in all."""

REMEMBERED = 200
"""Characters of JSON up to which it is likely to come again."""

_LONGEST = 1000
"""Digits before the point of a number in JSON that is written out."""


class TableDigest(NamedTuple):
    """A table's content in short: how many rows, and their SHA-256 (hex)."""

    rows: int
    sha256: str


class RowDigest:
    """The digest of one table, grown by batches of rows as `read_rows` gives them."""

    def __init__(self, shape: Shape) -> None:
        self._plain = shape.plain
        self._has_json = shape.plain < len(shape.columns)
        self._rows = 0
        self._hash = hashlib.sha256()
        head = [shape.table, *(column.name for column in shape.columns)]
        self._hash.update(_LINES.encode_lines([head]))

    def add(self, rows: Rows) -> None:
        """Take in the next rows."""
        self._rows += len(rows)
        if self._has_json:
            plain = self._plain
            rows = [row[:plain] + tuple(map(canonical_json, row[plain:])) for row in rows]
        lines = _LINES.encode_lines(rows)
        if b"-0.0" in lines:
            lines = _LINES.encode_lines([_unsigned(row) for row in rows])
        self._hash.update(lines)

    def done(self) -> TableDigest:
        """The digest of all rows so far."""
        return TableDigest(self._rows, self._hash.hexdigest())


def store_digests(store: Store, progress: Progress | None = None) -> dict[str, TableDigest]:
    """The digest of every table, in the order in which they refer to each other, from one
    consistent view. Reads only; writers are not kept waiting.

    Raises StoreError for a store that was never migrated, or by a newer version of this program.
    """
    with store.read() as connection:
        return connection_digests(connection, shapes(known_version(connection, store)), progress)


def connection_digests(
    connection: Connection, tables: tuple[Shape, ...], progress: Progress | None = None
) -> dict[str, TableDigest]:
    """The same for these tables as one transaction sees them."""
    total = sum(count_rows(connection, shape) for shape in tables) if progress else 0
    done = 0
    found = {}
    for shape in tables:
        digest = RowDigest(shape)
        for rows in read_rows(connection, shape):
            digest.add(rows)
            done += len(rows)
            if progress:
                progress(done, total)
        found[shape.table] = digest.done()
    return found


def store_digest(tables: dict[str, TableDigest]) -> str:
    """One SHA-256 (hex) over the digests of all tables, in the order of their names."""
    lines = [[name, *tables[name]] for name in sorted(tables)]
    return hashlib.sha256(_LINES.encode_lines(lines)).hexdigest()


def count_rows(connection: Connection, shape: Shape) -> int:
    """How many rows a table has."""
    return int(connection.scalar(text(f"SELECT COUNT(*) FROM {quoted(shape.table)}")) or 0)  # noqa: S608 - names of ours


def canonical_json(document: str | None) -> str | None:
    """JSON text in one form, whichever way the same value was written; None is NULL.

    What is no JSON, such as NaN, comes back as it is.
    """
    if document is None:
        return None
    return _remembered(document) if len(document) <= REMEMBERED else _canonical(document)


def _canonical(document: str) -> str:
    try:
        return _SORTED.encode(_PARSED.decode(document)).decode()
    except (msgspec.DecodeError, UnicodeEncodeError):
        return document


def _number(digits: str) -> int | Decimal:
    """A number with point or exponent: as an integer if it is one, else without trailing zeros."""
    number = Decimal(digits).normalize(_EXACT)
    if number.as_tuple().exponent < 0 or number.adjusted() > _LONGEST:  # type: ignore[operator]
        return number
    return int(number)


def _unsigned(row: Row) -> tuple[Any, ...]:
    return tuple(0.0 if isinstance(one, float) and one == 0 else one for one in row)


_EXACT = Context(prec=2 * _LONGEST, Emin=-_LONGEST * 10, Emax=_LONGEST * 10)
_LINES = msgspec.json.Encoder()
_SORTED = msgspec.json.Encoder(order="sorted", decimal_format="number")
_PARSED = msgspec.json.Decoder(float_hook=_number)
_remembered = lru_cache(maxsize=10_000)(_canonical)
