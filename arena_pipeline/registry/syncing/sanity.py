"""Whether the catalog the store works with can be true.

What belongs here: the judgement over what was taken over. Whether a fetched catalog is taken over
at all is decided in `registry.syncing.sync`.
"""

from dataclasses import dataclass

from arena_pipeline.registry.models import models
from arena_pipeline.registry.syncing.snapshots import Snapshot, last_accepted
from arena_pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Sanity:
    """Outcome: `sentence` says it either way; `listed` is how many models the store lists."""

    sound: bool
    sentence: str
    listed: int
    accepted: Snapshot | None


def catalog_sanity(store: Store) -> Sanity:
    """Compare the last accepted catalog, however long ago, with the models the store lists."""
    return judge(last_accepted(store), len(models(store, removed=False)))


def judge(accepted: Snapshot | None, listed: int) -> Sanity:
    """Decide on the last accepted catalog and the number of models listed.

    More may be listed than it names: models come from the models file and imports too.
    """
    if accepted is None:
        return Sanity(False, "No catalog was accepted yet; fetch one: arena sync", listed, None)
    named = f"the catalog of {accepted.fetched_at:%Y-%m-%d %H:%M} UTC"
    if listed >= accepted.models:
        return Sanity(
            True, f"All {accepted.models} models of {named} are listed.", listed, accepted
        )
    return Sanity(
        False,
        f"The store lists {listed} of the {accepted.models} models of {named}: something other "
        "than a sync removed them; the next catalog that differs brings them back",
        listed,
        accepted,
    )
