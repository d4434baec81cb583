"""The first pass of an import: every document read, known ones told by their bytes, the rest worked
on side by side; the best version of each game waits to be recorded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import bindparam, func, select

from arena_pipeline.importers.snakebench.reading.sources import Document, Read, Sources
from arena_pipeline.importers.snakebench.recording.choosing import is_better
from arena_pipeline.importers.snakebench.recording.configs import known_configs
from arena_pipeline.importers.snakebench.recording.prepared import (
    Outcome,
    Refused,
    Statistics,
    Version,
)
from arena_pipeline.importers.snakebench.recording.scratch import Scratch
from arena_pipeline.importers.snakebench.recording.workers import outcomes
from arena_pipeline.importers.snakebench.telling.report import (
    PUBLISHED,
    UNKNOWN,
    Account,
    Fate,
    Superseded,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant

Progress = Callable[[str, int, int | None], None]
"""Called with what is going on ("reading", in bytes, or "recording", in matches), how much of it is
done, and how much there is in all.
"""

READING, RECORDING = "reading", "recording"

BATCH_BYTES, BATCH_DOCUMENTS = 2**20, 200
"""A batch for a worker has as many documents as fit into both."""


@dataclass(slots=True)
class Harvest:
    """What the first pass brought: the best version of each game, statistics, and the account."""

    account: Account
    versions: dict[str, Version] = field(default_factory=dict)
    statistics: list[Statistics] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    readable: int = 0
    """Documents that were games or statistics, known ones too."""


class Reading:
    """The first pass over some sources."""

    def __init__(
        self,
        store: Store,
        sources: Sources,
        scratch: Scratch,
        workers: int,
        progress: Progress | None,
    ) -> None:
        self._store, self._sources, self._scratch = store, sources, scratch
        self._workers, self._progress = workers, progress
        self._harvest = Harvest(Account())
        self._files: dict[str, str | None] = {}
        """Of each digest sent to the workers, the file of lines that it came from."""
        self._copies: dict[str, list[Document]] = {}
        """Further documents of the same bytes, by digest, without these."""
        self._lesser: list[Version] = []
        self._refused: dict[str, Refused] = {}
        self._lines: dict[str, list[Refused]] = {}
        self._good_files: set[str] = set()

    def harvest(self) -> Harvest:
        """Read everything. Raises WorkerDied, StoreError."""
        for outcome in outcomes(self._batches(), known_configs(self._store), self._workers):
            self._take(outcome)
        self._settle_copies()
        for lesser in self._lesser:
            best = self._harvest.versions[lesser.uuid]
            self._account.supersede(
                Superseded(lesser.path, best.path, lesser.layout.value, best.layout.value),
                len(lesser.names),
            )
        self._settle_lines()
        return self._harvest

    def _batches(self) -> Iterator[list[Document]]:
        batch: list[Document] = []
        size = 0
        for found in self._sources.read():
            if isinstance(found, Read):
                if self._progress is not None:
                    self._progress(READING, found.done, self._sources.size)
                continue
            batch.append(found)
            size += len(found.content)
            if size >= BATCH_BYTES or len(batch) >= BATCH_DOCUMENTS:
                yield self._unknown(batch)
                batch, size = [], 0
        if batch:
            yield self._unknown(batch)

    def _unknown(self, batch: Sequence[Document]) -> list[Document]:
        """Those whose bytes neither the store nor this run has seen; the others are accounted
        for.
        """
        digests = list({one.digest for one in batch if one.digest} - self._files.keys())
        with self._store.read() as connection:
            rows = connection.execute(_KNOWN, {"digests": digests}).all() if digests else []
        stored = {row.source_digest: row for row in rows}
        fresh = []
        for document in batch:
            if document.digest in stored:
                row = stored[document.digest]
                self._known(document, row.info.get("layout", UNKNOWN), row.seats)
            elif document.digest and document.digest in self._files:
                self._copies.setdefault(document.digest, []).append(replace(document, content=b""))
            else:
                if document.digest:
                    self._files[document.digest] = document.file
                fresh.append(document)
        return fresh

    @property
    def _account(self) -> Account:
        return self._harvest.account

    def _known(self, document: Document, layout: str, seats: int) -> None:
        """A document whose match came from these very bytes."""
        self._account.found(layout, seats)
        self._account.became(Fate.ALREADY_PRESENT, layout, seats)
        self._note_readable(document.file)

    def _take(self, outcome: Outcome) -> None:
        match outcome:
            case Version():
                self._take_version(outcome)
            case Statistics():
                self._account.found(PUBLISHED)
                self._harvest.statistics.append(outcome)
                self._note_readable(None)
            case Refused():
                self._take_refused(outcome)

    def _take_version(self, version: Version) -> None:
        self._scratch.put(version)
        self._harvest.names.update(version.names)
        self._account.found(version.layout.value, len(version.names))
        self._note_readable(self._files[version.digest])
        best = self._harvest.versions.get(version.uuid)
        if best is None:
            self._harvest.versions[version.uuid] = version
        elif is_better((version.worth, version.digest), (best.worth, best.digest)):
            self._harvest.versions[version.uuid] = version
            self._lesser.append(best)
        else:
            self._lesser.append(version)

    def _take_refused(self, refused: Refused) -> None:
        if refused.digest:
            self._refused[refused.digest] = refused
        if refused.file is not None:
            self._lines.setdefault(refused.file, []).append(refused)
        else:
            self._account.found(UNKNOWN)
            self._account.reject(refused.path, refused.reason)

    def _note_readable(self, file: str | None) -> None:
        self._harvest.readable += 1
        if file is not None:
            self._good_files.add(file)

    def _settle_copies(self) -> None:
        """Of documents with the same bytes the one whose path comes first stands for all, however
        they came.
        """
        if not self._copies:
            return
        versions = {one.digest: one for one in (*self._harvest.versions.values(), *self._lesser)}
        statistics = {one.digest: one for one in self._harvest.statistics}
        for digest, copies in self._copies.items():
            if digest in versions:
                self._settle_versions(versions[digest], copies)
            elif digest in statistics:
                for copy in copies:
                    self._account.found(PUBLISHED)
                    first = statistics[digest].path
                    self._account.supersede(_copied(copy.path, first, PUBLISHED))
            else:
                for copy in copies:
                    reason = self._refused[digest].reason
                    self._take_refused(Refused(copy.path, reason, copy.file))

    def _settle_versions(self, version: Version, copies: Sequence[Document]) -> None:
        layout, seats = version.layout.value, len(version.names)
        version.path, *others = sorted([version.path, *(copy.path for copy in copies)])
        for other in others:
            self._account.found(layout, seats)
            self._account.supersede(_copied(other, version.path, layout), seats)
        for copy in copies:
            self._note_readable(copy.file)

    def _settle_lines(self) -> None:
        """A file of lines none of which is a game is one document that is none."""
        for file, refused in self._lines.items():
            if file in self._good_files:
                for one in refused:
                    self._account.found(UNKNOWN)
                    self._account.reject(one.path, one.reason)
            else:
                self._account.found(UNKNOWN)
                self._account.reject(
                    file,
                    f"none of its {len(refused)} lines is a game; the first: {refused[0].reason}",
                )


def _copied(path: str, first: str, layout: str) -> Superseded:
    return Superseded(path, first, layout, layout, same_bytes=True)


_KNOWN = select(
    Match.source_digest,
    Match.info,
    select(func.count())
    .where(Participant.match_id == Match.id)
    .correlate(Match)
    .scalar_subquery()
    .label("seats"),
).where(Match.source_digest.in_(bindparam("digests", expanding=True)))
