"""Until when a lease holds, also beside a clock that was put back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from arena_pipeline.store import Store
from arena_pipeline.store.leases import FARTHEST, has_run_out, is_over
from arena_pipeline.store.tables import Match, MatchState, Purpose
from arena_pipeline_tests.agents import NOON


@pytest.mark.parametrize(
    ("left", "over"),
    [
        (timedelta(seconds=-1), True),
        (timedelta(0), False),
        (timedelta(minutes=2), False),
        (FARTHEST, False),
        (FARTHEST + timedelta(seconds=1), True),
        (timedelta(days=2), True),
    ],
)
def test_a_lease_holds_until_its_end_unless_that_is_farther_than_any_lease_goes(
    store: Store, left: timedelta, over: bool
) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Match).values(
                uuid="one",
                config_id=1,
                purpose=Purpose.MANUAL,
                state=MatchState.RUNNING,
                rule_version="1",
                info={},
                lease_until=NOON + left,
            )
        )
        found = connection.scalar(
            select(func.count()).select_from(Match).where(has_run_out(Match.lease_until, NOON))
        )

    assert found == int(over)
    assert is_over(NOON + left, NOON) is over
