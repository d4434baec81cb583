"""What an audit found."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from arena_pipeline.warehouse.errors import WarehouseError

MOST_PARTINGS = 20
"""Partings of one ladder that are kept one by one; the others are counted."""


class AuditError(WarehouseError):
    """A folder that can't be audited at all: there is no warehouse in it, or it can't be read."""


@dataclass(frozen=True, slots=True)
class Parting:
    """One place where what is published and what its matches give part.

    `sequence` and `match` (uuid) say at which match, `competitor` for whom, as far as it applies.
    Floats part if any bit does.
    """

    ladder: str
    field: str
    published: object
    recomputed: object
    sequence: int | None = None
    match: str | None = None
    competitor: str | None = None

    def __str__(self) -> str:
        where = [f"ladder {self.ladder}"]
        where += [f"sequence {self.sequence}"] if self.sequence is not None else []
        where += [f"match {self.match}"] if self.match is not None else []
        where += [str(self.competitor)] if self.competitor is not None else []
        return (
            f"{', '.join(where)}: {self.field} is {_shown(self.published)}, "
            f"the matches give {_shown(self.recomputed)}"
        )


@dataclass(slots=True)
class LadderAudit:
    """One ladder gone through: `matches` rated by `competitors` in `epoch`.

    `head` is the end of the chain computed anew, None before the first rated match; `partings`
    holds the first ones in order, `parted` counts all.
    """

    ladder: str
    epoch: int
    matches: int = 0
    competitors: int = 0
    head: str | None = None
    parted: int = 0
    partings: list[Parting] = field(default_factory=list)

    def part(self, parting: Parting) -> None:
        """Take down a parting."""
        self.parted += 1
        if len(self.partings) < MOST_PARTINGS:
            self.partings.append(parting)


@dataclass(frozen=True, slots=True)
class Audit:
    """What is to be said of a folder of Parquet.

    `faults` are sentences on files (altered, missing, strange) and on a quoted head that fits
    nothing; `notes` on what was found to be so and on what could not be checked.
    """

    folder: Path
    built_at: datetime | None
    files: int
    ladders: tuple[LadderAudit, ...]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not any(ladder.parted for ladder in self.ladders)

    @property
    def sentences(self) -> list[str]:
        """All that is wrong, files first; of each ladder the first partings."""
        found = list(self.faults)
        for ladder in self.ladders:
            found += [str(parting) for parting in ladder.partings]
            if ladder.parted > len(ladder.partings):
                more = ladder.parted - len(ladder.partings)
                found.append(f"ladder {ladder.ladder}: ... and {more} more partings")
        return found


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
