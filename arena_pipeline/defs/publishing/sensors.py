"""The sensor that publishes matches Dagster did not play: by hand, by another loop."""

import dagster as dg

from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.watching import sensor_for

publish_job = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups("matches", "ratings", "publishing"),
    description="Looks at matches and ratings as they are and publishes leaderboard and warehouse.",
)

AT_WORK = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)


def unpublished_matches(
    context: dg.SensorEvaluationContext, arena: Arena
) -> dg.RunRequest | dg.SkipReason:
    """Publish when the exported files or the warehouse do not show the newest rated match and no
    run is about to do so.

    The run key is the sentence that says by how much: a publication that fails is tried again with
    the next match, not on each tick.
    """
    from arena_pipeline.leaderboard.exports import behind, folder_of
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
    from arena_pipeline.warehouse.checking import behind as warehouse_behind

    with arena.open() as store:
        folder = folder_of(arena.settings.export_dir, DEFAULT_LADDER)
        late = behind(store, folder, DEFAULT_LADDER) or warehouse_behind(store, arena.settings)
    if late is None:
        return dg.SkipReason("The published files and the warehouse show the newest match.")
    if context.instance.get_runs(dg.RunsFilter(statuses=list(AT_WORK)), limit=1):
        return dg.SkipReason(f"{late}; a run is at work, and what it brings is published after it.")
    return dg.RunRequest(run_key=late)


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor, and the job it starts."""
    return sensor_for(
        publish_job,
        unpublished_matches,
        "Publishes matches that were recorded outside of Dagster, such as by hand.",
    )
