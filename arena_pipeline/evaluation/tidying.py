"""What is put in order before work begins: dead processes' calls, matches that stood still for too
long, models whose calls keep failing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from arena_pipeline.evaluation.failing import FailingPolicy, retire_failing
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many calls were given up for lost, how many matches void, and which models retired."""

    lost: int
    voided: int
    retired: tuple[str, ...]


def tidy(store: Store, settings: Settings, now: datetime | None = None) -> Tidied:
    """Put it in order. Safe to repeat and beside others, each step for itself."""
    from arena_pipeline.calls.spending.losing import lose_stale_calls
    from arena_pipeline.matches.voiding import void_stale
    from arena_pipeline.registry.declared.failing import failing_policy

    moment = now or datetime.now(UTC)
    lost = lose_stale_calls(store, settings, moment)
    voided = len(void_stale(store, settings, moment))
    said = failing_policy(settings)
    policy = None if said is None else FailingPolicy(said.calls, said.share, said.days)
    return Tidied(lost, voided, retire_failing(store, policy, moment))
