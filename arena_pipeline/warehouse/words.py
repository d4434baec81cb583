"""What there is to ask: tables, views, macros and their columns, as the warehouse tells it."""

from dataclasses import dataclass

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.names import nearest
from arena_pipeline.warehouse.query import Asking

_GUIDE = "SELECT name, kind, what_for, example FROM guide"
_COLUMNS = """
SELECT column_name, data_type, coalesce(comment, '')
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name || '.' || table_name = ?
ORDER BY column_index
"""
_ALL_COLUMNS = """
SELECT DISTINCT column_name
FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal
ORDER BY column_name
"""
_PARAMETERS = """
SELECT unnest(parameters)
FROM duckdb_functions()
WHERE database_name = current_database() AND function_name = ?
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One table, view or macro: what it is for, and a statement that shows it in use."""

    name: str
    kind: str
    what_for: str
    example: str


@dataclass(frozen=True, slots=True)
class Described:
    """An entry with its columns (name, type, meaning); those of a macro are its parameters."""

    entry: Entry
    columns: tuple[tuple[str, str, str], ...]


def entries(asking: Asking) -> list[Entry]:
    """Everything there is to ask, in the order of the guide."""
    return [Entry(*row) for row in asking.ask(_GUIDE).rows]


def described(asking: Asking, name: str) -> list[Described]:
    """What is called so: one table, view or macro, or a table and a macro. Raises NotFound."""
    known = entries(asking)
    found = [one for one in known if one.name == name.strip().lower()]
    if not found:
        raise NotFound(
            f"Nothing is called {name!r}{nearest(name, [one.name for one in known])}; "
            ".tables lists what there is"
        )
    return [Described(one, _parts(asking, one)) for one in found]


def words(asking: Asking) -> list[str]:
    """Every name that a question may use: of tables, views, macros and columns."""
    names = [f"{one.name}(" if one.kind == "macro" else one.name for one in entries(asking)]
    return [*names, *(str(name) for (name,) in asking.ask(_ALL_COLUMNS).rows)]


def _parts(asking: Asking, entry: Entry) -> tuple[tuple[str, str, str], ...]:
    if entry.kind == "macro":
        return tuple((name, "", "") for (name,) in asking.ask(_PARAMETERS, [entry.name]).rows)
    found = asking.ask(_COLUMNS, [f"main.{entry.name}"]).rows
    return tuple((name, kind, meaning) for name, kind, meaning in found)
