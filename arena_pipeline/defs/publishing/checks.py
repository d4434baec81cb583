"""Whether what was published says what the store says."""

import dagster as dg

from arena_pipeline.defs.looks import findings
from arena_pipeline.defs.publishing.assets import exports
from arena_pipeline.defs.resources import Arena


@dg.asset_check(
    asset=exports,
    description="The exported files are unaltered and say what the store says.",
)
def export_equals_store(arena: Arena) -> dg.AssetCheckResult:
    """Compare the files with the store."""
    from arena_pipeline.leaderboard.exports import check, folder_of
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    with arena.open() as store:
        folder = folder_of(arena.settings.export_dir, DEFAULT_LADDER)
        found = check(store, folder, DEFAULT_LADDER)
    # Matches recorded since the export are no fault: they bring the next export by themselves.
    return findings(
        found.sentences,
        "The files say what the store says.",
        dg.AssetCheckSeverity.ERROR if found.differences else dg.AssetCheckSeverity.WARN,
    )
