"""The Dagster code location: everything under `defs/`. Nothing else belongs here."""

from pathlib import Path

import dagster as dg

from arena_pipeline import logs
from arena_pipeline.settings import Settings


@dg.definitions
def defs() -> dg.Definitions:
    """Load all assets, checks, schedules and sensors of the arena.

    Every process of Dagster that works for the arena comes by here, so its log lines are set up
    here.
    """
    logs.configure(Settings.load())
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(executor=dg.in_process_executor),
    )
