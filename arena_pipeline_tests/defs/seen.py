"""What a test sees of a run: the metadata of an asset, the outcome of a check."""

from typing import Any

import dagster as dg
from dagster._core.events import DagsterEventType


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """What the asset told about itself."""
    [materialization] = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in materialization.metadata.items()}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str | None]]:
    """Each check of the run: whether it passed, and what it said."""
    evaluations = result.get_asset_check_evaluations()
    return {check.check_name: (check.passed, check.description) for check in evaluations}


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """The sentence of each failed step."""
    from arena_pipeline.defs.failures import sentence

    return {
        str(event.step_key): sentence(event)
        for event in result.all_events
        if event.event_type is DagsterEventType.STEP_FAILURE
    }
