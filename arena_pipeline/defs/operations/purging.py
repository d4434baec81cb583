"""The asset that purges, and its schedule: off until somebody switches it on in the UI."""

from typing import TYPE_CHECKING

import dagster as dg

from arena_pipeline.defs.defaults import ON_DEMAND, OWNERS
from arena_pipeline.defs.looks import NOTICE, table
from arena_pipeline.defs.operations.growth import growth
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.running import Graph
from arena_pipeline.settings import Settings

if TYPE_CHECKING:
    from arena_pipeline.operations.purging.lots import Lot


@dg.asset(
    group_name="operations",
    kinds={"python", "parquet"},
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    pool="purge",
    description="What grows without end and no rating needs: old runs of Dagster with their events "
    "and ticks go, payloads of old calls move to Parquet. Matches, ratings and replays stay.",
)
def purged(context: dg.AssetExecutionContext, arena: Arena) -> dg.MaterializeResult[None]:
    """Purge what is older than the settings say."""
    from arena_pipeline.operations.purging.lots import Cutoffs
    from arena_pipeline.operations.purging.purge import purge

    settings = arena.settings
    cutoffs = Cutoffs.of(settings)
    with arena.open() as store:
        lots = [
            *purge(store, settings, cutoffs),
            *growth(context.instance, Graph(context.instance).checks, cutoffs.runs, purge=True),
        ]
    failures = [f"{lot.what}: {failure}" for lot in lots for failure in lot.failed]
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: failures[0]} if failures else {}),
            "purged": _table(lots),
            "older than": f"{cutoffs.runs:%Y-%m-%d} (Dagster), {cutoffs.calls:%Y-%m-%d} (calls)",
            "what failed": table(("what failed",), [(failure,) for failure in failures]),
        }
    )


purge_job = dg.define_asset_job(
    "purge",
    selection=dg.AssetSelection.assets(purged),
    description="Old runs, ticks and payloads cleared away.",
)


@dg.definitions
def schedules() -> dg.Definitions:
    """The asset, and `purge` at the time the settings say.

    Dagster takes nothing else from a module that has a function like this.
    """
    settings = Settings.load()
    return dg.Definitions(
        assets=[purged],
        jobs=[purge_job],
        schedules=[
            dg.ScheduleDefinition(
                name="purge",
                job=purge_job,
                cron_schedule=settings.purge_cron,
                execution_timezone=settings.time_zone,
                default_status=dg.DefaultScheduleStatus.STOPPED,
                description="Purges old records (ARENA_PURGE_CRON, ARENA_PURGE_RUNS_DAYS, "
                "ARENA_PURGE_CALLS_DAYS).",
            )
        ],
    )


def _table(lots: "list[Lot]") -> dg.MarkdownMetadataValue:
    return table(
        ("what", "how many", "the oldest", "bytes"),
        [(lot.what, lot.count, lot.oldest, lot.bytes) for lot in lots if lot.count],
        "Nothing was old.",
    )
