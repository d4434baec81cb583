"""A match starts only if its expected cost fits into every budget beside all others."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import update

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.limits.allowance import next_window
from arena_pipeline.calls.outstanding import outstanding
from arena_pipeline.calls.spending.accounts import (
    TOTAL_KEY,
    evaluation_account,
    gateway_account,
    match_account,
)
from arena_pipeline.calls.starting import may_start, set_aside
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Spend
from arena_pipeline_tests.calls.limits.asking import came_back, declare, plan
from arena_pipeline_tests.calls.played import add_agent, add_match, add_model
from arena_pipeline_tests.calls.spending.seats import NOON, open_evaluation, wealthy
from arena_pipeline_tests.calls.starting.needing import charge, need, refusal, start


def test_a_match_that_fits_starts(store: Store, arena_settings: Settings) -> None:
    declare(store)

    assert refusal(store, wealthy(arena_settings), need(), need(slot=1)) is None


def test_one_without_language_models_needs_nothing(store: Store, arena_settings: Settings) -> None:
    assert refusal(store, arena_settings) is None


def test_nothing_starts_on_an_unknown_price(store: Store, arena_settings: Settings) -> None:
    declare(store)

    refused = refusal(store, wealthy(arena_settings), need(None))

    assert refused is not None
    assert refused.kind is RefusalKind.NO_PRICE
    assert "a/one costs at gateway gate" in refused.detail


def test_free_models_need_no_budget(store: Store, arena_settings: Settings) -> None:
    declare(store)

    assert refusal(store, arena_settings, need("0", free=True)) is None
    refused = refusal(store, arena_settings, need("0", free=True), need("0.1", slot=1))
    assert refused is not None
    assert "ARENA_BUDGET" in refused.detail


def test_the_seats_of_a_match_share_its_budget(store: Store, arena_settings: Settings) -> None:
    declare(store)
    settings = wealthy(arena_settings, match_budget="0.5")

    assert refusal(store, settings, need("0.25"), need("0.25", slot=1)) is None
    refused = refusal(store, settings, need("0.3"), need("0.25", slot=1))
    assert refused is not None
    assert refused.detail == (
        "the match is expected to cost 0.55 USD, and no match may cost more than 0.5 USD "
        "(ARENA_MATCH_BUDGET)"
    )


def test_each_budget_counts_what_is_spent(store: Store, arena_settings: Settings) -> None:
    declare(store, daily_cap=Decimal(3))
    number = open_evaluation(store, Decimal(2))
    settings = wealthy(arena_settings, budget="5")

    for key, spent, setting, until in (
        (TOTAL_KEY, "4.95", "ARENA_BUDGET", None),
        (gateway_account("gate", NOON), "2.95", "daily_cap of gateway gate", next_window(NOON)),
        (evaluation_account(number), "1.95", "its own budget", None),
    ):
        assert refusal(store, settings, need(), evaluation_id=number) is None
        charge(store, key, spent)
        refused = refusal(store, settings, need(), evaluation_id=number)
        assert refused is not None
        assert (refused.kind, refused.until) == (RefusalKind.BUDGET, until)
        assert setting in refused.detail
        with store.write() as connection:
            connection.execute(update(Spend).values(spent=0))

    assert refusal(store, settings, need(), evaluation_id=number) is None


def test_what_matches_under_way_still_take_counts_too(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    settings = wealthy(arena_settings, budget="1")
    match_id, uuid = start(store, settings, [need("0.4"), need("0.4", slot=1)])

    refused = refusal(store, settings, need("0.3"))
    assert refused is not None
    assert "cost 0.3 USD, and 0.8 more of matches under way" in refused.detail

    charge(store, TOTAL_KEY, "0.6")
    charge(store, match_account(uuid), "0.6")
    assert refusal(store, settings, need("0.2")) is None
    assert refusal(store, settings, need("0.21")) is not None

    with store.write() as connection:
        connection.execute(
            update(Match).where(Match.id == match_id).values(state="void", void_reason="a test")
        )
    assert refusal(store, settings, need("0.4")) is None


def test_what_is_outstanding_is_told_by_evaluation_and_by_where_it_is_called(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    number = open_evaluation(store)
    model = add_model(store, "a/one")
    moved = add_agent(store, "moved", model, gateway="elsewhere")
    start(store, arena_settings, [need("0.4")], number, model_id=model)
    _, uuid = start(store, arena_settings, [need("0.2")], model_id=model, agent_id=moved)
    charge(store, match_account(uuid), "0.15")
    start(store, arena_settings, [need("0.1")], model_id=model)

    with store.read() as connection:
        found = outstanding(connection)

    assert found.total == Decimal("0.55")
    assert found.of_gateway("gate") == Decimal("0.5")
    assert found.of_gateway("elsewhere") == Decimal("0.05")
    assert found.of_evaluation(number) == Decimal("0.4")


def test_matches_that_start_at_once_do_not_count_on_the_same_money(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    settings = wealthy(arena_settings, budget="1")
    ids = [
        add_match(store, {"expected_cost": None}, rounds=None, state="running")[0]
        for _ in range(12)
    ]

    def try_to_start(match_id: int) -> bool:
        with store.write() as connection:
            if may_start(store, connection, settings, [need("0.3")], None, NOON) is not None:
                return False
            set_aside(store, connection, match_id, [need("0.3")], NOON, settings)
        return True

    with ThreadPoolExecutor(4) as pool:
        started = sum(pool.map(try_to_start, ids))

    assert started == 3


@pytest.mark.parametrize("kind", [ErrorKind.AUTH, ErrorKind.SERVER])
def test_nothing_starts_with_a_model_that_is_left_alone(
    store: Store, arena_settings: Settings, kind: ErrorKind
) -> None:
    declare(store)
    settings = wealthy(arena_settings)
    came_back(store, settings, plan(), kind, times=5)

    refused = refusal(store, settings, need())

    assert refused is not None
    if kind is ErrorKind.AUTH:
        assert (refused.kind, refused.until) == (RefusalKind.STOPPED, None)
    else:
        assert refused.kind is RefusalKind.CIRCUIT
        assert refused.until is not None
        assert refusal(store, settings, need(), now=refused.until) is None


def test_open_matches_are_found_by_their_index(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("its planner prefers scans of small tables")
    from arena_pipeline.calls.outstanding import _STILL_EXPECTED

    with store.read() as connection:
        text = str(_STILL_EXPECTED.compile(connection, compile_kwargs={"literal_binds": True}))
        steps = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]

    assert any("ix_matches_open" in step for step in steps), steps
    assert not any(step.startswith(("SCAN participants", "SCAN spend")) for step in steps), steps
