"""What came of calls: what they are counted at, and where that goes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, Reserved
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, Amounts, gateway_account
from arena_pipeline.calls.spending.losing import lose_calls
from arena_pipeline.calls.spending.settling import UnknownCall, count
from arena_pipeline.calls.spending.work import Settlement
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, LlmCall
from arena_pipeline_tests.calls.spending.seats import (
    GATEWAY,
    NOON,
    by_the_ledger,
    on_record,
    open_evaluation,
    open_matches,
    priced,
    reserved,
    settle,
    wealthy,
)

MOST = Decimal("0.3")
BILL = Decimal("0.0415844")


@pytest.mark.parametrize(
    ("outcome", "cost", "is_known"),
    [
        (CallOutcome(NOON, cost_billed=BILL, cost_estimated=MOST), BILL, True),
        (CallOutcome(NOON, cost_estimated=BILL), BILL, True),
        (CallOutcome(NOON), MOST, False),
        (CallOutcome(NOON, sent_at=NOON, error_kind=ErrorKind.TIMEOUT), MOST, False),
        (CallOutcome(NOON, error_kind=ErrorKind.CONNECTION), Decimal(0), False),
        (CallOutcome(NOON, error_kind=ErrorKind.LOST), MOST, False),
        (CallOutcome(NOON, error_kind=ErrorKind.RATE_LIMIT), Decimal(0), False),
        (CallOutcome(NOON, error_kind=ErrorKind.SERVER, cost_billed=BILL), BILL, True),
    ],
)
def test_a_call_counts_at_its_bill_else_its_estimate_else_the_worst(
    outcome: CallOutcome, cost: Decimal, is_known: bool
) -> None:
    assert count(outcome, MOST) == (cost, is_known)


def test_a_bill_replaces_what_was_reserved(store: Store, arena_settings: Settings) -> None:
    settings = wealthy(arena_settings)
    number = open_evaluation(store)
    (site,) = open_matches(store, evaluation_id=number)
    one = reserved(store, settings, priced(site, MOST))

    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=BILL, payload="{\0}")))

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=BILL)
    assert on_record(store) == by_the_ledger(store)
    with store.read() as connection:
        call = connection.execute(select(LlmCall.__table__)).one()
        assert connection.scalar(select(Evaluation.spent)) == BILL
    assert call.cost_counted == BILL
    assert call.settled_at == NOON
    assert call.payload == "{\ufffd}"


def test_an_unknown_cost_stays_unknown_and_counts_in_full(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings)
    (site,) = open_matches(store)
    one = reserved(store, settings, priced(site, MOST))

    outcome = CallOutcome(NOON, sent_at=NOON, error_kind=ErrorKind.TIMEOUT)
    settle(store, settings, Settlement(one, outcome))

    assert on_record(store)[TOTAL_KEY] == Amounts(assumed=MOST)
    with store.read() as connection:
        call = connection.execute(select(LlmCall.__table__)).one()
    assert call.cost_billed is None
    assert call.cost_counted == MOST


def test_a_bill_above_the_reservation_is_recorded_and_taken_from_the_budget(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings)
    (site,) = open_matches(store)
    one = reserved(store, settings, priced(site, MOST))

    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=MOST + 1)))

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=MOST + 1, overrun=Decimal(1))


def test_a_free_call_that_is_billed_all_the_same_is_an_overrun(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)
    one = reserved(store, arena_settings, priced(site, 0))

    settle(store, arena_settings, Settlement(one, CallOutcome(NOON, cost_billed=BILL)))

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=BILL, overrun=BILL)
    assert on_record(store) == by_the_ledger(store)


def test_the_first_outcome_of_a_call_stands(store: Store, arena_settings: Settings) -> None:
    settings = wealthy(arena_settings)
    (site,) = open_matches(store)
    one = reserved(store, settings, priced(site, MOST))
    first = Settlement(one, CallOutcome(NOON, cost_billed=BILL))
    other = Settlement(one, CallOutcome(NOON, cost_billed=MOST))

    settle(store, settings, first, other)
    settle(store, settings, other)

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=BILL)


def test_a_call_given_up_for_lost_may_still_say_what_it_cost(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings)
    (site,) = open_matches(store)
    one = reserved(store, settings, priced(site, MOST))
    with store.write() as connection:
        assert lose_calls(connection, store, site.match_id, NOON) == 1
        assert lose_calls(connection, store, site.match_id, NOON) == 0
    lost = on_record(store)[TOTAL_KEY]

    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=BILL)))

    assert lost == Amounts(assumed=MOST)
    assert on_record(store)[TOTAL_KEY] == Amounts(spent=BILL)
    assert on_record(store) == by_the_ledger(store)


def test_a_call_that_goes_out_after_midnight_stays_on_the_day_it_was_charged_to(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings)
    (site,) = open_matches(store)
    late = NOON.replace(hour=23, minute=59, second=59)
    one = reserved(store, settings, priced(site, MOST), now=late)
    outcome = CallOutcome(
        late + timedelta(seconds=9), sent_at=late + timedelta(seconds=2), cost_billed=BILL
    )

    settle(store, settings, Settlement(one, outcome))

    assert on_record(store)[gateway_account(GATEWAY, late)] == Amounts(spent=BILL)
    assert on_record(store) == by_the_ledger(store)


def test_a_call_the_ledger_does_not_know_is_an_error(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)

    with pytest.raises(UnknownCall, match="not in the ledger"):
        settle(
            store,
            arena_settings,
            Settlement(Reserved(99, priced(site, 0), 1, NOON), CallOutcome(NOON)),
        )
