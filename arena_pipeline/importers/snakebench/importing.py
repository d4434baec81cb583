"""The import of SnakeBench's history, from files to ladders: read, choose, record, catch up.

Killed at any moment and run again, it comes to the same as one clean run: what was recorded is
known by its bytes, the rest comes in the same order and the same batches. Nothing of it waits in a
file that could be left behind.
"""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.importers.snakebench.naming.people import register_names
from arena_pipeline.importers.snakebench.reading.model_list import read_model_list
from arena_pipeline.importers.snakebench.reading.sources import NothingToImport, find_sources
from arena_pipeline.importers.snakebench.recording.pipeline import Harvest, Progress, Reading
from arena_pipeline.importers.snakebench.recording.preparing import SYSTEM
from arena_pipeline.importers.snakebench.recording.scratch import scratch
from arena_pipeline.importers.snakebench.recording.storing import count_anew, is_kept
from arena_pipeline.importers.snakebench.recording.writing import Writing, compared, settle
from arena_pipeline.importers.snakebench.telling.report import (
    PUBLISHED,
    Account,
    Fate,
    ImportReport,
    keep_report,
)
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store

_LOG = logger(__name__)


MOST_WORKERS = 4
"""More than so many would wait for the one process that unpacks, and their memory adds up."""


def import_history(
    store: Store,
    replay_dir: Path,
    paths: Sequence[Path],
    *,
    models: Path | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    by: By | None = None,
) -> ImportReport:
    """Import every game below `paths` (folders, files, archives), and account for each document.

    `models` is SnakeBench's own list of models; `workers` processes read (default: one for each
    CPU, at most MOST_WORKERS). A dry run writes nothing at all. Raises NothingToImport for a path
    that is not there and where nothing could be read, WorkerDied, ReplayError (disk full),
    StoreError.
    """
    at, began = datetime.now(UTC), time.monotonic()
    sources = find_sources(paths, models)
    listed = () if models is None else read_model_list(models)
    count = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    with scratch(replay_dir.parent, dry_run=dry_run) as waiting:
        harvest = Reading(store, sources, waiting, count, progress).harvest()
        account = harvest.account
        if not harvest.readable:
            raise NothingToImport(_nothing(account))
        people = register_names(store, harvest.names, listed, dry_run=dry_run)
        if dry_run:
            _foresee(store, harvest)
        else:
            act = by or By("import")
            Writing(store, replay_dir, waiting, harvest, people, act, progress).write()
            if account.verification:
                count_anew(store)
            # Also where nothing came in: an import that was killed may have left it undone.
            ensure_ladder_as_published(store)
            if catch_up(store, AS_PUBLISHED).appended:
                count_anew(store)
    report = account.report(at, time.monotonic() - began, dry_run=dry_run, people=people)
    if not dry_run:
        keep_report(report, replay_dir)
        _tell(store, report, act)
    return report


def _nothing(account: Account) -> str:
    told = [f"{one.path}: {one.reason}" for one in account.rejected[:3]]
    return "Nothing could be read as SnakeBench's history; nothing was imported" + (
        f" ({'; '.join(told)})" if told else ": there is no file"
    )


def _tell(store: Store, report: ImportReport, by: By) -> None:
    """Write what came in into the audit, and a line into the log."""
    counts = report.all_documents
    if report.changed:
        with store.write() as connection:
            write_audit(
                connection,
                by,
                "import",
                SubjectKind.STORE,
                SYSTEM,
                after={
                    "found": counts.found,
                    "imported": counts.imported,
                    "improved": len(report.improved),
                    "rejected": counts.rejected,
                },
            )
    _LOG.info(
        "history imported",
        found=counts.found,
        imported=counts.imported,
        already_present=counts.already_present,
        superseded=counts.superseded,
        rejected=counts.rejected,
        seconds=round(report.seconds, 1),
    )


def _foresee(store: Store, harvest: Harvest) -> None:
    """Account for what would be recorded."""
    for version, relation, stored in compared(store, harvest.versions.values()):
        settle(harvest.account, version, relation, stored)
    with store.read() as connection:
        for one in harvest.statistics:
            is_new = bool(one.published.figures) and not is_kept(connection, one.digest)
            fate = Fate.IMPORTED if is_new else Fate.ALREADY_PRESENT
            harvest.account.became(fate, PUBLISHED)
