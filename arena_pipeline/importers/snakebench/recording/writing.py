"""The second pass of an import: what was chosen goes into the store, in one order and whole
batches, each after its replays are safe on disk.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from arena_pipeline.errors import RecordingError
from arena_pipeline.importers.snakebench.naming.people import NamesReport
from arena_pipeline.importers.snakebench.recording.choosing import VERIFIED
from arena_pipeline.importers.snakebench.recording.pipeline import RECORDING, Harvest, Progress
from arena_pipeline.importers.snakebench.recording.prepared import Version
from arena_pipeline.importers.snakebench.recording.preparing import GAME
from arena_pipeline.importers.snakebench.recording.published import keep_published
from arena_pipeline.importers.snakebench.recording.scratch import Scratch
from arena_pipeline.importers.snakebench.recording.storing import (
    Ready,
    Relation,
    Stored,
    complete,
    stored_games,
    write_better,
    write_new,
)
from arena_pipeline.importers.snakebench.telling.report import (
    PUBLISHED,
    UNKNOWN,
    Account,
    Fate,
    Superseded,
    Unverified,
)
from arena_pipeline.leaderboard.recompute import tell_rebuilt
from arena_pipeline.matches import replay
from arena_pipeline.matches.configs import ensure_config
from arena_pipeline.matches.rows import Names
from arena_pipeline.registry.acts.audit import By
from arena_pipeline.store import Store

BATCH = 500
"""New matches in one transaction, and replays synced to disk at once."""

BETTER_BATCH = 5_000
"""Better versions in one transaction: each rebuilds the ladders that its matches stand on."""

BATCH_BYTES = 64 * 2**20
"""Packed bytes of matches in one transaction, which are in memory together."""


def compared(
    store: Store, versions: Collection[Version]
) -> Iterator[tuple[Version, Relation, Stored | None]]:
    """Every chosen version in the order of recording, with how it stands to the store."""
    in_order = sorted(versions, key=lambda version: version.order)
    for start in range(0, len(in_order), BATCH):
        page = in_order[start : start + BATCH]
        with store.read() as connection:
            there = stored_games(connection, [version.uuid for version in page])
        for version in page:
            stored = there.get(version.uuid)
            relation = Relation.NEW if stored is None else stored.relation_to(version)
            yield version, relation, stored


def settle(account: Account, version: Version, relation: Relation, stored: Stored | None) -> None:
    """Note what became of a chosen version."""
    layout, seats = version.layout.value, len(version.names)
    if relation is Relation.PRESENT:
        account.became(Fate.ALREADY_PRESENT, layout, seats)
    elif relation is Relation.LESSER and stored is not None:
        better = str(stored.info.get("layout", UNKNOWN))
        account.supersede(Superseded(version.path, stored.path, layout, better), seats)
    elif relation is Relation.FOREIGN:
        reason = f"the store has a match {version.uuid} that was played here"
        account.reject(version.path, reason, layout, seats)
    else:
        account.became(Fate.IMPORTED, layout, seats)
        account.verification[version.verification] += 1
        account.flags.update(version.flags)
        if relation is Relation.BETTER:
            account.improved.append(version.uuid)
        if version.verification != VERIFIED:
            account.unverified.append(
                Unverified(version.uuid, version.verification, version.detail)
            )


def _pages(versions: Sequence[Version], size: int) -> Iterator[list[Version]]:
    """Versions in order, so many at a time, or fewer where they have much to tell."""
    page: list[Version] = []
    left = BATCH_BYTES
    for version in versions:
        if page and (len(page) >= size or version.place[1] > left):
            yield page
            page, left = [], BATCH_BYTES
        page.append(version)
        left -= version.place[1]
    if page:
        yield page


class Writing:
    """The second pass: what was chosen goes into the store, in one order and whole batches."""

    def __init__(
        self,
        store: Store,
        replay_dir: Path,
        waiting: Scratch,
        harvest: Harvest,
        people: NamesReport,
        by: By,
        progress: Progress | None,
    ) -> None:
        self._store, self._replay_dir, self._waiting = store, replay_dir, waiting
        self._harvest, self._account, self._people = harvest, harvest.account, people
        self._by, self._progress = by, progress
        self._names = Names()
        self._configs: dict[str, int] = {}
        self._done = 0
        self._overtaken: list[Version] = []

    def write(self) -> None:
        """Write everything. Raises ReplayError, StoreError."""
        new, better = self._sorted(self._harvest.versions.values())
        self._total = len(new) + len(better)
        self._in_batches(new, BATCH, self._write_new)
        # What somebody else imported meanwhile may be less than what was found here.
        _, late = self._sorted(self._overtaken)
        self._in_batches([*better, *late], BETTER_BATCH, self._write_better)
        self._keep_statistics()

    def _sorted(self, versions: Collection[Version]) -> tuple[list[Version], list[Version]]:
        """Those that are new to the store and those that are better; others are settled."""
        new: list[Version] = []
        better: list[Version] = []
        for version, relation, stored in compared(self._store, versions):
            if relation is Relation.NEW:
                new.append(version)
            elif relation is Relation.BETTER:
                better.append(version)
            else:
                settle(self._account, version, relation, stored)
        return new, better

    def _in_batches(
        self, versions: Sequence[Version], size: int, write: Callable[[Sequence[Ready]], None]
    ) -> None:
        for page in _pages(versions, size):
            batch = [self._ready(version) for version in page]
            self._write(batch, write)
            self._done += len(batch)
            if self._progress is not None:
                self._progress(RECORDING, self._done, self._total)

    def _write(self, batch: Sequence[Ready], write: Callable[[Sequence[Ready]], None]) -> None:
        """Replays first, then the rows. Where the store refuses one match, the others go on."""
        replays = [one.prepared.replay for one in batch if one.prepared.replay is not None]
        replay.write(self._replay_dir, replays, sync=True)
        try:
            write(batch)
        except (IntegrityError, DataError, StatementError, RecordingError) as error:
            if len(batch) > 1:
                for one in batch:
                    self._write([one], write)
                return
            version, told = batch[0].version, str(getattr(error, "orig", None) or error)
            reason = f"the store refuses it: {told.partition(chr(10))[0]}"
            self._account.reject(version.path, reason, version.layout.value, len(version.names))

    def _write_new(self, batch: Sequence[Ready]) -> None:
        with self._store.write() as connection:
            written = write_new(self._store, connection, batch, self._names)
        for one in batch:
            if one.version.uuid in written:
                settle(self._account, one.version, Relation.NEW, None)
            else:
                self._overtaken.append(one.version)

    def _write_better(self, batch: Sequence[Ready]) -> None:
        with self._store.write() as connection:
            replaced, ladders = write_better(connection, batch, self._by)
        for ladder in ladders:
            tell_rebuilt(ladder)
        for one in batch:
            stored = replaced.get(one.version.uuid)
            relation = Relation.PRESENT if stored is None else Relation.BETTER
            settle(self._account, one.version, relation, stored)
            old = None if stored is None else stored.replay_path
            if old not in (None, one.rows.match["replay_path"]):
                (self._replay_dir / str(old)).unlink(missing_ok=True)

    def _ready(self, version: Version) -> Ready:
        prepared = self._waiting.get(version)
        if prepared.config not in self._configs:
            config = ensure_config(self._store, prepared.config, GAME, prepared.settings)
            self._configs[prepared.config] = config.id
        return complete(version, prepared, self._configs[prepared.config], self._people.people)

    def _keep_statistics(self) -> None:
        for one in self._harvest.statistics:
            with self._store.write() as connection:
                is_new = keep_published(
                    connection, one.published, one.digest, one.path, datetime.now(UTC)
                )
            fate = Fate.IMPORTED if is_new else Fate.ALREADY_PRESENT
            self._account.became(fate, PUBLISHED)
