"""What the world sees: the leaderboard and its files."""

import dagster as dg

from arena_pipeline.defs.automation import REFRESH
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import chart, rows_of, table
from arena_pipeline.defs.publishing.columns import board_columns
from arena_pipeline.defs.ratings.assets import elo_ratings
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Standing


@dg.asset(
    group_name="publishing",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[elo_ratings],
    automation_condition=REFRESH,
    metadata=rows_of(Standing, board_columns()),
    description="Who stands where on the default ladder, and on how many matches that rests.",
)
def leaderboard(arena: Arena) -> dg.MaterializeResult[None]:
    """Show the leaderboard."""
    from arena_pipeline.leaderboard import charts
    from arena_pipeline.leaderboard.board import board
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    with arena.open() as store:
        seen = board(store, DEFAULT_LADDER)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(seen.rows),
            "leaderboard": table(
                ("rank", "agent", "rating", "won", "lost", "tied", "top score", "status"),
                [
                    (
                        r.rank,
                        r.competitor,
                        r.rating,
                        r.wins,
                        r.losses,
                        r.ties,
                        r.top_score,
                        r.status,
                    )
                    for r in seen.rows
                ],
                "Nobody has played yet.",
            ),
            "chart": chart(charts.ratings_chart(seen)),
            "matches": seen.matches,
        }
    )


@dg.asset(
    group_name="publishing",
    kinds={"json", "csv", "parquet"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[leaderboard],
    automation_condition=REFRESH,
    pool="exports",
    description="The leaderboard and its matches as files: JSON, CSV, Parquet and Markdown.",
)
def exports(arena: Arena) -> dg.MaterializeResult[None]:
    """Write the files."""
    from arena_pipeline.leaderboard.exports import export, folder_of
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    folder = folder_of(arena.settings.export_dir, DEFAULT_LADDER)
    with arena.open() as store:
        report = export(store, folder, DEFAULT_LADDER)
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(str(folder)),
            "files": table(
                ("file", "rows", "SHA-256"), [(f.name, f.rows, f.digest) for f in report.files]
            ),
        }
    )
