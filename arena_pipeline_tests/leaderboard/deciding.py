"""Matches whose end is given instead of played, for tests about what follows from a match."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from arena_pipeline.games.protocol import Outcome, PlayerOutcome, Result, Seat
from arena_pipeline.matches.plan import Entrant, FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Purpose
from arena_pipeline_tests.agents import NOON, plan

WON, LOST, TIED = Result.WON, Result.LOST, Result.TIED


def decided(
    store: Store,
    entrants: Sequence[Entrant],
    results: Sequence[Result],
    *,
    seed: int = 1,
    scores: Sequence[float] | None = None,
    died: Sequence[int] = (),
    team: str | None = None,
    purpose: Purpose = Purpose.LEAGUE,
    started_at: datetime | None = None,
    lasting: timedelta = timedelta(seconds=9),
) -> FinishedMatch:
    """A finished match without a step, started `seed` minutes after noon; those in `died` hit a
    wall in round 7.
    """
    started = started_at or NOON + timedelta(minutes=seed)
    players = tuple(
        PlayerOutcome(
            result,
            placement=2 if result is LOST else 1,
            score=score,
            death_round=7 if slot in died else None,
            death_reason="wall" if slot in died else None,
        )
        for slot, (result, score) in enumerate(
            zip(results, scores or [0.0] * len(results), strict=True)
        )
    )
    return FinishedMatch(
        plan(store, entrants, seed=seed, purpose=purpose),
        tuple(Seat(team=team) for _ in entrants),
        {},
        (),
        Outcome(players, "last_alive"),
        started,
        started + lasting,
    )


def record_duels(
    store: Store,
    recorder: Recorder,
    entrants: Sequence[Entrant],
    count: int,
    *,
    first_seed: int = 1,
) -> list[FinishedMatch]:
    """Record `count` duels between entrants drawn from the seed, with results and scores drawn as
    well.
    """
    random = Random(first_seed)
    matches = [
        decided(
            store,
            random.sample(list(entrants), 2),
            random.choice([(WON, LOST), (LOST, WON), (TIED, TIED)]),
            seed=seed,
            scores=[float(random.randrange(9)), float(random.randrange(9))],
        )
        for seed in range(first_seed, first_seed + count)
    ]
    recorder.record(matches)
    return matches


@contextmanager
def unchecked(store: Store) -> Iterator[Callable[[str], object]]:
    """A writing transaction in which the database lets foreign keys dangle, as a damaged store
    does.
    """
    if store.is_sqlite:
        connection = sqlite3.connect(str(store.engine.url.database))
        with connection:
            yield connection.execute
        connection.close()
    else:
        with store.write() as writing:
            writing.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield writing.exec_driver_sql
