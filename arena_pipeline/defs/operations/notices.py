"""The sensor that tells a webhook what went wrong: failed runs and checks, catalogs, money."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from arena_pipeline.defs.resources import Arena
from arena_pipeline.settings import Settings

if TYPE_CHECKING:
    from arena_pipeline.operations.notices.checks import CheckResult

MOST_RESULTS = 10
"""Results of a check that one tick looks at."""

TICK_S = 20.0
"""Within how many seconds a tick begins deliveries; Dagster ends ticks after sixty."""

SWITCHED_OFF = "Nobody is told of failures: set ARENA_NOTIFY_URL to an address that takes a POST."


def notices(context: dg.SensorEvaluationContext, arena: Arena) -> dg.SensorResult | dg.SkipReason:
    """Write down what is to be told, and send what is due.

    The cursor is how each check stood at the last look, so that one that stays bad is told once.
    """
    from arena_pipeline.operations.notices import telling

    settings = arena.settings
    if settings.notify_url is None:
        return dg.SkipReason(SWITCHED_OFF)
    assert context.repository_def is not None
    checks = context.repository_def.asset_graph.asset_check_keys
    results = list(check_results(context.instance, checks))
    with arena.open() as store:
        told = telling.tell(store, settings, results, context.cursor, within_s=TICK_S)
    return dg.SensorResult(skip_reason=told.explain(), cursor=told.cursor)


def check_results(
    instance: dg.DagsterInstance, checks: Iterable[dg.AssetCheckKey]
) -> "Iterator[CheckResult]":
    """The newest results of each check that has come to one; a warning counts as passed."""
    from arena_pipeline.operations.notices.checks import CheckResult

    for key in checks:
        for record in instance.event_log_storage.get_asset_check_execution_history(
            key, limit=MOST_RESULTS
        ):
            found = record.evaluation
            if found is None or record.event is None:
                continue
            yield CheckResult(
                asset=key.asset_key.to_user_string(),
                check=key.name,
                run_id=record.run_id,
                at=datetime.fromtimestamp(record.event.timestamp, UTC),
                passed=found.passed or found.severity is not dg.AssetCheckSeverity.ERROR,
                description=found.description,
            )


@dg.definitions
def sensors() -> dg.Definitions:
    """The sensor; it starts no job."""
    watch = dg.sensor(
        minimum_interval_seconds=Settings.load().sensor_interval_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts notices of failures and exhausted budgets to ARENA_NOTIFY_URL.",
    )
    return dg.Definitions(sensors=[watch(notices)])
