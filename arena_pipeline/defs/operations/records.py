"""Dagster's own records: which of them are old, and how one run goes with all that belongs to it.

Dagster forgets a run (`delete_run`) but not what lies around it: the run's tags and check results
where SQLite keeps them, its event file, its captured output. So this takes parts of Dagster's
storages that are not its public face; what is relied on is pinned in the tests of this module, and
Dagster's version in the lock.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster._core.events import DagsterEventType
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.runs.schema import RunTagsTable
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage

from arena_pipeline.defs.ownership import owner_tags

_PAGE = 500


def old_runs(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """Ids of runs that ended before a moment, oldest first. In a storage that several arenas share
    only those of this one.
    """
    tags = None if is_sqlite(instance) else owner_tags(instance)
    ended = dg.RunsFilter(statuses=[*FINISHED_STATUSES], updated_before=before, tags=tags)
    return [*reversed(instance.get_run_ids(ended))]


def needed_runs(instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey]) -> set[str]:
    """Ids of the runs that hold what the asset pages show as the present state: the newest
    materialization and observation of each asset and partition, the newest result of each check.

    Their events go with a run, and an asset without any looks as if it had never been made.
    """
    needed: set[str | None] = set()
    for record in instance.get_asset_records():
        entry = record.asset_entry
        needed |= {entry.last_run_id, entry.last_planned_materialization_run_id}
        newest = (entry.last_materialization_record, entry.last_observation_record)
        needed |= {one.run_id for one in newest if one is not None}
        needed |= set(_newest_of_partitions(instance, entry.asset_key))
    results = instance.event_log_storage.get_latest_asset_check_execution_by_key([*checks])
    needed |= {one.run_id for one in results.values()}
    return {run_id for run_id in needed if run_id is not None}


def forget_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with its events, check results and captured output.

    The run itself goes last: whoever is interrupted finds it again and does it all once more.
    """
    events = instance.event_log_storage
    if isinstance(events, SqliteEventLogStorage):
        # Its `delete_events` would make the run's file anew if it is gone, and never deletes it.
        with events.index_connection() as connection:
            events.delete_events_for_run(connection, run_id)
        _unlink(Path(events.path_for_shard(run_id)))
    else:
        events.delete_events(run_id)
    if isinstance(events, SqlEventLogStorage):
        with events.index_connection() as connection:
            results = AssetCheckExecutionsTable
            connection.execute(results.delete().where(results.c.run_id == run_id))
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    if isinstance(runs := instance.run_storage, SqlRunStorage):
        with runs.connect() as connection:
            connection.execute(RunTagsTable.delete().where(RunTagsTable.c.run_id == run_id))
    instance.run_storage.delete_run(run_id)


def room_of_run(instance: dg.DagsterInstance, run_id: str) -> int:
    """Bytes that a run takes in files of its own; what it takes in a shared database is unknown."""
    files: list[Path] = []
    if isinstance(events := instance.event_log_storage, SqliteEventLogStorage):
        files.append(Path(events.path_for_shard(run_id)))
    if (folder := output_folder(instance)) is not None:
        files.extend((folder / run_id).rglob("*"))
    return sum(map(_size, files))


def output_folder(instance: dg.DagsterInstance) -> Path | None:
    """Where captured output lies, a folder per run; None if it is not kept in files."""
    manager = instance.compute_log_manager
    return Path(manager._base_dir) if isinstance(manager, LocalComputeLogManager) else None


def storage_files(instance: dg.DagsterInstance) -> list[Path]:
    """The SQLite files that Dagster shares between runs; none where its storage is PostgreSQL."""
    if not is_sqlite(instance):
        return []
    home = Path(instance.root_directory)
    names = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
    return [file for name in names if (file := home / name).is_file()]


def is_sqlite(instance: dg.DagsterInstance) -> bool:
    """Whether Dagster keeps its records in SQLite files, which no other arena has."""
    return isinstance(instance.event_log_storage, SqliteEventLogStorage)


def _newest_of_partitions(instance: dg.DagsterInstance, asset: dg.AssetKey) -> Iterator[str]:
    newest = instance.event_log_storage.get_latest_storage_id_by_partition(
        asset, DagsterEventType.ASSET_MATERIALIZATION
    )
    ids = sorted(newest.values())
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        wanted = dg.AssetRecordsFilter(asset_key=asset, storage_ids=page)
        found = instance.fetch_materializations(wanted, limit=len(page)).records
        yield from (record.run_id for record in found)


def _unlink(database: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _size(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_size
    return 0
