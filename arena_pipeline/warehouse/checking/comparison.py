"""One build compared with itself and with the store, table by table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView
from arena_pipeline.store.tables import Ladder
from arena_pipeline.warehouse.building.fingerprints import fingerprints
from arena_pipeline.warehouse.building.months import Epochs, ladders_in_force
from arena_pipeline.warehouse.building.parts import parquet
from arena_pipeline.warehouse.checking.sums import Sums, same, sums_in_duckdb, sums_in_store
from arena_pipeline.warehouse.columns import quoted
from arena_pipeline.warehouse.manifest import ChainFacts, WarehouseManifest
from arena_pipeline.warehouse.tables import TABLES, WarehouseTable

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class WarehouseCheck:
    """What a comparison found. `differences` are sentences on what is wrong; `newer` names tables
    and months that the store has changed since the build, which is no fault; `compared` counts the
    others.
    """

    compared: int
    differences: tuple[str, ...] = ()
    newer: tuple[tuple[str, str], ...] = ()


@dataclass
class Comparison:
    """One comparison under way: an open view of the store, and one build."""

    store: Store
    view: ArrowView
    connection: "duckdb.DuckDBPyConnection"
    folder: Path
    manifest: WarehouseManifest
    compared: int = 0
    differences: list[str] = field(default_factory=list)
    newer: list[tuple[str, str]] = field(default_factory=list)
    _epochs: Epochs = field(default_factory=dict)

    def run(self) -> WarehouseCheck:
        """Compare everything."""
        import duckdb

        (build,) = self.connection.execute("SELECT id FROM build").fetchone() or (None,)
        if build != self.manifest.build:
            self.differences.append(
                f"DuckDB is of build {build}, Parquet of {self.manifest.build}: a build was killed "
                "while it was put in place; run: arena warehouse"
            )
            return WarehouseCheck(0, tuple(self.differences))
        self._epochs = ladders_in_force(self.view)
        present = fingerprints(self.store, self.view, self._epochs)
        same_chains = self._chains()
        for table in TABLES.values():
            try:
                self._inside(table)
                if table.is_fact:
                    self._months(table, present.get(table.name, {}))
                else:
                    self._small(table, same_chains)
            except duckdb.Error as error:
                said = str(error).strip().partition("\n")[0]
                self.differences.append(f"{table.name} can't be read in the warehouse: {said}")
        return WarehouseCheck(self.compared, tuple(self.differences), tuple(self.newer))

    def _inside(self, table: WarehouseTable) -> None:
        """DuckDB's file and the Parquet files hold the same rows, as many as the manifest says."""
        parts = self.manifest.tables[table.name]
        files = [self.folder / part.file for part in parts]
        month = "month" if table.is_fact else "NULL"
        found = [
            {
                key: (rows, content)
                for key, rows, content in self.connection.execute(
                    f"SELECT {month}, count(*), sum(CAST(hash(row) AS HUGEINT)) "  # noqa: S608 - own names
                    f"FROM {source} AS row GROUP BY ALL"
                ).fetchall()
            }
            for source in (quoted(table.name), parquet(files) if files else None)
            if source is not None
        ]
        in_duckdb, in_parquet = found if files else (found[0], {})
        named = {part.month: part.rows for part in parts if part.rows}
        for key in sorted(in_duckdb.keys() | in_parquet.keys() | named.keys(), key=str):
            where = _where(table, key)
            if in_duckdb.get(key) != in_parquet.get(key):
                self.differences.append(f"{where}: DuckDB and Parquet hold different rows")
            if (rows := in_parquet.get(key, (0,))[0]) != named.get(key, 0):
                self.differences.append(
                    f"{where}: Parquet has {rows} rows, the manifest says {named.get(key, 0)}"
                )

    def _months(self, table: WarehouseTable, present: Mapping[str, str]) -> None:
        if table.source is None:
            return
        known = {str(part.month): part.fingerprint for part in self.manifest.tables[table.name]}
        here = sums_in_duckdb(self.connection, table)
        for month in sorted(known.keys() | present.keys()):
            if known.get(month) == present.get(month):
                self._compare(table, month, here.get(month))
            else:
                self.newer.append((table.name, month))

    def _small(self, table: WarehouseTable, same_chains: bool) -> None:
        """Tables without fingerprints: the store may have changed rows since; standings only move
        with the chains.
        """
        here = sums_in_duckdb(self.connection, table).get(None)
        if table.name == "standings" and same_chains:
            self._compare(table, None, here)
            return
        rows = sums_in_store(self.store, self.view, self._epochs, table, None)["rows"]
        if here is not None and rows == here["rows"]:
            self.compared += 1
        elif rows or here:
            self.newer.append((table.name, ""))

    def _compare(self, table: WarehouseTable, month: str | None, here: Sums | None) -> None:
        self.compared += 1
        there = sums_in_store(self.store, self.view, self._epochs, table, month)
        for name, stored in there.items():
            own = (here or {}).get(name)
            if not same(own, stored):
                self.differences.append(
                    f"{_where(table, month)}: {name} is {_shown(own)}, in the store "
                    f"{_shown(stored)}"
                )

    def _chains(self) -> bool:
        """Compare the heads of ladders that stand where they stood; returns whether all do."""
        known = {one.ladder: one for one in self.manifest.chains}
        in_duckdb = self.connection.execute(
            "SELECT name, epoch, next_sequence - 1, chain_head FROM ladders"
        ).fetchall()
        for name, *facts in in_duckdb:
            if name not in known or ChainFacts(name, *facts) != known[name]:
                self.differences.append(f"ladders: {name} is not as the manifest says")
        statement = select(Ladder.name, Ladder.epoch, Ladder.next_sequence, Ladder.chain_head)
        present = {
            row["name"]: ChainFacts(
                row["name"], row["epoch"], row["next_sequence"] - 1, row["chain_head"]
            )
            for row in self.view.stream(statement).read_all().to_pylist()
        }
        for name in known.keys() & present.keys():
            was, now = known[name], present[name]
            if (was.epoch, was.sequence) == (now.epoch, now.sequence) and was.head != now.head:
                self.differences.append(
                    f"ladders: the head of {name} at match {was.sequence} of epoch {was.epoch} is "
                    f"{was.head}, in the store {now.head}"
                )
        return known == present


def _where(table: WarehouseTable, month: str | None) -> str:
    return table.name if month is None else f"{table.name} of {month}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
