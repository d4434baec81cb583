"""How all that lies behind the matches keeps itself up to date, whoever started the run."""

import dagster as dg

from arena_pipeline.settings import Settings

REFRESH = (
    dg.AutomationCondition.any_deps_updated().since_last_handled()
    & ~dg.AutomationCondition.in_progress()
).with_label("after new matches")
"""Not `eager()`: below dynamic partitions that waits until no partition is missing, maybe for ever.

Throttled by the sensor's interval: placements that end between two looks make one refresh.
"""


@dg.definitions
def automation() -> dg.Definitions:
    """Dagster's own automation sensor, switched on."""
    return dg.Definitions(
        sensors=[
            dg.AutomationConditionSensorDefinition(
                "default_automation_condition_sensor",
                target=dg.AssetSelection.all(),
                default_status=dg.DefaultSensorStatus.RUNNING,
                minimum_interval_seconds=Settings.load().sensor_interval_s,
                description="Refreshes matches, ratings and all that is published after matches.",
            )
        ]
    )
