"""Which tables the warehouse has, and their columns: those of the store, names beside the ids.

What belongs here: the shape of the warehouse, as pure facts. How rows get there is in
`warehouse.building`; macros and views are in `warehouse.macros`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Table

from arena_pipeline.store import tables as store_tables
from arena_pipeline.warehouse.columns import WarehouseColumn, stored
from arena_pipeline.warehouse.shapes import SHAPES, Added, Shape

UNKNOWN_MONTH = "unknown"

_MONTH = WarehouseColumn(
    "month",
    "VARCHAR",
    "Month of the match's end, YYYY-MM (UTC); unknown: it is not known when it ended.",
    "$month",
)


@dataclass(frozen=True, slots=True)
class WarehouseTable:
    """One table. `source` is the store's table it copies (None: made from something else),
    `joins` the DuckDB joins that its added columns need, `is_fact` whether it lies by month.
    """

    name: str
    comment: str
    columns: tuple[WarehouseColumn, ...]
    source: Table | None = None
    joins: str = ""
    order: tuple[str, ...] = ()
    is_fact: bool = False

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the store that are read for it."""
        if self.source is None:
            return ()
        own = {column.name for column in self.columns}
        return tuple(name for name in self.source.columns.keys() if name in own)  # noqa: SIM118


def _shaped(source: Table, shape: Shape) -> WarehouseTable:
    columns: list[WarehouseColumn] = []
    for column in source.columns:
        if column.name not in shape.left_out:
            columns.append(stored(column))
            columns.extend(_following(column.name, shape.added))
    if shape.is_fact:
        columns.append(_MONTH)
    return WarehouseTable(
        name=shape.name or source.name,
        comment=shape.comment or _summary(source.name),
        columns=tuple(columns),
        source=source,
        joins=shape.joins,
        order=tuple(column.name for column in source.primary_key),
        is_fact=shape.is_fact,
    )


def _following(name: str, added: tuple[Added, ...]) -> list[WarehouseColumn]:
    """The columns to stand after the one named, with those that stand after them in turn."""
    found: list[WarehouseColumn] = []
    for one in added:
        if one.after == name:
            found.extend([one.column, *_following(one.column.name, added)])
    return found


def _summary(table: str) -> str:
    """What the class of a store's table says of it, on one line."""
    (mapper,) = (
        one
        for one in store_tables.Base.registry.mappers
        if one.local_table is store_tables.Base.metadata.tables[table]
    )
    return " ".join((mapper.class_.__doc__ or "").split())


_MOVES = WarehouseTable(
    name="moves",
    comment="Decisions of matches as their replays tell them; filled by `arena warehouse --moves`, "
    "for the matches that were over then.",
    columns=(
        WarehouseColumn("match_id", "BIGINT", "The match (matches.id).", "arrived.match_id"),
        WarehouseColumn(
            "uuid", "VARCHAR", "The match's name for ever (matches.uuid).", "arrived.uuid"
        ),
        WarehouseColumn("step", "BIGINT", "Which step of the match, from 0.", "arrived.step"),
        WarehouseColumn(
            "slot", "BIGINT", "Number of the seat that decided, from 0.", "arrived.slot"
        ),
        WarehouseColumn(
            "agent",
            "VARCHAR",
            "Alias of who sat there (agents.alias); NULL: known by name only.",
            "participants.agent",
        ),
        WarehouseColumn(
            "action",
            "VARCHAR",
            "What was played; after a fault it was drawn by chance from what was legal.",
            "arrived.action",
        ),
        WarehouseColumn(
            "fault",
            "VARCHAR",
            "How the turn failed, such as illegal_action; NULL: it did not.",
            "arrived.fault",
        ),
        WarehouseColumn(
            "rationale",
            "VARCHAR",
            "The player's own explanation, unchecked; NULL: it gave none.",
            "arrived.rationale",
        ),
        WarehouseColumn(
            "duration_ms",
            "DOUBLE",
            "How long the decision took, in ms; NULL: not measured.",
            "arrived.duration_ms",
        ),
        _MONTH,
    ),
    joins="LEFT JOIN participants ON participants.match_id = arrived.match_id"
    " AND participants.slot = arrived.slot",
    order=("match_id", "step", "slot"),
    is_fact=True,
)

BUILD = WarehouseTable(
    name="build",
    comment="How this file came to be: one row.",
    columns=(
        WarehouseColumn("id", "VARCHAR", "Name of the build, and of its Parquet folder.", "$id"),
        WarehouseColumn(
            "built_at", "TIMESTAMPTZ", "Moment (UTC) at which the store was read.", "$built_at"
        ),
        WarehouseColumn(
            "kind", "VARCHAR", "full, or incremental: only what had changed was read.", "$kind"
        ),
        WarehouseColumn(
            "store_revision", "VARCHAR", "Version of the store's tables.", "$store_revision"
        ),
        WarehouseColumn("rows", "JSON", "Rows of each table (JSON).", "$rows"),
        WarehouseColumn("months", "BIGINT", "Months that matches are kept by.", "$months"),
    ),
)

_SHAPED = tuple(
    _shaped(store_tables.Base.metadata.tables[name], shape) for name, shape in SHAPES.items()
)

DIMENSIONS = tuple(one for one in _SHAPED if not one.is_fact)
"""Small tables, read whole for every build, in an order in which each finds what it joins."""

FACTS = (*(one for one in _SHAPED if one.is_fact), _MOVES)
"""Tables that grow with every match, kept by month, in an order in which each finds what it
joins.
"""

TABLES: Mapping[str, WarehouseTable] = MappingProxyType(
    {one.name: one for one in (*DIMENSIONS, *FACTS)}
)
"""Every table that lies as Parquet, by name. `BUILD` is in the DuckDB file only."""
