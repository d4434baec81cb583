"""From the store to a build's Parquet files: small tables whole, the others month by month, taking
over what the build before has of months that did not change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Table, Text, and_, func, or_, select, type_coerce

from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView
from arena_pipeline.store.types import Price
from arena_pipeline.warehouse.building.files import share
from arena_pipeline.warehouse.building.fingerprints import Fingerprints, fingerprints
from arena_pipeline.warehouse.building.months import Epochs, ladders_in_force, rows_of
from arena_pipeline.warehouse.building.moves import Seen, moves_of
from arena_pipeline.warehouse.building.parts import PartWriter, file_of
from arena_pipeline.warehouse.columns import MONEY_DIGITS, MONEY_SCALE
from arena_pipeline.warehouse.manifest import ChainFacts, PartFacts, WarehouseManifest
from arena_pipeline.warehouse.tables import DIMENSIONS, FACTS, TABLES, WarehouseTable

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int | None], None]
"""Told how many tables and months of tables are done, and of how many."""

_JOINED = frozenset({"agents", "models", "ladders", "game_configs"})
"""Small tables that others join."""

_MOVES = TABLES["moves"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The build before: its folder and what its manifest says."""

    folder: Path
    manifest: WarehouseManifest


@dataclass(slots=True)
class Reading:
    """What was read: files by table, chains of the ladders, how many months of tables were
    `rebuilt` and `kept`; `notes` says what was unusual, `problems` what had to be left out.
    """

    tables: dict[str, list[PartFacts]] = field(
        default_factory=lambda: {name: [] for name in TABLES}
    )
    chains: list[ChainFacts] = field(default_factory=list)
    rebuilt: int = 0
    kept: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Reader:
    """Reads one view of the store into the Parquet folder that `writer` fills."""

    def __init__(
        self,
        store: Store,
        view: ArrowView,
        writer: PartWriter,
        earlier: Earlier | None,
        replays: Path | None,
        progress: Progress,
    ) -> None:
        """`earlier` is None where nothing is to be taken over, `replays` where no moves are to be
        read.
        """
        self._store = store
        self._view = view
        self._writer = writer
        self._earlier = earlier
        self._replays = replays
        self._progress = progress
        self._done = 0
        self._total = 0
        self._reading = Reading()
        self._epochs: Epochs = {}

    def read(self) -> Reading:
        """All tables. Raises StoreError and WarehouseError."""
        self._epochs = ladders_in_force(self._view)
        known = dict(fingerprints(self._store, self._view, self._epochs))
        known["moves"] = known["matches"]
        months = sorted(set().union(*known.values()))
        self._total = len(DIMENSIONS) + len(months) * len(FACTS)
        for table in DIMENSIONS:
            self._read_small(table)
        self._reading.chains = self._chains()
        self._reading.notes += self._rounded_prices()
        for month in months:
            for table in FACTS:
                self._read_month(table, month, known)
                self._tick()
        return self._reading

    def _read_small(self, table: WarehouseTable) -> None:
        arrived = self._stream(table, None)
        part = self._writer.write(table, None, arrived)
        self._reading.tables[table.name].append(part)
        if table.name in _JOINED:
            self._writer.join_small(table)
        self._tick()

    def _read_month(self, table: WarehouseTable, month: str, known: Fingerprints) -> None:
        fingerprint = known[table.name].get(month)
        part = self._taken_over(table, month, fingerprint)
        if part is not None:
            self._reading.kept += 1
        elif fingerprint is not None and (table is not _MOVES or self._replays is not None):
            self._writer.join_month(month)
            part = self._written(table, month, fingerprint)
            self._reading.rebuilt += 1
        if part is not None:
            self._reading.tables[table.name].append(part)

    def _written(self, table: WarehouseTable, month: str, fingerprint: str) -> PartFacts:
        if table is _MOVES and self._replays is not None:
            seen: list[Seen] = self._writer.select(  # type: ignore[assignment]
                "SELECT id, uuid, replay_path, replay_digest FROM matches "
                "WHERE replay_path IS NOT NULL ORDER BY id"
            )
            arrived = moves_of(self._replays, seen, self._reading.problems.append)
        else:
            arrived = self._stream(table, month)
        return self._writer.write(table, month, arrived, fingerprint)

    def _stream(self, table: WarehouseTable, month: str | None) -> "pa.RecordBatchReader":
        statement = rows_of(self._store, table, month, self._epochs)
        assert statement is not None, f"no ladder, but {table.name} has a fingerprint"
        return self._view.stream(statement)

    def _taken_over(
        self, table: WarehouseTable, month: str, fingerprint: str | None
    ) -> PartFacts | None:
        """The earlier build's file under a name in this one, if it still holds.

        Moves hold until they are asked for again: a replay never changes.
        """
        if self._earlier is None:
            return None
        part = self._earlier.manifest.part(table.name, month)
        holds = table is _MOVES and self._replays is None
        if part is None or (part.fingerprint != fingerprint and not holds):
            return None
        source = self._earlier.folder / "parquet" / file_of(table.name, month)
        if not source.is_file() or source.stat().st_size != part.bytes:
            self._reading.notes.append(f"{source} was missing or altered and is built anew")
            return None
        share(source, self._writer.folder / part.file)
        return part

    def _chains(self) -> list[ChainFacts]:
        rows = self._writer.select(
            "SELECT name, epoch, next_sequence - 1, chain_head FROM ladders ORDER BY name"
        )
        return [
            ChainFacts(
                str(name), int(str(epoch)), int(str(sequence)), None if head is None else str(head)
            )
            for name, epoch, sequence, head in rows
        ]

    def _rounded_prices(self) -> list[str]:
        """A sentence for each table with prices finer than the warehouse holds."""
        notes = []
        for table in DIMENSIONS:
            source = table.source
            long = [] if source is None else _long_prices(source)
            if source is None or not long:
                continue
            count = select(func.count().label("rows")).select_from(source).where(or_(*long))
            (found,) = self._view.stream(count).read_all().to_pylist()
            if found["rows"]:
                notes.append(
                    f"Table {table.name} has {found['rows']} rows with prices of more than "
                    f"{MONEY_SCALE} decimals, which are rounded; the store has them exactly"
                )
        return notes

    def _tick(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _long_prices(source: Table) -> list[ColumnElement[bool]]:
    """Conditions on a table's prices: has one more decimals than `MONEY` holds? They are plain
    decimal text.
    """
    too_fine = "%._" + "_" * MONEY_SCALE + "%"
    too_large = "_" * (MONEY_DIGITS - MONEY_SCALE) + "_%"
    prices = (
        type_coerce(column, Text) for column in source.columns if isinstance(column.type, Price)
    )
    return [
        or_(price.like(too_fine), and_(price.like(too_large), price.not_like("%.%")))
        for price in prices
    ]
