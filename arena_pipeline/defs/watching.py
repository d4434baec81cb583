"""Sensors as this arena has them: switched on, on the settings' clock, with the job they start."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from arena_pipeline.settings import Settings


def sensor_for(job: Any, look: Callable[..., Any], description: str) -> dg.Definitions:
    """A sensor that is on, called as the function `look`, at the interval the settings say.

    `job` is what `define_asset_job` gives, for which Dagster has no public type.
    """
    watch = dg.sensor(
        job=job,
        minimum_interval_seconds=Settings.load().sensor_interval_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    return dg.Definitions(jobs=[job], sensors=[watch(look)])
