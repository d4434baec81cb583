"""Published Parquet as tables of a DuckDB in memory, each with the columns that an audit needs.

Nothing in the files is trusted: what can't be read or is of another type becomes an AuditError in a
sentence. What is asked of the tables is in `reading`.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from arena_pipeline.warehouse.auditing.report import AuditError
from arena_pipeline.warehouse.columns import literal_path

if TYPE_CHECKING:
    import duckdb

NEEDED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ladders": {
            "id": "BIGINT", "name": "VARCHAR", "game": "VARCHAR", "filter": "VARCHAR",
            "competitor": "VARCHAR", "ordering": "VARCHAR", "policy": "VARCHAR", "live": "BOOLEAN",
            "epoch": "BIGINT", "next_sequence": "BIGINT", "chain_head": "VARCHAR",
        },
        "matches": {
            "id": "BIGINT", "uuid": "VARCHAR", "config": "VARCHAR", "game": "VARCHAR",
            "purpose": "VARCHAR", "state": "VARCHAR", "rule_version": "VARCHAR",
            "started_at": "TIMESTAMPTZ", "ended_at": "TIMESTAMPTZ", "replay_digest": "VARCHAR",
            "started_at_text": "VARCHAR", "ended_at_text": "VARCHAR",
        },
        "participants": {
            "match_id": "BIGINT", "slot": "BIGINT", "name": "VARCHAR", "agent": "VARCHAR",
            "model": "VARCHAR", "agent_id": "BIGINT", "model_id": "BIGINT", "team": "VARCHAR",
            "result": "VARCHAR", "score": "DOUBLE", "gateway_faults": "BIGINT", "flags": "JSON",
        },
        "ladder_matches": {
            "ladder_id": "BIGINT", "epoch": "BIGINT", "match_id": "BIGINT", "sequence": "BIGINT",
            "reason": "VARCHAR", "position": "BIGINT", "digest": "VARCHAR",
        },
        "rating_events": {
            "ladder_id": "BIGINT", "epoch": "BIGINT", "sequence": "BIGINT",
            "competitor": "VARCHAR", "system": "VARCHAR", "before": "DOUBLE", "after": "DOUBLE",
        },
        "standings": {
            "ladder_id": "BIGINT", "competitor": "VARCHAR", "agent_id": "BIGINT",
            "model_id": "BIGINT", "elo": "DOUBLE", "mean_score": "DOUBLE", "matches": "BIGINT",
            "wins": "BIGINT", "losses": "BIGINT", "ties": "BIGINT", "score_total": "DOUBLE",
            "top_score": "DOUBLE", "first_match_at": "TIMESTAMPTZ",
            "last_match_at": "TIMESTAMPTZ", "live_mu": "DOUBLE", "live_sigma": "DOUBLE",
        },
    }
)  # fmt: skip
"""By table: the columns an audit reads, with their types."""

_LATER: Mapping[str, str] = MappingProxyType({"participants": "flags"})
"""By table: a column that files published by an earlier version lack; it is empty there."""


@contextmanager
def open_tables(
    folder: Path, files: Mapping[str, Sequence[Path]], memory_mb: int
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """The tables whose `files` in `folder` are given by name; one without files is empty.

    Takes up to `memory_mb` megabytes, and disk for what does not fit. Raises AuditError.
    """
    import duckdb

    with tempfile.TemporaryDirectory() as scratch:
        try:
            with duckdb.connect(
                config={
                    "memory_limit": f"{memory_mb}MB",
                    "temp_directory": str(Path(scratch) / "spilled"),
                    "autoinstall_known_extensions": "false",
                    "TimeZone": "UTC",
                }
            ) as connection:
                for table, columns in NEEDED.items():
                    connection.execute(_view(table, columns, files.get(table, ())))
                yield connection
        except duckdb.Error as error:
            raise unreadable(folder, error) from error


def _view(table: str, columns: Mapping[str, str], paths: Sequence[Path]) -> str:
    cast = ", ".join(f'CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in columns.items())
    if not paths:
        cast = ", ".join(f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in columns.items())
        return f"CREATE VIEW {table} AS SELECT {cast} WHERE false"
    listed = ", ".join(map(literal_path, paths))
    source = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    if (later := _LATER.get(table)) is not None:
        empty = f'SELECT CAST(NULL AS {columns[later]}) AS "{later}" WHERE false'
        source = f"({empty} UNION ALL BY NAME SELECT * FROM {source})"  # noqa: S608 - own names
    return f"CREATE VIEW {table} AS SELECT {cast} FROM {source}"  # noqa: S608 - own names


def unreadable(folder: Path, error: Exception) -> AuditError:
    """What to say of a folder in which DuckDB met `error`."""
    reason = str(error).strip().partition("\n")[0]
    return AuditError(
        f"{folder} can't be audited: {reason}. Fetch it again, or build it: arena warehouse --full"
    )
