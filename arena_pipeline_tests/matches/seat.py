"""A process that plays one journaled match and asks its parent before every turn, so that it can be
killed between any two.

`python -m arena_pipeline_tests.matches.seat URL REPLAYS SEED` prints `turn STEP SLOT` and waits for
a line on standard input.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions, play
from arena_pipeline.players.protocol import Decision, TurnRequest
from arena_pipeline.store import Store, open_store
from arena_pipeline_tests.agents import plan
from arena_pipeline_tests.matches.writer import entrants_of

NO_LEASE = timedelta(0)
"""A lease that has run out as soon as it is given: whoever comes next may take the match over at
once.
"""


class Steady:
    """A player whose decision depends on nothing but seed, step and seat; counts how often it is
    asked.
    """

    waits = False

    def __init__(self, seed: int | None) -> None:
        self.seed = seed or 0
        self.asked: list[int] = []

    async def act(self, request: TurnRequest) -> Decision:
        """Choose by the seed."""
        self.asked.append(request.round)
        legal = request.legal_actions or [""]
        chance = SeededChance(self.seed, request.player, request.round)
        return Decision(legal[chance.below(len(legal))])


class Asking(Steady):
    """A `Steady` that waits for its parent's leave."""

    async def act(self, request: TurnRequest) -> Decision:
        """Ask, then choose."""
        sys.stdout.write(f"turn {request.round} {request.player}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        return await super().act(request)


def planned(store: Store, seed: int) -> MatchPlan:
    """The match this process plays."""
    return plan(store, entrants_of(store)[:2], seed=seed)


def steady(plan: MatchPlan) -> Sequence[Steady]:
    """Players that decide as the process's do, without asking."""
    return [Steady(plan.seed) for _ in plan.entrants]


def main() -> None:
    """Play and record."""
    url, replays, seed = sys.argv[1:]
    store = open_store(url)
    recorder = Recorder(store, Path(replays))
    options = RunnerOptions(journal_owner="child", lease=NO_LEASE)
    match = planned(store, int(seed))
    players = [Asking(match.seed) for _ in match.entrants]
    recorder.record([asyncio.run(play(recorder, match, players, options))])


if __name__ == "__main__":
    main()
