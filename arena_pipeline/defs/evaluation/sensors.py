"""The sensor that starts the placement of agents nobody has rated yet."""

import dagster as dg

from arena_pipeline.defs.evaluation.assets import placement_matches
from arena_pipeline.defs.evaluation.partitions import agents_partitions
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.watching import sensor_for

placement_job = dg.define_asset_job(
    "placement",
    selection=dg.AssetSelection.assets(placement_matches),
    description="The placement of one agent.",
)

NO_RETRY = {"dagster/max_retries": "0"}
"""What a dead run held is given back under a new run key, so that this sensor starts it again."""


def untested_agents(
    context: dg.SensorEvaluationContext, arena: Arena
) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run per agent that is ready; otherwise say who waits and why."""
    from arena_pipeline.evaluation.placement import next_placements

    settings = arena.settings
    with arena.open() as store:
        waiting = next_placements(store, settings, limit=settings.placements_per_tick)
    if not waiting.ready:
        return dg.SkipReason(waiting.explain())
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=placement.run_key,
                partition_key=placement.agent,
                tags=NO_RETRY | {"arena/ladder": placement.ladder},
            )
            for placement in waiting.ready
        ],
        dynamic_partitions_requests=[
            agents_partitions.build_add_request([placement.agent for placement in waiting.ready])
        ],
    )


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor, and the job it starts."""
    return sensor_for(
        placement_job,
        untested_agents,
        "Starts the placement of every agent that may play and has no place yet.",
    )
