"""`manifest.json`: what a build says of its Parquet files, so that they can be checked without the
store, and so that the next build knows what it may take over.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from arena_pipeline.warehouse.errors import WarehouseError

MANIFEST = "manifest.json"
FORMAT = "arena-warehouse"
VERSION = 1


class PartFacts(msgspec.Struct, frozen=True):
    """One Parquet file: `file` is its path within the folder, `month` None where a table is one
    file. `fingerprint` is what the store said of these rows, `sums` those of whole numbers and of
    money over all rows, as text.
    """

    file: str
    month: str | None
    rows: int
    bytes: int
    sha256: str
    fingerprint: str
    sums: dict[str, str | None]


class ChainFacts(msgspec.Struct, frozen=True):
    """A ladder's ledger: its numbering in force, newest rated match, and head of its chain."""

    ladder: str
    epoch: int
    sequence: int
    head: str | None


class WarehouseManifest(msgspec.Struct, frozen=True):
    """A build: when the store was read (UTC), its version, the shape of the tables (`spec`, a
    digest), chains by ladder, files by table.
    """

    format: str
    version: int
    build: str
    built_at: str
    kind: str
    store_revision: str
    spec: str
    chains: list[ChainFacts]
    tables: dict[str, list[PartFacts]]

    def part(self, table: str, month: str | None) -> PartFacts | None:
        """The file of a table's month, if there is one."""
        found = (one for one in self.tables.get(table, []) if one.month == month)
        return next(found, None)

    def parts(self) -> Iterator[tuple[str, PartFacts]]:
        """Every file with the name of its table."""
        for table, parts in self.tables.items():
            for part in parts:
                yield table, part

    def rows(self) -> dict[str, int]:
        """Rows of each table."""
        return {table: sum(part.rows for part in parts) for table, parts in self.tables.items()}


def read_manifest(folder: Path) -> WarehouseManifest:
    """The manifest in a folder of Parquet files. Raises WarehouseError naming what is wrong with
    it.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=WarehouseManifest)
    except OSError as error:
        raise WarehouseError(f"{path} can't be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WarehouseError(f"{path} is not the manifest of a warehouse: {error}") from error
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        raise WarehouseError(
            f"{path} has format {manifest.format!r} version {manifest.version}; "
            f"this program reads {FORMAT!r} version {VERSION}"
        )
    return manifest


def write_manifest(folder: Path, manifest: WarehouseManifest) -> Path:
    """Write the manifest into a folder that nobody reads yet; returns the file."""
    path = folder / MANIFEST
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    return path
