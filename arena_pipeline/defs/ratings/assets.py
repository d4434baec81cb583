"""Ratings: the recorder keeps them with every match; materializing this looks at them."""

import dagster as dg

from arena_pipeline.defs.automation import REFRESH
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import chart, stored_in, table
from arena_pipeline.defs.matches.assets import participants
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import RatingEvent


@dg.asset(
    group_name="ratings",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[participants],
    automation_condition=REFRESH,
    metadata=stored_in(RatingEvent),
    description="Elo on the default ladder: K = 32, from 1500, in the order of finishing.",
)
def elo_ratings(arena: Arena) -> dg.MaterializeResult[None]:
    """Show the ratings and how they came about."""
    from arena_pipeline.leaderboard import charts
    from arena_pipeline.leaderboard.board import board
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    with arena.open() as store:
        seen = board(store, DEFAULT_LADDER)
        history = charts.rating_history_chart(store, DEFAULT_LADDER)
    return dg.MaterializeResult(
        metadata={
            "rated matches": seen.matches,
            "epoch": seen.epoch,
            "ratings": table(
                ("agent", "rating", "matches"),
                [(row.competitor, row.rating, row.matches) for row in seen.rows],
            ),
            "history": chart(history),
        }
    )
