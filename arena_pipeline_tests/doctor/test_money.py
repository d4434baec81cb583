"""Money set aside: for calls under way, of dead processes, or for none at all."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import update

from arena_pipeline.calls.spending.auditing import mend
from arena_pipeline.calls.spending.losing import lose_stale_calls
from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.money import set_aside
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Spend
from arena_pipeline_tests.calls.spending.seats import (
    NOON,
    by_the_ledger,
    on_record,
    open_matches,
    priced,
    reserved,
    wealthy,
)


def test_money_for_calls_under_way_is_well(store: Store, arena_settings: Settings) -> None:
    (site,) = open_matches(store)
    reserved(store, wealthy(arena_settings), priced(site, "0.25"))

    finding = set_aside(store, arena_settings, NOON)

    assert (finding.health, "0.25 USD" in finding.what) == (Health.OK, True)


def test_calls_of_a_dead_process_are_found_and_given_up(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)
    reserved(store, wealthy(arena_settings), priced(site, "0.25"))
    later = NOON + timedelta(hours=1)

    finding = set_aside(store, arena_settings, later)

    assert (finding.health, "1 call of" in finding.what) == (Health.WARN, True)
    assert lose_stale_calls(store, arena_settings, later) == 1
    assert lose_stale_calls(store, arena_settings, later) == 0
    assert set_aside(store, arena_settings, later).health is Health.OK


def test_money_for_no_call_is_a_fault_that_is_mended(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)
    reserved(store, wealthy(arena_settings), priced(site, "0.25"))
    with store.write() as connection:
        connection.execute(update(Spend).values(reserved=Decimal(3)))

    finding = set_aside(store, arena_settings, NOON)

    assert finding.health is Health.FAIL
    assert finding.advice == "arena budget --mend"
    assert "total holds 3 USD for calls worth 0.25" in finding.what
    assert len(mend(store)) == 3
    assert mend(store) == []
    assert on_record(store) == by_the_ledger(store)
