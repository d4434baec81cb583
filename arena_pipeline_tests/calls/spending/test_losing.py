"""Calls that nobody waits for any more are given up, and only those."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, Amounts
from arena_pipeline.calls.spending.losing import lose_stale_calls
from arena_pipeline.calls.spending.outside import charge_outside, correct_outside
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, LlmCall, Match
from arena_pipeline_tests.calls.spending.seats import (
    GATEWAY,
    NOON,
    by_the_ledger,
    on_record,
    open_evaluation,
    open_matches,
    priced,
    reserved,
    wealthy,
)

SOON = NOON + timedelta(seconds=5)
MOST = Decimal("0.25")


def test_a_call_of_a_match_that_somebody_plays_is_left_alone(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)
    reserved(store, wealthy(arena_settings), priced(site, MOST))

    assert lose_stale_calls(store, arena_settings, SOON) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "void"},
        {"lease_until": None, "lease_owner": None, "state": "paused"},
        {"lease_until": NOON},
    ],
)
def test_a_call_of_a_match_that_nobody_plays_is_given_up(
    store: Store, arena_settings: Settings, changed: dict[str, object]
) -> None:
    (site,) = open_matches(store, evaluation_id=open_evaluation(store))
    reserved(store, wealthy(arena_settings), priced(site, MOST))
    with store.write() as connection:
        connection.execute(update(Match).values(**changed))

    assert lose_stale_calls(store, arena_settings, SOON) == 1

    assert on_record(store)[TOTAL_KEY] == Amounts(assumed=MOST)
    assert on_record(store) == by_the_ledger(store)
    with store.read() as connection:
        call = connection.execute(select(LlmCall.__table__)).one()
        assert connection.scalar(select(Evaluation.spent)) == MOST
    assert (call.error_kind, call.cost_billed) == (ErrorKind.LOST, None)


def test_a_call_older_than_any_may_be_is_given_up(store: Store, arena_settings: Settings) -> None:
    (site,) = open_matches(store)
    reserved(store, wealthy(arena_settings), priced(site, MOST))

    assert lose_stale_calls(store, arena_settings, NOON + timedelta(minutes=10)) == 1


def test_a_call_outside_of_matches_is_charged_before_and_put_right_after(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings, budget="0.3")

    assert charge_outside(store, settings, GATEWAY, MOST, NOON) is None
    refused = charge_outside(store, settings, GATEWAY, MOST, NOON)
    before = on_record(store)[TOTAL_KEY]
    correct_outside(store, GATEWAY, MOST, Decimal("0.01"), NOON)

    assert refused is not None
    assert "ARENA_BUDGET" in refused.detail
    assert before == Amounts(spent=MOST)
    assert set(on_record(store).values()) == {Amounts(spent=Decimal("0.01"))}
    assert charge_outside(store, arena_settings, GATEWAY, Decimal(0), NOON) is None
