"""What a worker makes of a document: a match in rows and sealed bytes, ready but for the numbers
that only the store knows. Light, and made to be passed between processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena_pipeline.importers.snakebench.game import Layout
from arena_pipeline.leaderboard.published import Published
from arena_pipeline.matches.replay import SealedReplay
from arena_pipeline.matches.rows import Columns

Worth = tuple[int, ...]
"""How much a version of a game tells; of two the larger is worth more (see `choosing`)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One version of one game. `match` lacks its config's id, `seats` who sat there; `settings` are
    those of the config `config`.
    """

    config: str
    settings: Mapping[str, Any]
    match: Columns
    seats: tuple[Columns, ...]
    replay: SealedReplay | None


@dataclass(slots=True)
class Version:
    """What is remembered of a version of a game while others are read; `packed` is the pickled
    `Prepared`, which waits in the scratch file at `place` meanwhile.

    `ended_text` is the published text of the end, "" if missing; `flags` are those of all seats,
    with the kinds of their faults.
    """

    path: str
    digest: str
    layout: Layout
    worth: Worth
    uuid: str
    ended_text: str
    names: tuple[str, ...]
    config: str
    verification: str
    detail: str | None
    flags: tuple[str, ...]
    packed: bytes = b""
    place: tuple[int, int] = (0, 0)

    @property
    def order(self) -> tuple[str, str]:
        """What matches are recorded by: the text of their end, missing first, then their id."""
        return (self.ended_text, self.uuid)


@dataclass(frozen=True, slots=True)
class Statistics:
    """A document that is no game but statistics that were published."""

    path: str
    digest: str
    published: Published


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that gave nothing; `file` is set for a line of a file of lines."""

    path: str
    reason: str
    file: str | None = None
    digest: str = ""


Outcome = Version | Statistics | Refused
