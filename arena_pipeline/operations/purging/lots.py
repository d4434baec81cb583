"""What can be purged, as it is told: lots of things of a kind, with their number, age and size."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from arena_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Before which moments things are old: Dagster's records, and payloads of calls."""

    runs: datetime
    calls: datetime

    @classmethod
    def of(
        cls, settings: Settings, older_than: float | None = None, now: datetime | None = None
    ) -> Self:
        """From the settings, or `older_than` days for everything."""
        moment = now or datetime.now(UTC)
        days = (settings.purge_runs_days, settings.purge_calls_days)
        return cls(*(moment - timedelta(days=older_than or one) for one in days))


@dataclass(frozen=True, slots=True)
class Lot:
    """Things of one kind that are old: `count` of them, the oldest and what they take (bytes).

    `done` is what becomes, or became, of them. `failed` names what could not be purged, and why;
    `bytes` and `oldest` are None where they are not known.
    """

    what: str
    count: int
    done: str
    oldest: datetime | None = None
    bytes: int | None = None
    failed: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As plain values; times ISO 8601 in UTC."""
        oldest = None if self.oldest is None else self.oldest.isoformat()
        return asdict(self) | {"oldest": oldest, "failed": list(self.failed)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """The same, read again."""
        oldest = None if plain["oldest"] is None else datetime.fromisoformat(plain["oldest"])
        return cls(**plain | {"oldest": oldest, "failed": tuple(plain["failed"])})
