"""Calls of a free day are kept for the matches that need them, and given back after."""

from decimal import Decimal

from sqlalchemy import select

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.limits.allowance import next_window, window_of
from arena_pipeline.calls.starting import release
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Participant
from arena_pipeline_tests.calls.limits.asking import admit, came_back, declare, plan
from arena_pipeline_tests.calls.played import add_model
from arena_pipeline_tests.calls.spending.seats import NOON
from arena_pipeline_tests.calls.starting.needing import day, need, refusal, start


def test_the_calls_of_a_free_model_are_set_aside_and_what_it_did_not_need_is_given_back(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, key_variable="SOME_KEY")
    model = add_model(store, "a/one")
    seats = [need("0", 19.2, free=True)]
    match_id, _ = start(store, arena_settings, seats, model_id=model)
    assert day(store) == (0, 20)

    start(store, arena_settings, seats, model_id=model)
    refused = refusal(store, arena_settings, *seats)
    assert refused is not None
    assert (refused.kind, refused.until) == (RefusalKind.QUOTA, next_window(NOON))
    assert "expected to take 20 calls" in refused.detail
    assert "40 kept for matches under way" in refused.detail
    assert refusal(store, arena_settings, *seats, now=next_window(NOON)) is None

    site = plan().site
    own = type(site)(match_id, "x", 0, 0)
    admit(store, arena_settings, [plan(site=own, free=True)] * 3)
    assert day(store) == (3, 37)
    for _ in range(2):
        with store.write() as connection:
            release(connection, store, [match_id])
    assert day(store) == (3, 20)
    assert refusal(store, arena_settings, *seats) is None


def test_a_match_that_needs_more_than_a_day_has_starts_on_an_untouched_one(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, key_variable="SOME_KEY")
    seats = [need("0", 40, free=True), need("0", 40, 1, free=True)]

    assert refusal(store, arena_settings, *seats) is None
    match_id, _ = start(store, arena_settings, seats)

    assert day(store) == (0, 50)
    with store.read() as connection:
        kept = connection.execute(
            select(Participant.calls_set_aside, Participant.calls_window)
            .where(Participant.match_id == match_id)
            .order_by(Participant.slot)
        ).all()
    assert [tuple(one) for one in kept] == [(40, window_of(NOON)), (10, window_of(NOON))]
    refused = refusal(store, arena_settings, need("0", 1, free=True))
    assert refused is not None


def test_no_free_match_starts_when_free_calls_are_switched_off_or_used_up(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, key_variable="SOME_KEY")
    none = arena_settings.model_copy(update={"free_calls_per_day": 0})

    refused = refusal(store, none, need("0", free=True))
    assert refused is not None
    assert (refused.until, "ARENA_FREE_CALLS_PER_DAY" in refused.detail) == (None, True)

    came_back(store, arena_settings, plan(free=True), ErrorKind.QUOTA)
    refused = refusal(store, arena_settings, need("0", free=True))
    assert refused is not None
    assert refused.until == next_window(NOON)


def test_what_was_expected_of_each_seat_stays_on_record(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    match_id, _ = start(store, arena_settings, [need("0.125"), need("0", slot=1, free=True)])

    with store.write() as connection:
        release(connection, store, [match_id])
        release(connection, store, [])
        found = connection.execute(
            select(Participant.expected_cost, Participant.calls_set_aside)
            .where(Participant.match_id == match_id)
            .order_by(Participant.slot)
        ).all()

    assert [tuple(one) for one in found] == [(Decimal("0.125"), None), (Decimal(0), None)]
