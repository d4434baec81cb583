"""Rates, crowds and days, as the store keeps them for all processes."""

from datetime import timedelta

from sqlalchemy import event, insert, select

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.limits import Limits
from arena_pipeline.calls.limits.allowance import next_window, window_of
from arena_pipeline.calls.limits.pacing import Pace
from arena_pipeline.calls.plan import Refused
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CallQuota, Participant
from arena_pipeline_tests.calls.limits.asking import (
    admit,
    ask,
    came_back,
    declare,
    keep,
    plan,
    under_way,
)
from arena_pipeline_tests.calls.spending.seats import NOON, open_matches

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
KEYED = {"key_variable": "SOME_KEY"}


def test_a_gateway_without_limits_lets_every_call_out_at_once(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)

    assert admit(store, arena_settings, [plan()] * 100) == [NOON] * 100


def test_one_that_nobody_declared_lets_none_out(store: Store, arena_settings: Settings) -> None:
    (answer,) = admit(store, arena_settings, [plan(gateway="elsewhere")])

    assert isinstance(answer, Refused)
    assert "elsewhere is not declared in models.yaml" in answer.detail


def test_a_pace_holds_over_transactions_and_a_far_slot_is_refused_without_taking_it(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, requests_per_minute=20)
    patient = arena_settings.model_copy(update={"retry_wait_s": 30.0})

    answers = [admit(store, patient, [plan()])[0] for _ in range(20)]

    slots = [one for one in answers if not isinstance(one, Refused)]
    refused = [one for one in answers if isinstance(one, Refused)]
    assert slots[:3] == [NOON, NOON, NOON + Pace.of(20).interval]
    assert max(slots) <= NOON + timedelta(seconds=30)
    assert {one.kind for one in refused} == {RefusalKind.RATE}
    assert len({one.until for one in refused}) == 1
    assert "30 s are waited at most (ARENA_RETRY_WAIT_S)" in refused[0].detail
    assert ask(store, patient, plan(), NOON + MINUTE) == NOON + MINUTE


def test_free_models_have_a_pace_of_their_own_which_holds_up_nobody_else(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, **KEYED, requests_per_minute=600)

    free = admit(store, arena_settings, [plan(free=True)] * 15)
    paid = admit(store, arena_settings, [plan("b/two")] * 5)

    assert max(one for one in free if not isinstance(one, Refused)) > NOON + 30 * SECOND
    assert all(not isinstance(one, Refused) and one < NOON + 2 * SECOND for one in paid)


def test_a_gateway_without_a_key_gives_its_free_models_no_allowance(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)

    assert admit(store, arena_settings, [plan(free=True)] * 60) == [NOON] * 60


def test_as_many_calls_are_under_way_as_a_gateway_allows(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, concurrency=4)
    (site,) = open_matches(store)
    under_way(store, site, 2)

    answers = admit(store, arena_settings, [plan()] * 4)

    assert answers[:2] == [NOON, NOON]
    refused = answers[2]
    assert isinstance(refused, Refused)
    assert (refused.kind, refused.until) == (RefusalKind.CONCURRENCY, None)
    assert "allows 4 (gateways: concurrency)" in refused.detail


def test_a_day_of_free_calls_is_used_up_until_midnight(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, **KEYED)
    few = arena_settings.model_copy(update={"free_calls_per_day": 2, "free_calls_per_minute": 60})

    first, second, third = admit(store, few, [plan(free=True)] * 3)

    assert (first, second) == (NOON, NOON)
    assert isinstance(third, Refused)
    assert (third.kind, third.until) == (RefusalKind.QUOTA, next_window(NOON))
    assert "of 2 free calls a day at gateway gate (ARENA_FREE_CALLS_PER_DAY) 2 are used" in (
        third.detail
    )
    tomorrow = next_window(NOON)
    assert ask(store, few, plan(free=True), tomorrow) == tomorrow
    assert ask(store, few, plan("b/two")) == NOON


def test_calls_set_aside_are_for_their_match_alone(store: Store, arena_settings: Settings) -> None:
    declare(store, **KEYED)
    few = arena_settings.model_copy(update={"free_calls_per_day": 5, "free_calls_per_minute": 600})
    kept, other = open_matches(store, 2)
    keep(store, kept, 3, window_of(NOON))
    with store.write() as connection:
        connection.execute(
            insert(CallQuota).values(
                scope="gate:free", window_start=window_of(NOON), used=1, set_aside=3
            )
        )

    assert ask(store, few, plan(site=other, free=True)) == NOON
    assert ask(store, few, plan(site=other, free=True)) is RefusalKind.QUOTA
    for _ in range(3):
        assert ask(store, few, plan(site=kept, free=True), NOON + MINUTE) == NOON + MINUTE
    assert ask(store, few, plan(site=kept, free=True), NOON + MINUTE) is RefusalKind.QUOTA

    with store.read() as connection:
        day = connection.execute(select(CallQuota.used, CallQuota.set_aside)).one()
        left = connection.scalar(
            select(Participant.calls_set_aside).where(Participant.match_id == kept.match_id)
        )
    assert (*day, left) == (5, 0, 0)


def test_what_a_gateway_says_of_its_day_counts_even_over_midnight(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, **KEYED)
    until = next_window(NOON) + timedelta(hours=6)

    for call in (plan(), plan("c/three", free=True)):
        came_back(store, arena_settings, call, ErrorKind.QUOTA, retry_at=until)

        assert ask(store, arena_settings, call) is RefusalKind.QUOTA
        assert ask(store, arena_settings, call, until - SECOND) is RefusalKind.QUOTA
        assert ask(store, arena_settings, call, until) == until
        assert ask(store, arena_settings, plan("b/two")) == NOON


def test_a_used_up_day_that_does_not_say_until_when_is_over_at_midnight(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, **KEYED)

    came_back(store, arena_settings, plan(free=True), ErrorKind.QUOTA)

    (refused,) = admit(store, arena_settings, [plan("b/two", free=True)])
    assert isinstance(refused, Refused)
    assert refused.until == next_window(NOON)


def test_a_model_is_not_asked_before_its_gateway_wants_it_and_others_are(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    soon, late = NOON + 20 * SECOND, NOON + timedelta(hours=1)

    came_back(store, arena_settings, plan(), ErrorKind.RATE_LIMIT, retry_at=soon)
    came_back(store, arena_settings, plan("b/two"), ErrorKind.RATE_LIMIT, retry_at=late)
    came_back(store, arena_settings, plan("b/two"), ErrorKind.RATE_LIMIT, retry_at=soon)

    assert ask(store, arena_settings, plan()) == soon
    assert ask(store, arena_settings, plan("b/two")) is RefusalKind.RATE
    assert ask(store, arena_settings, plan("c/three")) == NOON


def test_no_gateway_holds_anybody_back_for_years(store: Store, arena_settings: Settings) -> None:
    declare(store)
    never, tomorrow = NOON + timedelta(days=9999), NOON + timedelta(days=1)

    came_back(store, arena_settings, plan(), ErrorKind.RATE_LIMIT, retry_at=never)
    came_back(store, arena_settings, plan("b/two"), ErrorKind.QUOTA, retry_at=never)

    for call in (plan(), plan("b/two")):
        assert ask(store, arena_settings, call, tomorrow) == tomorrow


def test_many_calls_of_many_models_take_few_statements(
    store: Store, arena_settings: Settings
) -> None:
    declare(store, **KEYED, requests_per_minute=6000, concurrency=1000)
    sites = open_matches(store, 20)
    plans = [plan(f"m/{one.match_id}", one, free=True) for one in sites]
    admit(store, arena_settings, plans)
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", count)
    with store.write() as connection:
        Limits(arena_settings).admit(store, connection, plans, NOON + 2 * MINUTE)

    assert len([one for one in statements if one.startswith("SELECT")]) <= 7
    assert len([one for one in statements if not one.startswith("SELECT")]) <= 4
