"""What a sync of the catalog did, for people, programs and Dagster."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from arena_pipeline.catalog.diff import CatalogDiff, ChangeKind
from arena_pipeline.catalog.snapshot import SkippedRow


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Outcome of one sync.

    `snapshot` is the digest of the catalog's content and `snapshot_id` its row in the store.
    `agents_versioned` are the new versions of agents whose model another one took the place of.
    `changed` is False where the same content was accepted before. `notice` is a sentence a person
    must see (no network, sample data, ...). A refused catalog raises; `refused` and `reason` are
    set in the report made from that error for programs.
    """

    snapshot: str | None
    fetched_at: datetime | None
    models: int
    snapshot_id: int | None = None
    file: str | None = None
    diff: CatalogDiff = field(default_factory=CatalogDiff)
    skipped: tuple[SkippedRow, ...] = ()
    agents_versioned: tuple[str, ...] = ()
    changed: bool = True
    is_sample: bool = False
    reachable: bool = True
    notice: str | None = None
    refused: bool = False
    reason: str | None = None

    @classmethod
    def of_refusal(cls, error: Exception, fetched_at: datetime | None = None) -> "SyncReport":
        """The report of a sync that changed nothing because it raised `error`."""
        return cls(None, fetched_at, 0, changed=False, refused=True, reason=str(error))

    def to_json(self) -> dict[str, Any]:
        """As `arena sync --json` prints it. Prices are USD per million tokens as decimal text."""
        differences = {
            str(kind): [c if isinstance(c, str) else c.to_json() for c in getattr(self.diff, kind)]
            for kind in ChangeKind
        }
        return {
            "snapshot": self.snapshot,
            "fetched_at": self.fetched_at.isoformat() if self.fetched_at else None,
            "models": self.models,
            **differences,
            "flipped": [change.slug for change in self.diff.flipped],
            "agents_versioned": list(self.agents_versioned),
            "skipped": [row.to_json() for row in self.skipped],
            "refused": self.refused,
            "reason": self.reason,
            "is_sample": self.is_sample,
            "notice": self.notice,
        }
