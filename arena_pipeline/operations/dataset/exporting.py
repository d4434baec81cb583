"""Writing the dataset: the history goes by once, month by month, and what comes of it is put in
place whole.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from arena_pipeline.errors import ReplayError
from arena_pipeline.logs import logger
from arena_pipeline.operations.dataset.card import card
from arena_pipeline.operations.dataset.counts import Counts
from arena_pipeline.operations.dataset.decisions import Row, turns_of
from arena_pipeline.operations.dataset.errors import DatasetError
from arena_pipeline.operations.dataset.history import Played, count, history
from arena_pipeline.operations.dataset.manifest import (
    CARD,
    FORMAT,
    LICENSE,
    VERSION,
    DatasetFile,
    DatasetManifest,
    refuse_strangers,
    write_manifest,
)
from arena_pipeline.operations.dataset.parts import MonthWriter
from arena_pipeline.operations.dataset.placing import made_beside
from arena_pipeline.operations.dataset.report import DatasetReport
from arena_pipeline.store import Store
from arena_pipeline.store.migrate import known_version

Progress = Callable[[int, int | None], None]
"""Told how many matches went by, and of how many."""

_LOG = logger(__name__)
_PROGRESS_EVERY = 100


def export_dataset(
    store: Store, replay_dir: Path, out_dir: Path, *, progress: Progress | None = None
) -> DatasetReport:
    """Write the whole history as Parquet into `out_dir`, in place of the dataset that is there.

    One consistent view of the store; the same store gives the same bytes. A month is held in parts
    of some tens of megabytes. Replays that are missing or altered are counted and named, and their
    matches say so in `turns_missing`. Killed at any time the old dataset is still there, whole; a
    file LICENSE in it is kept. Two exports wait for each other.

    Raises DatasetError (a folder with something else in it, no room, no permission), StoreError.
    """
    folder = out_dir.expanduser().resolve()
    try:
        refuse_strangers(folder)
        with made_beside(folder) as beside, store.read() as connection:
            refuse_strangers(folder)
            counts, files = _write(store, connection, replay_dir, beside, progress)
            has_license = _keep_license(folder, beside)
            files.append(_card(beside, counts, files, has_license=has_license))
            revision = known_version(connection, store)
            manifest = DatasetManifest(FORMAT, VERSION, revision, dict(counts.rows), tuple(files))
            _sync(write_manifest(beside, manifest))
    except OSError as error:
        raise DatasetError(
            f"Can't write the dataset {folder}: {error.strerror or error}; what was there before "
            "is as it was. Free space or permissions there are needed"
        ) from error
    _LOG.info(
        "dataset exported",
        folder=folder,
        matches=counts.rows["matches"],
        turns=counts.rows["turns"],
        missing_replays=counts.missing_replays,
    )
    return DatasetReport(
        folder=str(folder),
        matches=counts.rows["matches"],
        participants=counts.rows["participants"],
        turns=counts.rows["turns"],
        months=len(counts.months),
        bytes=sum(one.bytes for one in files),
        files=tuple(one for one in files if one.table is not None),
        missing_replays=counts.missing_replays,
        named=tuple(counts.named),
    )


def _write(
    store: Store, connection: Connection, replays: Path, folder: Path, progress: Progress | None
) -> tuple[Counts, list[DatasetFile]]:
    counts, files = Counts(), list[DatasetFile]()
    matches = _told(history(store, connection), count(connection), progress)
    for month, of_month in groupby(matches, key=lambda played: played.month):
        with MonthWriter(folder, month) as writer:
            for played in of_month:
                turns = _turns(replays, played, counts)
                missing = turns if isinstance(turns, str) else None
                rows = [] if isinstance(turns, str) else turns
                writer.add("matches", {**played.match, "turns_missing": missing})
                for seat in played.seats:
                    writer.add("participants", seat)
                for row in rows:
                    writer.add("turns", row)
                counts.see(played, len(rows))
            files += writer.finish()
    return counts, sorted(files, key=lambda one: one.file)


def _turns(replays: Path, played: Played, counts: Counts) -> list[Row] | str:
    """The rows of a match's turns, or why there are none."""
    if played.replay_path is None:
        return played.missing or ""
    uuid, digest = str(played.match["uuid"]), played.match["replay_digest"]
    try:
        return turns_of(replays, uuid, played.replay_path, None if digest is None else str(digest))
    except ReplayError as error:
        counts.lost(uuid, str(error))
        return str(error)


def _told(matches: Iterator[Played], total: int, progress: Progress | None) -> Iterator[Played]:
    for number, played in enumerate(matches, start=1):
        yield played
        if progress is not None and (number % _PROGRESS_EVERY == 0 or number == total):
            progress(number, total)


def _keep_license(old: Path, new: Path) -> bool:
    if not (old / LICENSE).is_file():
        return False
    _sync(Path(shutil.copyfile(old / LICENSE, new / LICENSE)))
    return True


def _card(
    folder: Path, counts: Counts, files: list[DatasetFile], *, has_license: bool
) -> DatasetFile:
    text = card(counts, files, has_license=has_license).encode()
    path = folder / CARD
    path.write_bytes(text)
    _sync(path)
    return DatasetFile(CARD, None, 0, len(text), hashlib.sha256(text).hexdigest())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
