"""What assets of this house have in common: who owns them and how fresh they have to be."""

from datetime import timedelta

import dagster as dg

OWNERS = ["team:arena"]

DAILY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=50), warn_window=timedelta(hours=26)
)
"""For all that the daily run makes: a warning after one missed day, a failure after two."""

ON_DEMAND = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=366))
"""For what runs only when there is something to do: a quiet arena is no fault."""
