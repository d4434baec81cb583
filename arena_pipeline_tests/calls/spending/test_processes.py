"""One budget and many processes: the cap holds at every moment, also when one is killed."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.calls.spending.accounts import NOTHING, TOTAL_KEY, on_accounts
from arena_pipeline.calls.spending.auditing import astray
from arena_pipeline.calls.spending.losing import lose_stale_calls
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.calls.spending.seats import (
    add_gateway,
    by_the_ledger,
    on_record,
    open_evaluation,
    open_matches,
)

SPENDER = "arena_pipeline_tests.calls.spending.spender"
BUDGET = Decimal("0.8")
LARGEST = Decimal("0.04")
TASKS = 3


@pytest.mark.parametrize(
    "processes", [pytest.param(8, id="eight"), pytest.param(16, marks=pytest.mark.soak)]
)
def test_with_any_number_of_processes_nothing_is_sent_beyond_the_cap(
    store: Store, store_url: str, arena_settings: Settings, tmp_path: Path, processes: int
) -> None:
    add_gateway(store)
    number = open_evaluation(store)
    open_matches(store, processes * TASKS, number)
    command = (store_url, tmp_path, BUDGET, processes, TASKS)
    with subprocess.Popen(
        [sys.executable, "-m", SPENDER, *map(str, command)], stdout=subprocess.PIPE, text=True
    ) as spending:
        assert spending.stdout is not None
        os.kill(int(spending.stdout.readline().split()[1]), signal.SIGKILL)
        while spending.poll() is None:
            with store.read() as connection:
                total = on_accounts(connection, [TOTAL_KEY])[TOTAL_KEY]
            assert total.taken <= BUDGET
            # What the dead one held, and calls of the living too, which then settle them late.
            lose_stale_calls(store, arena_settings, datetime.now(UTC))
        told = [line.split() for line in spending.stdout]

    assert spending.returncode == 1, "only the one that was killed has failed"
    assert sum(int(count) for word, count in told if word == "settled") > processes
    lose_stale_calls(store, arena_settings, datetime.now(UTC))
    accounts = on_record(store)
    total = accounts[TOTAL_KEY]
    assert total.overrun == 0
    assert BUDGET - LARGEST * (1 + TASKS) <= total.taken <= BUDGET
    assert accounts == by_the_ledger(store)
    assert not any(amounts.reserved for amounts in accounts.values())
    assert astray(store) == []
    assert accounts.get(TOTAL_KEY, NOTHING).counted == sum(
        amounts.counted for key, amounts in accounts.items() if key.budget.startswith("match:")
    )
