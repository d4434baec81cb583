"""Purging what is ours: looked at first, done when told to."""

from collections.abc import Iterator
from dataclasses import replace

from arena_pipeline import logs
from arena_pipeline.operations.purging.archive import ArchiveError
from arena_pipeline.operations.purging.calls import Progress, archive_calls, old_calls
from arena_pipeline.operations.purging.files import old_files
from arena_pipeline.operations.purging.lots import Cutoffs, Lot
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

_log = logs.logger(__name__)

ARENA = "arena"
"""The subject of acts on the whole."""


def find(store: Store, settings: Settings, cutoffs: Cutoffs) -> Iterator[Lot]:
    """What is old. Changes nothing."""
    yield old_calls(store, cutoffs.calls)
    yield from old_files(settings, cutoffs.runs)


def purge(
    store: Store, settings: Settings, cutoffs: Cutoffs, progress: Progress | None = None
) -> Iterator[Lot]:
    """Purge what is old, lot by lot; ratings, matches and replays stay as they are.

    Safe to repeat, to interrupt and beside others by the means of each lot (`archive_calls`,
    `old_files`). What can't be purged is told in its lot, and the others are.
    """
    try:
        calls = archive_calls(store, settings.archive_dir, cutoffs.calls, progress)
    except ArchiveError as error:
        left = old_calls(store, cutoffs.calls)
        calls = replace(left, count=0, bytes=0, failed=(f"{left.count} left; {error}",))
    yield calls
    yield from old_files(settings, cutoffs.runs, delete=True)
    _log.info("purged", payloads=calls.count, failed=len(calls.failed))


def note(store: Store, cutoffs: Cutoffs, actor: str) -> None:
    """Write down that a person has it purged, before anything is: a purge that is killed half-way
    was still somebody's act.
    """
    older_than = {"runs_before": cutoffs.runs, "calls_before": cutoffs.calls}
    with store.write() as connection:
        write_audit(
            connection, By.of(actor, None), "purge", SubjectKind.STORE, ARENA, after=older_than
        )
