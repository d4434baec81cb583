"""The daily run: catalog, registry and queue brought up to date, all checked and published."""

import dagster as dg

from arena_pipeline.settings import Settings

daily_job = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.groups("catalog", "registry", "matches", "ratings", "publishing")
    | dg.AssetSelection.assets("evaluation_queue"),
    description="Catalog, registry and queue, then everything that is published, with all checks.",
)


@dg.definitions
def schedules() -> dg.Definitions:
    """`daily_catalog_sync` at the time the settings say."""
    settings = Settings.load()
    return dg.Definitions(
        jobs=[daily_job],
        schedules=[
            dg.ScheduleDefinition(
                name="daily_catalog_sync",
                job=daily_job,
                cron_schedule=settings.catalog_cron,
                execution_timezone=settings.time_zone,
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description="Reads the model catalog (ARENA_CATALOG_CRON, ARENA_TIME_ZONE).",
            )
        ],
    )
