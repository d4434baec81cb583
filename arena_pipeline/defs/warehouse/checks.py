"""Whether the warehouse says what the store says, and whether its Parquet files prove it."""

import dagster as dg

from arena_pipeline.defs.looks import findings, table
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.warehouse.assets import warehouse


@dg.asset_check(
    asset=warehouse,
    description="DuckDB, Parquet and store have the same rows and sums, month by month; what came "
    "into the store since the build is no fault.",
)
def warehouse_matches_store(arena: Arena) -> dg.AssetCheckResult:
    """Compare the warehouse with the store."""
    from arena_pipeline.warehouse.checking import check

    with arena.open() as store:
        found = check(store, arena.settings)
    result = findings(found.differences, f"{found.compared} tables and months are as in the store.")
    newer = table(("table", "month"), found.newer)
    return result._replace(metadata={**(result.metadata or {}), "newer in the store": newer})


@dg.asset_check(
    asset=warehouse,
    description="Ratings, standings and digest chains computed from the Parquet files alone are "
    "the published ones, bit for bit.",
)
def warehouse_recomputes(arena: Arena) -> dg.AssetCheckResult:
    """Audit the Parquet files as an outsider would."""
    from arena_pipeline.defs.resources import in_plain_words
    from arena_pipeline.warehouse.auditing import audit
    from arena_pipeline.warehouse.building.files import Layout

    with in_plain_words():
        settings = arena.settings
        found = audit(
            Layout(settings.warehouse_dir).parquet, memory_mb=settings.warehouse_memory_mb
        )
    result = findings(
        found.sentences, f"{sum(one.matches for one in found.ladders):,} matches give every number."
    )
    ladders = table(
        ("ladder", "epoch", "matches", "head of the chain"),
        [(one.ladder, one.epoch, one.matches, one.head) for one in found.ladders],
    )
    return result._replace(metadata={**(result.metadata or {}), "ladders": ladders})
