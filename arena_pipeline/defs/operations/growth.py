"""Dagster's own growth, lot by lot: old runs with their events, ticks, output of runs that are
gone, unused room in its files. Each is counted, or purged.

Safe to repeat and to interrupt: each thing goes by itself, and one that can't is named while the
others go. Safe beside a running arena: a run that has not ended is never touched.
"""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from arena_pipeline.defs.operations import records
from arena_pipeline.operations.purging.files import compact, worth_compacting
from arena_pipeline.operations.purging.lots import Lot

RUNS = "Dagster's runs and their events"
TICKS = "ticks of schedules and sensors"
OUTPUT = "output of runs that are gone"
ROOM = "unused room in Dagster's files"

_RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Progress = Callable[[int, int], None]
"""Called with runs gone through so far, and how many there are."""


def growth(
    instance: dg.DagsterInstance,
    checks: Collection[dg.AssetCheckKey],
    before: datetime,
    *,
    purge: bool,
    progress: Progress | None = None,
) -> Iterator[Lot]:
    """What Dagster keeps from before a moment; with `purge` it is deleted.

    `checks` are the asset checks whose newest results are to stay, like the newest materialization
    of each asset and partition.
    """
    yield _runs(instance, checks, before, purge=purge, progress=progress)
    yield _ticks(instance, before, purge=purge)
    yield _output(instance, before, purge=purge)
    look = compact if purge else worth_compacting
    room = [size for file in records.storage_files(instance) if (size := look(file))]
    yield Lot(ROOM, len(room), "is given back", bytes=sum(room))


def _runs(
    instance: dg.DagsterInstance,
    checks: Collection[dg.AssetCheckKey],
    before: datetime,
    *,
    purge: bool,
    progress: Progress | None,
) -> Lot:
    needed = records.needed_runs(instance, checks)
    runs = [run for run in records.old_runs(instance, before) if run not in needed]
    oldest = _begun(instance, runs[0]) if runs else None
    count, size, failed = 0, 0, []
    for number, run in enumerate(runs, start=1):
        room = records.room_of_run(instance, run)
        try:
            if purge:
                records.forget_run(instance, run)
        except (SQLAlchemyError, OSError) as error:
            failed.append(f"run {run}: {_reason(error)}")
        else:
            count, size = count + 1, size + room
        if progress is not None:
            progress(number, len(runs))
    known = size if records.is_sqlite(instance) else None
    return Lot(RUNS, count, "are gone" if purge else "go for good", oldest, known, tuple(failed))


def _begun(instance: dg.DagsterInstance, run: str) -> datetime | None:
    record = instance.get_run_record_by_id(run)
    return None if record is None else record.create_timestamp.astimezone(UTC)


def _ticks(instance: dg.DagsterInstance, before: datetime, *, purge: bool) -> Lot:
    """The newest tick of each stays: from it a schedule knows what it has missed."""
    count = 0
    oldest: float | None = None
    # An instance in memory, as in tests, has no place for ticks.
    for state in instance.all_instigator_state() if instance.schedule_storage else ():
        names = (state.instigator_origin_id, state.selector_id)
        newest = instance.get_ticks(*names, limit=1)
        if not newest:
            continue
        limit = min(before.timestamp(), newest[0].timestamp)
        old = instance.get_ticks(*names, before=limit)
        if not old:
            continue
        count += len(old)
        oldest = min(oldest or limit, *(tick.timestamp for tick in old))
        if purge:
            instance.purge_ticks(*names, limit)
    done = "are gone" if purge else "go for good"
    return Lot(TICKS, count, done, None if oldest is None else datetime.fromtimestamp(oldest, UTC))


def _output(instance: dg.DagsterInstance, before: datetime, *, purge: bool) -> Lot:
    """Folders of runs that nobody knows any more, last changed before a moment."""
    folder = records.output_folder(instance)
    found = [] if folder is None or not folder.is_dir() else sorted(folder.iterdir())
    count, size, failed = 0, 0, []
    for one in found:
        if not _is_forgotten(instance, one, before):
            continue
        room = records.room_of_run(instance, one.name)
        try:
            if purge:
                instance.compute_log_manager.delete_logs(prefix=[one.name])
        except OSError as error:
            failed.append(f"{one}: {_reason(error)}")
        else:
            count, size = count + 1, size + room
    done = "is gone" if purge else "goes for good"
    return Lot(OUTPUT, count, done, bytes=size, failed=tuple(failed))


def _is_forgotten(instance: dg.DagsterInstance, folder: Path, before: datetime) -> bool:
    return (
        _RUN_ID.fullmatch(folder.name) is not None
        and folder.stat().st_mtime < before.timestamp()
        and not instance.has_run(folder.name)
    )


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
