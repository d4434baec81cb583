"""The league playing by itself: off until somebody switches it on in the UI."""

import dagster as dg

from arena_pipeline.defs.evaluation.assets import league_matches
from arena_pipeline.settings import Settings

league_job = dg.define_asset_job(
    "league",
    selection=dg.AssetSelection.assets(league_matches),
    description="Matches between ranked agents.",
)


@dg.definitions
def schedules() -> dg.Definitions:
    """`league` at the time the settings say."""
    settings = Settings.load()
    return dg.Definitions(
        jobs=[league_job],
        schedules=[
            dg.ScheduleDefinition(
                name="league",
                job=league_job,
                cron_schedule=settings.league_cron,
                execution_timezone=settings.time_zone,
                default_status=dg.DefaultScheduleStatus.STOPPED,
                description="Plays league matches (ARENA_LEAGUE_CRON, ARENA_LEAGUE_MATCHES).",
            )
        ],
    )
