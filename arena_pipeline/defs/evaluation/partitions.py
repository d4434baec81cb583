"""The dynamic partitions of placements: one per agent, by alias."""

import json
from collections.abc import Sequence

import dagster as dg

from arena_pipeline.defs.failures import AGENTS_TAG, LADDER_TAG

PARTITIONS = "agents"

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
"""Tags of a run of several partitions: all from one to another, in the order they were added."""

agents_partitions = dg.DynamicPartitionsDefinition(name=PARTITIONS)
"""A partition is added when the agent's placement is first asked for, and never deleted."""


def run_tags(ladder: str, agents: Sequence[str]) -> dict[str, str]:
    """Tags of a run that places agents whose partitions stand side by side; of a single one, its
    partition is not among them.
    """
    tags = {LADDER_TAG: ladder}
    if len(agents) == 1:
        return tags
    named = json.dumps(list(agents))
    return tags | {AGENTS_TAG: named, RANGE_START: agents[0], RANGE_END: agents[-1]}
