"""Documents worked on side by side: a few processes that read, replay and seal games.

A handful of documents is worked off here, since a process takes longer to start than a small
folder to read. Of more, only so many bytes are on their way at a time. A worker outlives neither
the import nor its sudden end.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from arena_pipeline.errors import ArenaError, RecordingError, ReplayError
from arena_pipeline.games.protocol import GameError
from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.importers.snakebench.reading import documents
from arena_pipeline.importers.snakebench.reading.sources import Document
from arena_pipeline.importers.snakebench.recording.configs import ConfigNames
from arena_pipeline.importers.snakebench.recording.crew import Crew, MemberDied
from arena_pipeline.importers.snakebench.recording.prepared import Outcome, Refused, Statistics
from arena_pipeline.importers.snakebench.recording.preparing import prepare
from arena_pipeline.importers.snakebench.recording.published import read_published

ALONE_BYTES = 8 * 2**20
"""Bytes of documents up to which no process is started."""

IN_FLIGHT_BYTES = 48 * 2**20
"""Bytes of documents that may wait for the workers, or be worked on, at a time."""

_BATCHES_EACH = 3
"""Batches that may be on their way for each worker."""

LONGEST_REASON = 300
"""Letters of a reason, which may quote what is in a document."""

OTHER = "it is not a SnakeBench replay, header, index or statistics file"

_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a document that is not what it seems may raise anywhere."""


class WorkerDied(ArenaError):
    """A process of the import was killed; nothing of what it was at is in the store."""


def outcomes(
    batches: Iterable[Sequence[Document]], names: ConfigNames, workers: int
) -> Iterator[Outcome]:
    """What becomes of each document, in their order. With one worker no process is started.

    Raises WorkerDied.
    """
    alone = 0
    crew: Crew[Sequence[Document], list[Outcome]] | None = None
    waiting: deque[int] = deque()
    try:
        for batch in batches:
            size = sum(len(document.content) for document in batch)
            if workers == 1 or (crew is None and alone + size <= ALONE_BYTES):
                alone += size
                yield from work(batch, names)
                continue
            while waiting and (
                len(waiting) >= workers * _BATCHES_EACH or size + sum(waiting) > IN_FLIGHT_BYTES
            ):
                waiting.popleft()
                yield from crew.take() if crew is not None else ()
            if crew is None:
                crew = Crew(workers, partial(work, names=names))
            crew.give(batch)
            waiting.append(size)
        for _ in waiting:
            yield from crew.take() if crew is not None else ()
    except MemberDied as error:
        raise WorkerDied(
            "A worker of the import was killed or ran out of memory. What was recorded before is "
            "in the store; run the same import again, with fewer --workers if memory was short"
        ) from error
    finally:
        if crew is not None:
            crew.end()


def work(batch: Sequence[Document], names: ConfigNames) -> list[Outcome]:
    """What becomes of each document of a batch."""
    return [_outcome(document, names) for document in batch]


def _outcome(document: Document, names: ConfigNames) -> Outcome:
    if document.refused is not None:
        return _refused(document, document.refused)
    try:
        return prepare(document.path, document.digest, document.content, names)
    except NotAGame:
        return _other(document)
    except BadGame as error:
        return _refused(document, error.reason)
    except (GameError, RecordingError, ReplayError) as error:
        return _refused(document, str(error))
    except _BROKEN as error:
        return _refused(document, f"it is not what a game is: {error!r}")


def _other(document: Document) -> Outcome:
    """A document that is no game: statistics, or nothing of SnakeBench's."""
    if document.file is not None:
        return _refused(document, "the line is no header of a game")
    if len(document.content) > documents.LARGEST_MENDED:
        return _refused(document, OTHER)
    try:
        published = read_published(document.content, document.path)
    except ArenaError as error:
        return _refused(document, str(error))
    if published is None:
        return _refused(document, OTHER)
    return Statistics(document.path, document.digest, published)


def _refused(document: Document, reason: str) -> Refused:
    reason = reason.removesuffix(".")
    if len(reason) > LONGEST_REASON:
        reason = reason[: LONGEST_REASON - 1] + "…"
    return Refused(document.path, reason, document.file, document.digest)
