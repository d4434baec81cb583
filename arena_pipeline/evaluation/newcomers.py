"""Placing everybody who is ready, one after another, in this process."""

from collections.abc import Callable
from dataclasses import dataclass

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.placement import PlacementReport, place
from arena_pipeline.evaluation.queue import resume
from arena_pipeline.evaluation.upcoming import next_placements
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

_MOST_READY = 1000

OnPlaced = Callable[[PlacementReport], None]
"""Called after each placement."""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Who was placed, and who could not be, with the reason."""

    placed: tuple[PlacementReport, ...]
    failed: tuple[tuple[str, str], ...]


def place_newcomers(
    store: Store,
    settings: Settings,
    *,
    ladder: str = DEFAULT_LADDER,
    on_placed: OnPlaced | None = None,
) -> Newcomers:
    """Place every agent that may play, has no place yet and calls no model; a failed one stops no
    other. Those who call are placed by `working.work_off`.

    A person asks for this, so placements that a person stopped go on too. Safe to interrupt and
    beside others, as `place` is.
    """
    resume(store, ladder)
    placed: list[PlacementReport] = []
    failed: dict[str, str] = {}
    while True:
        ready = next_placements(store, settings, _MOST_READY, ladder).ready
        done = {report.agent for report in placed} | failed.keys()
        waiting = [one.agent for one in ready if not one.calls and one.agent not in done]
        if not waiting:
            return Newcomers(tuple(placed), tuple(failed.items()))
        for alias in waiting:
            try:
                report = place(store, settings, alias, ladder=ladder)
            except (ArenaError, GameError) as error:
                failed[alias] = str(error)
                continue
            placed.append(report)
            if on_placed is not None:
                on_placed(report)
