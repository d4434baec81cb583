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
    """Ask the registry, and show the last catalogs, refused ones too."""
    from arena_pipeline.registry.syncing.sanity import catalog_sanity
    from arena_pipeline.registry.syncing.snapshots import snapshots

    with arena.open() as store:
        sanity = catalog_sanity(store)
        history = snapshots(store, limit=10)
    return dg.AssetCheckResult(
        passed=sanity.sound,
        description=sanity.sentence,
        metadata={
            "models listed": sanity.listed,
            "models in the catalog": sanity.accepted.models if sanity.accepted else 0,
            "last catalogs": table(
                ("fetched", "source", "accepted", "models", "reason"),
                [(s.fetched_at, s.source, s.accepted, s.models, s.reason) for s in history],
            ),
        },
    )
