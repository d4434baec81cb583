"""Limits hold with any number of processes: each asks at the same moment, over and over."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import insert, select

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.limits import Limits
from arena_pipeline.calls.plan import CallSite, Refused
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import CallQuota, LlmCall
from arena_pipeline_tests.calls.limits.asking import came_back, declare, plan
from arena_pipeline_tests.calls.spending.seats import NOON, open_matches

PROCESSES, ROUNDS = 3, 15
MINUTE = timedelta(minutes=1)
PACED, CROWDED, FREE, BAD = "paced", "crowded", "free", "bad"

Answer = tuple[str, datetime | str]


def ask_over_and_over(url: str, folder: Path, site: CallSite, number: int) -> list[Answer]:
    """One process: a call at each gateway in a transaction, and those admitted are sent."""
    store, limits = open_store(url), Limits(settings_of(folder))
    answers: list[Answer] = []
    for turn in range(ROUNDS):
        plans = [
            plan(gateway=PACED),
            plan(gateway=CROWDED),
            plan(gateway=FREE, free=True),
            plan(gateway=BAD),
        ]
        with store.write() as connection:
            found = limits.admit(store, connection, plans, NOON)
            for place, (one, answer) in enumerate(zip(plans, found, strict=True)):
                if not isinstance(answer, Refused):
                    connection.execute(
                        insert(LlmCall).values(
                            match_id=site.match_id,
                            slot=0,
                            step=number * ROUNDS + turn,
                            attempt=place + 1,
                            gateway=one.gateway,
                            client_name=one.client_name,
                            started_at=answer,
                            reserved=0,
                        )
                    )
        answers += [
            (one.gateway, answer.kind.value if isinstance(answer, Refused) else answer)
            for one, answer in zip(plans, found, strict=True)
        ]
    store.close()
    return answers


def settings_of(folder: Path) -> Settings:
    return Settings.load(
        data_dir=folder, retry_wait_s=3600.0, free_calls_per_day=20, free_calls_per_minute=600
    )


def test_pace_crowd_day_and_trial_hold_across_processes(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    declare(store, PACED, requests_per_minute=30)
    declare(store, CROWDED, concurrency=7)
    declare(store, FREE, key_variable="SOME_KEY")
    declare(store, BAD)
    before = NOON - timedelta(minutes=5)
    came_back(
        store, settings_of(tmp_path), plan(gateway=BAD), ErrorKind.SERVER, sent=before, times=5
    )
    (site,) = open_matches(store)

    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        asked = [
            pool.submit(ask_over_and_over, store_url, tmp_path, site, number)
            for number in range(PROCESSES)
        ]
        answers = [answer for one in asked for answer in one.result(timeout=60)]

    slots = sorted(one for one in _of(PACED, answers) if isinstance(one, datetime))
    assert len(slots) == len(set(slots[2:])) + 2 == PROCESSES * ROUNDS
    assert all(sum(begin <= one < begin + MINUTE for one in slots) <= 30 for begin in slots)
    assert _admitted(CROWDED, answers) == 7
    assert _admitted(FREE, answers) == 20
    assert _admitted(BAD, answers) == 1
    assert set(_of(BAD, answers)) == {NOON, RefusalKind.CIRCUIT.value}
    with store.read() as connection:
        assert connection.scalar(select(CallQuota.used)) == 20


def _of(gateway: str, answers: Sequence[Answer]) -> list[datetime | str]:
    return [answer for name, answer in answers if name == gateway]


def _admitted(gateway: str, answers: Sequence[Answer]) -> int:
    return sum(isinstance(one, datetime) for one in _of(gateway, answers))
