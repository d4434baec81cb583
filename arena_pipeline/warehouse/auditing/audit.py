"""The audit of a folder of published Parquet, as an outsider makes it who has nothing else."""

import re
from collections.abc import Callable
from pathlib import Path

from arena_pipeline.warehouse.auditing.folder import PublishedFolder, published_folder
from arena_pipeline.warehouse.auditing.ladder import LadderWalk
from arena_pipeline.warehouse.auditing.reading import LadderRow, Published
from arena_pipeline.warehouse.auditing.report import Audit, AuditError, LadderAudit, Parting
from arena_pipeline.warehouse.auditing.source import open_tables
from arena_pipeline.warehouse.errors import interruptible

Progress = Callable[[int, int | None], None]
"""Called now and then with the matches gone through, and how many there are on all ladders."""

MEMORY_MB = 1000

_HEAD = re.compile(r"[0-9a-f]{64}")


def audit(
    folder: Path,
    *,
    head: str | None = None,
    progress: Progress | None = None,
    memory_mb: int = MEMORY_MB,
) -> Audit:
    """Compute ratings, standings and the chain of every ladder from the Parquet files in `folder`
    and compare them with what is published there.

    `head` is the end of a chain that somebody noted earlier or found in an export: the audit says
    of which match it is the seal, and it is a fault if it is none. Nothing is written and no store
    is needed. DuckDB takes up to `memory_mb`; what is kept beside grows with the competitors.
    Raises AuditError for a folder that is no warehouse and a `head` that can be none; all else that
    is wrong is in the result.
    """
    quoted = None if head is None else _whole_head(head)
    found = published_folder(folder)
    walks: list[LadderWalk] = []
    try:
        with interruptible(), open_tables(found.folder, found.files, memory_mb) as connection:
            _walk(Published(connection, found.folder), found, quoted, walks, progress)
    except AuditError as error:
        found.faults.append(str(error))
    if quoted is not None:
        _tell_quoted(found, quoted, walks)
    return Audit(
        folder=found.folder,
        built_at=found.built_at,
        files=found.checked,
        ladders=tuple(walk.found for walk in walks),
        faults=tuple(found.faults),
        notes=tuple(found.notes),
    )


def _whole_head(head: str) -> str:
    """A head as the chain writes it. One that was shortened or mistyped would seem to prove that
    matches were altered, so it is refused.
    """
    quoted = head.strip().lower()
    if _HEAD.fullmatch(quoted) is None:
        raise AuditError(
            f"{head!r} is no whole head of a chain, which has 64 hexadecimal digits; it is in "
            "every export, the manifest and arena leaderboard --json"
        )
    return quoted


def _walk(
    tables: Published,
    found: PublishedFolder,
    quoted: str | None,
    walks: list[LadderWalk],
    progress: Progress | None,
) -> None:
    usable = []
    for name, row in tables.ladders():
        if isinstance(row, str):
            found.faults.append(f"Ladder {name}: {row}")
        else:
            usable.append((row, tables.count(row)))
    found.faults += [f"Several matches have the uuid {uuid}" for uuid in tables.repeated()]
    total, done = sum(count for _, count in usable), 0
    for row, count in usable:
        walk = LadderWalk(tables, row, quoted)
        walks.append(walk)
        _compare_manifest(row, found, walk.found)
        walk.go(_from(done, total, progress))
        done += count
        if not walk.is_sealed:
            found.faults.append(
                f"Ladder {row.rule.name} has rated matches and no head of a chain: it was taken "
                "out, or never begun (arena up begins it)"
            )


def _compare_manifest(row: LadderRow, found: PublishedFolder, audited: LadderAudit) -> None:
    """Hold the ladder's row against what the manifest says of its chain."""
    if found.chains is None:
        return
    told = found.chains.get(row.rule.name)
    if told is None:
        found.faults.append(f"Ladder {row.rule.name} is not in the manifest")
        return
    known = (row.epoch, row.rated, row.chain_head)
    for name, was, now in zip(
        ("epoch", "number of rated matches", "head of the chain"),
        (told.epoch, told.sequence, told.head),
        known,
        strict=True,
    ):
        if was != now:
            audited.part(Parting(row.rule.name, f"{name} in the manifest", was, now))


def _tell_quoted(found: PublishedFolder, head: str, walks: list[LadderWalk]) -> None:
    seals = [
        f"ladder {walk.found.ladder} up to match {walk.quoted_at} of {walk.found.matches}"
        for walk in walks
        if walk.quoted_at is not None
    ]
    if seals:
        found.notes.append(f"The head {head} seals {' and '.join(seals)}.")
    else:
        found.faults.append(
            f"The head {head} seals nothing here: matches it stood for were altered, left out or "
            "put in another order since (voiding one does that too), or it is of another arena"
        )


def _from(done: int, total: int, progress: Progress | None) -> Callable[[int], None]:
    def seen(matches: int) -> None:
        if progress is not None:
            progress(done + matches, total)

    return seen
