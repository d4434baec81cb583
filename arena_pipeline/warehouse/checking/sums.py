"""What can be added up of a table: the same figures from DuckDB and from the store."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, case, cast, func, select

from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView
from arena_pipeline.store.types import PICO, Usd
from arena_pipeline.warehouse.building.months import Epochs, rows_of
from arena_pipeline.warehouse.columns import literal, quoted
from arena_pipeline.warehouse.tables import WarehouseTable

if TYPE_CHECKING:
    import duckdb

TOLERANCE = 1e-9
"""Part by which sums of floats may differ, being added up in another order."""

SUMS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "matches": ("id", "rounds", "total_score", "cost", "revision"),
    "participants": (
        "match_id", "slot", "score", "agent_faults", "gateway_faults", "input_tokens",
        "output_tokens", "cost",
    ),
    "ladder_matches": ("match_id", "sequence", "position"),
    "rating_events": ("sequence", "before", "after"),
    "llm_calls": ("id", "cost_billed", "cost_estimated"),
    "standings": ("matches", "wins", "losses", "ties", "score_total", "elo", "mean_score"),
})  # fmt: skip
"""By table: the columns added up."""

COUNTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "matches": (("state", "void"),),
        "participants": (("result", "won"), ("result", "lost"), ("result", "tied")),
    }
)
"""By table: columns and the values whose rows are counted."""


Sums = Mapping[str, Any]
"""Rows, sums and counts by name; None: there is nothing to add up."""


def sums_in_duckdb(
    connection: "duckdb.DuckDBPyConnection", table: WarehouseTable
) -> dict[str | None, Sums]:
    """What DuckDB says of each month, or of the whole table under None."""
    types = {column.name: column.type for column in table.columns}
    terms = ["count(*) AS rows"]
    terms += [
        f"sum({name}) AS {name}" if types[name] == "BIGINT" else f"sum({name}::DOUBLE) AS {name}"
        for name in SUMS.get(table.name, ())
    ]
    terms += [
        f"count(*) FILTER ({name} = {literal(value)}) AS {value}"
        for name, value in COUNTS.get(table.name, ())
    ]
    month = "month" if table.is_fact else "NULL"
    rows = connection.execute(
        f"SELECT {month}, {', '.join(terms)} FROM {quoted(table.name)} GROUP BY ALL"  # noqa: S608 - own names
    )
    names = [described[0] for described in rows.description or ()][1:]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows.fetchall()}


def sums_in_store(
    store: Store, view: ArrowView, epochs: Epochs, table: WarehouseTable, month: str | None
) -> dict[str, Any]:
    """What the store says of the rows that the warehouse takes of it."""
    statement = rows_of(store, table, month, epochs)
    if statement is None:
        return {"rows": 0}
    rows = statement.subquery()
    terms: list[Any] = [func.count().label("rows")]
    for name in SUMS.get(table.name, ()):
        column = rows.c[name]
        # A sum of amounts in 1e-12 USD may be no 64-bit integer.
        amount = cast(column, Double) if isinstance(column.type, Usd) else column
        terms.append(func.sum(amount).label(name))
    terms += [
        func.coalesce(func.sum(case((rows.c[name] == value, 1), else_=0)), 0).label(value)
        for name, value in COUNTS.get(table.name, ())
    ]
    (found,) = view.stream(select(*terms).select_from(rows)).read_all().to_pylist()
    for name in SUMS.get(table.name, ()):
        if isinstance(rows.c[name].type, Usd) and found[name] is not None:
            found[name] /= PICO
    return dict(found)


def same(own: Any, stored: Any) -> bool:
    """Whether two sums agree: floats within the tolerance, all else exactly."""
    if own is None or stored is None:
        return not own and not stored
    if isinstance(own, float):
        return math.isclose(own, float(stored), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return int(own) == int(stored)
