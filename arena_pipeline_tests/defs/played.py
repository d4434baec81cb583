"""Recorded matches for the tests of what lies behind them."""

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match


def play(store: Store, recorder: Recorder, count: int = 3) -> list[str]:
    """Record matches between two agents; returns their uuids."""
    agents = add_agents(store, "left", "right")
    return recorder.record(
        finished_match(store, list(agents.values()), seed=seed) for seed in range(count)
    )
