"""Whether the catalog at hand can be true. Blocking: a broken one touches nothing downstream."""

import dagster as dg

from arena_pipeline.defs.catalog.assets import openrouter_catalog
from arena_pipeline.defs.looks import table
from arena_pipeline.defs.resources import Arena


@dg.asset_check(
    asset=openrouter_catalog,
    blocking=True,
    description="The store has an accepted catalog, and its models are those that catalog lists.",
)
def catalog_is_sane(arena: Arena) -> dg.AssetCheckResult:
    """Compare the newest accepted snapshot with the models the store lists."""
    from arena_pipeline.registry.models import models
    from arena_pipeline.registry.snapshots import snapshots

    with arena.open() as store:
        listed = models(store, removed=False)
        history = snapshots(store, limit=10)
    accepted = next((snapshot for snapshot in history if snapshot.accepted), None)
    return dg.AssetCheckResult(
        passed=accepted is not None and 0 < accepted.models <= len(listed),
        description=None if accepted else "No catalog was accepted yet.",
        metadata={
            "models listed": len(listed),
            "models in the catalog": accepted.models if accepted else 0,
            "last catalogs": table(
                ("fetched", "source", "accepted", "models", "reason"),
                [(s.fetched_at, s.source, s.accepted, s.models, s.reason) for s in history],
            ),
        },
    )
