"""Which placements share a run: pure decisions, without an instance of Dagster.

A run of several partitions is a range of them, so those share one that stand side by side in the
order in which Dagster knows them; new ones are appended in the order they are asked for.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arena_pipeline.evaluation.upcoming import Placement

LONGEST_KEY = 300
"""A longer run key names its first agent and the digest of all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Agents that one run places on one ladder, in the order of their partitions."""

    ladder: str
    agents: tuple[str, ...]
    run_key: str


def batches(ready: Sequence["Placement"], partitions: Sequence[str], most: int) -> list[Batch]:
    """The runs for placements of one ladder: bots each one of its own, since they are done in
    seconds; up to `most` of those that call models, which mostly wait, share one.

    `partitions` are those there are, in their order. The longest waiting come first.
    """
    places = {name: place for place, name in enumerate(partitions)}
    for placement in ready:
        places.setdefault(placement.agent, len(places))
    chunks: list[list[Placement]] = []
    for placement in sorted(ready, key=lambda one: places[one.agent]):
        last = chunks[-1] if chunks else []
        if (
            last
            and placement.calls
            and last[-1].calls
            and len(last) < most
            and places[placement.agent] == places[last[-1].agent] + 1
        ):
            last.append(placement)
        else:
            chunks.append([placement])
    since = {placement.agent: number for number, placement in enumerate(ready)}
    chunks.sort(key=lambda chunk: min(since[one.agent] for one in chunk))
    return [
        Batch(chunk[0].ladder, tuple(one.agent for one in chunk), _run_key(chunk))
        for chunk in chunks
    ]


def _run_key(chunk: Sequence["Placement"]) -> str:
    key = " + ".join(one.run_key for one in chunk)
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{chunk[0].run_key} and {len(chunk) - 1} others/{digest}"
