"""A process that plays many journaled matches side by side through one scribe, going on with those
that were begun, so that it can be killed at any moment.

`python -m arena_pipeline_tests.matches.many_seats URL REPLAYS COUNT` prints `step` for each step
that was taken, and records what was finished.
"""

import asyncio
import sys
from pathlib import Path

from arena_pipeline.matches.journal import Scribe
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.matches.resuming import abandoned, play_resumed
from arena_pipeline.matches.runner import RunnerOptions, play
from arena_pipeline.players.protocol import Decision, TurnRequest
from arena_pipeline.store import Store, open_store
from arena_pipeline_tests.matches.seat import NO_LEASE, planned
from arena_pipeline_tests.matches.thinking import Thinking, match_state

OPTIONS = RunnerOptions(journal_owner="child", lease=NO_LEASE, turn_timeout_s=None)


class Pondering(Thinking):
    """A `Thinking` that takes a moment, another one at each turn."""

    async def act(self, request: TurnRequest) -> Decision:
        """Wait, then choose."""
        await asyncio.sleep(0.001 * ((request.round + (self.seed or 0)) % 5))
        return await super().act(request)


def plans(store: Store, count: int) -> list[MatchPlan]:
    """The matches this process plays."""
    return [planned(store, seed) for seed in range(count)]


def pondering(plan: MatchPlan) -> list[Pondering]:
    """Players that decide as `seat.steady` does, in a while."""
    return [Pondering(plan.seed) for _ in plan.entrants]


def told(_: OpenMatch) -> None:
    """Tell the parent of a step."""
    sys.stdout.write("step\n")
    sys.stdout.flush()


async def play_all(store: Store, replays: Path, count: int) -> None:
    """Play, or go on with, all that is not finished, and record each as it ends."""
    begun = {left.uuid for left in abandoned(store)}
    async with Scribe(store) as scribe:
        recorder = Recorder(store, replays, scribe)

        async def one(plan: MatchPlan) -> None:
            finished: FinishedMatch | None
            if plan.uuid in begun:
                finished = await play_resumed(recorder, plan.uuid, pondering, OPTIONS, told)
            elif match_state(store, plan.uuid) is None:
                finished = await play(recorder, plan, pondering(plan), OPTIONS, told)
            else:
                return
            if finished is not None:
                await asyncio.to_thread(recorder.record, [finished])

        await asyncio.gather(*map(one, plans(store, count)))


def main() -> None:
    """Play and record."""
    url, replays, count = sys.argv[1:]
    store = open_store(url)
    asyncio.run(play_all(store, Path(replays), int(count)))


if __name__ == "__main__":
    main()
