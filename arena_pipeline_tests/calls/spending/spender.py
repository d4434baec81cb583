"""Processes that spend a budget until nothing fits any more, for tests.

`python -m arena_pipeline_tests.calls.spending.spender URL DATA_DIR BUDGET PROCESSES TASKS` forks so
many processes, each of which makes calls for matches of the store that nobody else has, 30 of 100
with a fault. Each prints `spending PID` once it has begun, and at its end `settled` and how many
calls. Exits with the number of processes that failed.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, CallSite, Refused
from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.calls.spending.seats import Unbounded, priced, wealthy

FAULTS = (ErrorKind.TIMEOUT, ErrorKind.RATE_LIMIT, ErrorKind.SERVER, ErrorKind.CONNECTION, None)
"""None: an answer that does not say what it cost."""

_WAIT_S = 0.005


async def spend(clerk: Clerk, site: CallSite, dice: random.Random, seen: Counter[str]) -> None:
    """One call after the other, until money is gone for good."""
    while True:
        most = Decimal(dice.randrange(1, 40_000_000)).scaleb(-9)
        answer = await clerk.reserve(priced(site, most))
        if isinstance(answer, Refused):
            if answer.until is None:
                return
            await asyncio.sleep(_WAIT_S)
            continue
        await asyncio.sleep(dice.random() * _WAIT_S)
        now = datetime.now(UTC)
        if dice.random() < 0.3:
            outcome = CallOutcome(now, sent_at=now, error_kind=dice.choice(FAULTS))
        else:
            bill = (most * dice.randrange(100) / 100).quantize(Decimal("1e-12"))
            outcome = CallOutcome(now, sent_at=now, cost_billed=bill)
        await clerk.settle(answer, outcome)
        if not seen.total():
            say(f"spending {os.getpid()}")
        seen["settled"] += 1


async def work(url: str, settings: Settings, number: int, tasks: int) -> None:
    """What one process does."""
    store = open_store(url)
    with store.read() as connection:
        rows = connection.execute(
            select(Match.id, Match.uuid, Match.evaluation_id)
            .order_by(Match.id)
            .offset(number * tasks)
            .limit(tasks)
        ).all()
    dice = random.Random(number)
    seen: Counter[str] = Counter()
    async with Clerk(store, settings, Unbounded()) as clerk:
        await asyncio.gather(
            *(
                spend(clerk, CallSite(id_, uuid, 0, 0, evaluation_id=evaluation), dice, seen)
                for id_, uuid, evaluation in rows
            )
        )
    store.close()
    say(f"settled {seen['settled']}")


def say(line: str) -> None:
    """Print a line in one piece."""
    os.write(1, f"{line}\n".encode())


def main() -> int:
    """Fork, and wait for all."""
    url, folder, budget, processes, tasks = sys.argv[1:]
    settings = wealthy(Settings.load(data_dir=Path(folder)), budget=budget)
    pids = []
    for number in range(int(processes)):
        pid = os.fork()
        if not pid:
            asyncio.run(work(url, settings, number, int(tasks)))
            os._exit(0)
        pids.append(pid)
    return sum(os.waitpid(pid, 0)[1] != 0 for pid in pids)


if __name__ == "__main__":
    sys.exit(main())
