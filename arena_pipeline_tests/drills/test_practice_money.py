"""One budget, eight processes, and a gateway that fails in thirty calls of a hundred."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.store.tables import Spend
from arena_pipeline_tests.drills.practising import (
    DATABASES,
    assert_money_agrees,
    assert_placed_once,
    assert_sound,
    practising,
    served_calls,
)

PROCESSES = 8
CAP = Decimal("0.15")
MODELS = [
    PracticeModel(slug=f"practice/m{number}", policy="greedy", blunders=0.2)
    for number in range(PROCESSES)
]


@pytest.mark.soak
@pytest.mark.parametrize("database", DATABASES)
def test_eight_processes_never_spend_more_than_the_one_budget_they_share(
    tmp_path: Path, practice_url: str | None
) -> None:
    """Shows that a budget is kept to the last 1e-12 USD by processes that know nothing of each
    other, whatever of their calls fails, and that the gateway billed no more than that either.
    """
    with practising(
        tmp_path / "arena",
        practice_url,
        {"practice": MODELS},
        faults=0.3,
        ARENA_BUDGET=str(CAP),
        ARENA_PLACEMENT_MATCHES="5",
    ) as practice:
        workers = [practice.start() for _ in range(PROCESSES)]
        for worker in workers:
            worker.ends_well()

        with practice.store() as store, store.read() as connection:
            total = connection.execute(select(Spend.__table__).where(Spend.budget == "total")).one()
        assert total.reserved == 0
        assert total.spent + total.assumed - total.overrun <= CAP
        assert total.spent > CAP / 3
        assert sum(served_calls(practice).values(), Decimal(0)) <= CAP
        assert_money_agrees(practice)
        assert_sound(practice)


@pytest.mark.parametrize("database", DATABASES)
def test_two_processes_that_look_for_work_at_once_place_nobody_twice(
    tmp_path: Path, practice_url: str | None
) -> None:
    """Shows that each placement is played by one process, however many want it."""
    with practising(
        tmp_path / "arena", practice_url, {"practice": MODELS[:4]}, ARENA_PLACEMENT_MATCHES="1"
    ) as practice:
        workers = [practice.start(), practice.start()]
        for worker in workers:
            worker.ends_well()

        assert_placed_once(practice, 4)
        assert_sound(practice)
        assert_money_agrees(practice)
