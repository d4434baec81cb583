"""The sensor that sees a changed models file: a bot added to it plays without anybody asking."""

import dagster as dg

from arena_pipeline.defs.registry.models_file import digest_in_use, digest_of
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.watching import sensor_for

registry_job = dg.define_asset_job(
    "registry",
    selection=dg.AssetSelection.assets("models", "agents", "evaluation_queue"),
    description="Models, agents and queue from the catalog at hand and the models file.",
)


def models_file_changed(
    context: dg.SensorEvaluationContext, arena: Arena
) -> dg.SensorResult | dg.SkipReason:
    """Register agents anew when the models file is not the one the present agents were made from.

    The cursor is the version last asked for: a mistake in the file makes one failed run, not one
    per tick.
    """
    path = arena.settings.models_path
    digest = digest_of(path)
    if digest is None:
        return dg.SkipReason(f"The models file {path} can't be read; agents stay as they are.")
    if digest == digest_in_use(context.instance):
        return dg.SkipReason(f"The agents are those of {path.name} as it is now.")
    if digest == context.cursor:
        return dg.SkipReason(
            f"{path.name} in this version was handed to a run that has not finished or has failed; "
            "see the runs of job registry."
        )
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=digest)


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor, and the job it starts."""
    return sensor_for(
        registry_job, models_file_changed, "Registers agents anew when the models file has changed."
    )
