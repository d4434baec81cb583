"""A process that records matches, for tests that start many of them and kill them.

`python -m arena_pipeline_tests.matches.writer URL REPLAYS FIRST LAST BATCH` records the matches
with the seeds FIRST to LAST between the agents of the store, in order, BATCH at a time, and prints
a line after each batch.
"""

import sys
from pathlib import Path

from sqlalchemy import select

from arena_pipeline.matches.plan import Entrant, FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Agent
from arena_pipeline_tests.agents import finished_match


def entrants_of(store: Store) -> list[Entrant]:
    """Every agent of the store."""
    with store.read() as connection:
        rows = connection.execute(select(Agent.alias, Agent.id).order_by(Agent.id)).all()
    return [Entrant(alias, id_) for alias, id_ in rows]


def matches(store: Store, first: int, last: int) -> list[FinishedMatch]:
    """The matches with these seeds: each seed decides who meets whom."""
    entrants = entrants_of(store)
    count = len(entrants)
    return [
        finished_match(
            store,
            [entrants[seed % count], entrants[(seed + 1 + seed // count % (count - 1)) % count]],
            seed=seed,
        )
        for seed in range(first, last)
    ]


def main() -> None:
    """Record, and say so."""
    url, replays, first, last, batch, *wait = sys.argv[1:]
    store = open_store(url)
    recorder = Recorder(store, Path(replays))
    played = matches(store, int(first), int(last))
    if wait:
        recorder.record([played.pop()])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if wait:
        sys.stdin.readline()
    for start in range(0, len(played), int(batch)):
        recorder.record(played[start : start + int(batch)])
        sys.stdout.write(f"{start}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
