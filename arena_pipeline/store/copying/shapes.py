"""What the tables of a revision look like, and how both databases are asked for the same values.

The revision itself says it: it is made in memory, empty, and looked at. So tables of others in the
same database (Dagster's, say) are left alone, and older revisions are understood like the newest.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Inspector, create_engine, inspect, types

from arena_pipeline.store.migrate import VERSION_TABLE, upgrade


class Form(StrEnum):
    """What a column holds, as far as the databases say it in different ways."""

    PLAIN = "plain"
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    JSON = "json"


_FORMS: tuple[tuple[type[types.TypeEngine[Any]], Form], ...] = (
    (types.JSON, Form.JSON),
    (types.DateTime, Form.MOMENT),
    (types.Date, Form.DAY),
    (types.Boolean, Form.FLAG),
    (types.String, Form.TEXT),
)

_POSTGRESQL = {
    Form.MOMENT: "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    Form.DAY: "to_char({}, 'YYYY-MM-DD')",
    Form.FLAG: "CAST({} AS integer)",
    Form.JSON: "CAST({} AS text)",
}
_SQLITE = {Form.JSON: "CAST({} AS text)"}
"""A bare number in a column of JSON is kept as a number there."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name and what it holds."""

    name: str
    form: Form


@dataclass(frozen=True, slots=True)
class Shape:
    """One table: its columns, those of JSON last, and its primary key."""

    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def plain(self) -> int:
        """How many columns stand before the first one of JSON."""
        return sum(column.form is not Form.JSON for column in self.columns)

    @property
    def names(self) -> str:
        """The columns as SQL lists them."""
        return ", ".join(quoted(column.name) for column in self.columns)

    def select(self, *, of_sqlite: bool) -> str:
        """SQL for all rows in the order of the primary key, text in the order of its bytes.

        Both databases answer alike: text of a moment (UTC, to the microsecond), of a day and of
        JSON, 0 or 1 for a flag, and numbers and text as they are.
        """
        said = _SQLITE if of_sqlite else _POSTGRESQL
        asked = (said.get(one.form, "{}").format(quoted(one.name)) for one in self.columns)
        texts = {one.name for one in self.columns if one.form is Form.TEXT and not of_sqlite}
        order = (quoted(name) + (' COLLATE "C"' if name in texts else "") for name in self.key)
        return f"SELECT {', '.join(asked)} FROM {quoted(self.table)} ORDER BY {', '.join(order)}"  # noqa: S608 - names of ours


@lru_cache
def shapes(revision: str) -> tuple[Shape, ...]:
    """All tables of a revision, each after those that it refers to."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
            inspector = inspect(connection)
            names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
            return tuple(_shape(inspector, name) for name in names if name != VERSION_TABLE)
    finally:
        engine.dispose()


def quoted(name: str) -> str:
    """A name as both databases read it in SQL, whatever word it is."""
    return f'"{name}"'


def _shape(inspector: Inspector, table: str) -> Shape:
    columns = [Column(one["name"], _form(one["type"])) for one in inspector.get_columns(table)]
    return Shape(
        table,
        tuple(sorted(columns, key=lambda one: one.form is Form.JSON)),
        tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
    )


def _form(kind: types.TypeEngine[Any]) -> Form:
    return next((form for sort, form in _FORMS if isinstance(kind, sort)), Form.PLAIN)
