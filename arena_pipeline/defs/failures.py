"""When a run fails: it is written down once and clearly, and what it held is free again."""

import json
from collections.abc import Iterable

import dagster as dg

from arena_pipeline.defs.resources import Arena
from arena_pipeline.settings import Settings

PARTITION_TAG = "dagster/partition"
AGENTS_TAG = "arena/agents"
"""Whom a run is to place, as a JSON list."""

LADDER_TAG = "arena/ladder"
"""On which ladder."""

NO_REASON = "The run ended without saying why."


def failed_runs(context: dg.RunFailureSensorContext, arena: Arena) -> None:
    """Record the failure of a run."""
    from arena_pipeline.evaluation.incidents import record_failure

    step, error = first_failure(context.get_step_failure_events())
    with arena.open() as store:
        incident = record_failure(
            store,
            run_id=context.dagster_run.run_id,
            job=context.dagster_run.job_name,
            step=step,
            error=error or context.failure_event.message or NO_REASON,
            agents=agents_of(context.dagster_run),
            **ladder_of(context.dagster_run),
        )
    context.log.info("%s Freed: %s", incident.error, incident.released or "nothing was held")


def agents_of(run: dg.DagsterRun) -> list[str]:
    """Whom the run was to place: those its tag names, else its partition, which only placements
    have.
    """
    if named := run.tags.get(AGENTS_TAG):
        return [str(alias) for alias in json.loads(named)]
    return [run.tags[PARTITION_TAG]] if PARTITION_TAG in run.tags else []


def ladder_of(run: dg.DagsterRun) -> dict[str, str]:
    """On which ladder, as an argument; nothing where the run does not say."""
    return {"ladder": run.tags[LADDER_TAG]} if LADDER_TAG in run.tags else {}


def first_failure(events: Iterable[dg.DagsterEvent]) -> tuple[str | None, str | None]:
    """The step that failed first and its error in a sentence, if any step did."""
    for event in events:
        if event.is_step_failure:
            return event.step_key, sentence(event)
    return None, None


def sentence(event: dg.DagsterEvent) -> str:
    """What went wrong in a failed step: its own words, else the innermost error."""
    failure = event.step_failure_data
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip().split("\n")[0] if error is not None else "no reason given"


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor, looking at every job."""
    watch = dg.run_failure_sensor(
        name="failed_runs",
        minimum_interval_seconds=Settings.load().sensor_interval_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes an incident for every failed run and frees what the run held.",
    )
    return dg.Definitions(sensors=[watch(failed_runs)])
