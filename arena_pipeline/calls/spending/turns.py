"""Finding the calls of many turns at once, by the index that has them."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, func, select, tuple_

from arena_pipeline.calls.plan import CallSite

Turn = tuple[int, int, int]
"""A match's number, step and slot."""


def turn_of(site: CallSite) -> Turn:
    """The turn that a call is made for."""
    return site.match_id, site.step, site.slot


def at_turns(connection: Connection, *columns: Any) -> ColumnElement[bool]:
    """The condition that these columns (match, step, slot) are one of the turns given by
    `these_turns` when it is executed.
    """
    return _among_on_sqlite(columns) if _is_sqlite(connection) else _among(columns)


def these_turns(connection: Connection, turns: Iterable[Turn]) -> dict[str, Any]:
    """The parameters of `at_turns`."""
    wanted = sorted(set(turns))
    return {"turns": json.dumps(wanted) if _is_sqlite(connection) else wanted}


def _among(columns: tuple[Any, ...]) -> ColumnElement[bool]:
    return tuple_(*columns).in_(bindparam("turns", expanding=True))


def _among_on_sqlite(columns: tuple[Any, ...]) -> ColumnElement[bool]:
    """From a query, as SQLite reads the whole table to compare with a list of rows."""
    one = func.json_each(bindparam("turns")).table_valued("value")
    fields = (func.json_extract(one.c.value, f"$[{place}]", type_=Integer) for place in range(3))
    return tuple_(*columns).in_(select(*fields))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
