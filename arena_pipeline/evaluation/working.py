"""Working off the queue: many placements side by side in one process, each a sequence of matches.

One placement is played in `evaluation.placement`; who is next is in `evaluation.upcoming`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.placement import PlacementReport, place_within
from arena_pipeline.evaluation.queue import resume
from arena_pipeline.evaluation.room import Room, open_room
from arena_pipeline.evaluation.tidying import tidy
from arena_pipeline.evaluation.upcoming import next_placements
from arena_pipeline.games.protocol import GameError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.logs import logger
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import EvaluationState

MOST_READY = 1000

OnProgress = Callable[[str, int, int], None]
"""Called with (agent, done, planned) after each match of a placement."""

OnEnd = Callable[[str, PlacementReport | Exception], None]
"""Called with what became of an agent's placement, as soon as it is over."""

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What became of each placement: played to its end, waiting (`notice` says for what), or failed
    with the error.
    """

    ladder: str
    placed: tuple[PlacementReport, ...] = ()
    waiting: tuple[PlacementReport, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def work_off(
    store: Store,
    settings: Settings,
    ladder: str = DEFAULT_LADDER,
    agents: Sequence[str] | None = None,
    *,
    run_id: str | None = None,
    asked: bool = False,
    concurrency: int | None = None,
    on_progress: OnProgress | None = None,
    on_end: OnEnd | None = None,
) -> WorkReport:
    """Place these agents, or whoever is ready until nobody is, up to `concurrency` (default: the
    setting for matches) side by side.

    One that fails stops no other. `asked`: somebody asks for it now, so that placements that a
    person stopped, or that wait for a time, go on. Interrupted (Ctrl-C, a run cancelled in
    Dagster), all that are under way wait until somebody asks again; killed, they are taken up from
    the last turn that was kept once their leases have run out. Safe beside others: each evaluation
    is taken by one process. Raises NotFound for an unknown ladder.
    """
    tidy(store, settings)
    if asked and agents is None:
        resume(store, ladder)
    shift = _Shift(ladder, run_id, asked, on_progress, on_end, {}, {})
    most = settings.match_concurrency if concurrency is None else concurrency

    async def work() -> None:
        async with open_room(store, settings) as room:
            while todo := _todo(room, shift, agents):
                slots = asyncio.Semaphore(most)
                await _all_of([shift.one(room, slots, alias) for alias in todo])

    asyncio.run(work())
    reports = shift.done.values()
    return WorkReport(
        ladder=ladder,
        placed=tuple(one for one in reports if one.state == EvaluationState.RANKED),
        waiting=tuple(one for one in reports if one.state != EvaluationState.RANKED),
        failed=tuple((alias, str(error)) for alias, error in shift.failed.items()),
    )


@dataclass(frozen=True, slots=True)
class _Shift:
    """The placements of one call."""

    ladder: str
    run_id: str | None
    asked: bool
    on_progress: OnProgress | None
    on_end: OnEnd | None
    done: dict[str, PlacementReport]
    failed: dict[str, Exception]

    async def one(self, room: Room, slots: asyncio.Semaphore, alias: str) -> None:
        """Place an agent and remember what became of it."""
        tell = self.on_progress

        def on_match(done: int, planned: int) -> None:
            if tell is not None:
                tell(alias, done, planned)

        came: PlacementReport | Exception
        async with slots:
            try:
                came = await place_within(
                    room, alias, ladder=self.ladder, run_id=self.run_id,
                    on_match=on_match, asked=self.asked,
                )  # fmt: skip
                self.done[alias] = came
            except (ArenaError, GameError) as error:
                came = self.failed[alias] = error
            except Exception as error:  # noqa: BLE001 - it is told, and the others go on
                _LOG.error(
                    "placement broke down", agent=alias, error=f"{type(error).__name__}: {error}"
                )
                came = self.failed[alias] = error
        if self.on_end is not None:
            self.on_end(alias, came)


def _todo(room: Room, shift: _Shift, agents: Sequence[str] | None) -> list[str]:
    tried = shift.done.keys() | shift.failed.keys()
    if agents is not None:
        return [alias for alias in dict.fromkeys(agents) if alias not in tried]
    ready = next_placements(room.store, room.settings, MOST_READY, shift.ladder).ready
    return [placement.agent for placement in ready if placement.agent not in tried]


async def _all_of(works: Sequence[Coroutine[None, None, None]]) -> None:
    """Await all; when this is broken off, so are they, and each comes to its end first."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
