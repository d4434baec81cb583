"""The sensor that starts the placement of agents nobody has rated yet."""

import json
import time
from typing import TYPE_CHECKING

import dagster as dg

from arena_pipeline.defs.evaluation.assets import placement_matches
from arena_pipeline.defs.evaluation.batching import Batch, batches
from arena_pipeline.defs.evaluation.partitions import PARTITIONS, agents_partitions, run_tags
from arena_pipeline.defs.failures import LADDER_TAG, agents_of
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.watching import sensor_for

if TYPE_CHECKING:
    from arena_pipeline.evaluation.placement import NextPlacements

placement_job = dg.define_asset_job(
    "placement",
    selection=dg.AssetSelection.assets(placement_matches),
    description="The placement of one agent, or of several that call models.",
)

NO_RETRY = {"dagster/max_retries": "0"}
"""What a dead run held is given back under a new run key, so that this sensor starts it again."""

TOLD_FOR_S = 300.0
"""Seconds for which ticks with nobody to place repeat who waits and why, instead of looking."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING,
]  # fmt: skip


def untested_agents(
    context: dg.SensorEvaluationContext, arena: Arena
) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run per bot that is ready, and for one of several agents that call models;
    otherwise say who waits and why.
    """
    from arena_pipeline.evaluation.idling import may_have_work
    from arena_pipeline.evaluation.placement import next_placements
    from arena_pipeline.evaluation.serving import served_ladders
    from arena_pipeline.evaluation.switch import is_paused

    settings = arena.settings
    most = settings.placements_per_tick * settings.placements_per_run
    with arena.open() as store:
        told = _told_lately(context.cursor)
        if told is not None:
            with store.read() as connection:
                if not may_have_work(connection):
                    return dg.SkipReason(told)
        with store.read() as connection:
            paused = is_paused(connection)
        if paused is not None:
            return dg.SkipReason(f"The arena is {paused}. `arena resume` lets it go on.")
        looked = {
            ladder: next_placements(store, settings, limit=most, ladder=ladder)
            for ladder in served_ladders(store)
        }
    order = context.instance.get_dynamic_partitions(PARTITIONS)
    asked_for = _asked_for(context.instance) if any(one.ready for one in looked.values()) else set()
    found = [
        batch
        for ladder, waiting in looked.items()
        for batch in batches(
            [one for one in waiting.ready if (ladder, one.agent) not in asked_for],
            order,
            settings.placements_per_run,
        )
    ][: settings.placements_per_tick]
    if not found:
        explained = _explain(looked)
        context.update_cursor(json.dumps({"at": time.time(), "told": explained}))
        return dg.SkipReason(explained)
    return dg.SensorResult(
        run_requests=[_request(batch) for batch in found],
        dynamic_partitions_requests=[
            agents_partitions.build_add_request([agent for one in found for agent in one.agents])
        ],
    )


def _told_lately(cursor: str | None) -> str | None:
    """Why the last tick that looked at everybody found nobody, unless that is too long ago."""
    if cursor is None:
        return None
    last = json.loads(cursor)
    return str(last["told"]) if 0 <= time.time() - last["at"] < TOLD_FOR_S else None


def _asked_for(instance: dg.DagsterInstance) -> set[tuple[str, str]]:
    """Ladder and agent of all placements whose runs are under way or wait in Dagster's queue."""
    runs = instance.get_runs(dg.RunsFilter(job_name=placement_job.name, statuses=_UNDER_WAY))
    return {(run.tags.get(LADDER_TAG, ""), agent) for run in runs for agent in agents_of(run)}


def _request(batch: Batch) -> dg.RunRequest:
    tags = NO_RETRY | run_tags(batch.ladder, batch.agents)
    alone = batch.agents[0] if len(batch.agents) == 1 else None
    return dg.RunRequest(run_key=batch.run_key, partition_key=alone, tags=tags)


def _explain(looked: "dict[str, NextPlacements]") -> str:
    if len(looked) == 1:
        return next(iter(looked.values())).explain()
    return " ".join(f"[{ladder}] {waiting.explain()}" for ladder, waiting in looked.items())


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor, and the job it starts."""
    return sensor_for(
        placement_job,
        untested_agents,
        "Starts the placement of every agent that may play and has no place yet.",
    )
