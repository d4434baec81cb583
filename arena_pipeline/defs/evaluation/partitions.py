"""The dynamic partitions of placements: one per agent, by alias."""

import dagster as dg

PARTITIONS = "agents"

agents_partitions = dg.DynamicPartitionsDefinition(name=PARTITIONS)
"""A partition is added when the agent's placement is first asked for, and never deleted."""
