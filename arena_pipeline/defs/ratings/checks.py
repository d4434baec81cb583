"""Whether the ratings are what the matches say. A wrong number is not published."""

import dagster as dg

from arena_pipeline.defs.looks import findings, table
from arena_pipeline.defs.ratings.assets import elo_ratings
from arena_pipeline.defs.resources import Arena


@dg.asset_check(
    asset=elo_ratings,
    blocking=True,
    description="Rating every match again in its order gives the standings bit for bit.",
)
def live_equals_recomputed(arena: Arena) -> dg.AssetCheckResult:
    """Recompute the default ladder beside the live one and compare."""
    from arena_pipeline.leaderboard.comparing import compare
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    with arena.open() as store:
        differences = compare(store, DEFAULT_LADDER)
    return dg.AssetCheckResult(
        passed=not differences,
        description=f"{len(differences)} numbers differ; put them right with: arena recompute"
        if differences
        else "Every number is what a rebuild gives.",
        metadata={
            "differences": table(
                ("competitor", "field", "in the store", "recomputed"),
                [(d.subject, d.field, d.stored, d.rebuilt) for d in differences],
                "None.",
            )
        },
    )


@dg.asset_check(
    asset=elo_ratings,
    description="On the ladder, two-player matches have as many winners as losers.",
)
def wins_equal_losses(arena: Arena) -> dg.AssetCheckResult:
    """Count wins against losses."""
    from arena_pipeline.leaderboard.integrity import unbalanced

    with arena.open() as store:
        return findings(unbalanced(store), "Wins and losses balance.")
