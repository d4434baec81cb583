"""The leaderboard day by day: taken with each publication, and once before the day ends."""

import dagster as dg

from arena_pipeline.defs.automation import REFRESH
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import stored_in, table
from arena_pipeline.defs.publishing.assets import leaderboard
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import StandingDay


@dg.asset(
    group_name="publishing",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[leaderboard],
    automation_condition=REFRESH,
    metadata=stored_in(StandingDay),
    description="Each ladder as it stood at the end of each day, so that the past is a lookup.",
)
def standing_days(arena: Arena) -> dg.MaterializeResult[None]:
    """Take today's standings of every ladder."""
    from arena_pipeline.leaderboard.days import take_days

    with arena.open() as store:
        taken = take_days(store)
    return dg.MaterializeResult(
        metadata={
            "taken": table(
                ("ladder", "day", "competitors"),
                [(one.ladder, one.day, one.competitors or "as before") for one in taken],
            )
        }
    )


days_job = dg.define_asset_job(
    "standings_by_day",
    selection=dg.AssetSelection.assets(standing_days),
    description="Each ladder as it stands, written down as the day's.",
)


@dg.definitions
def schedules() -> dg.Definitions:
    """The asset, and `standings_by_day` shortly before the day ends in UTC, whatever the time zone
    of the other schedules. Dagster takes nothing else from a module that has a function like this.
    """
    return dg.Definitions(
        assets=[standing_days],
        jobs=[days_job],
        schedules=[
            dg.ScheduleDefinition(
                name="standings_by_day",
                job=days_job,
                cron_schedule="55 23 * * *",
                execution_timezone="UTC",
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description="Writes down how each ladder stands at the end of the day (UTC).",
            )
        ],
    )
