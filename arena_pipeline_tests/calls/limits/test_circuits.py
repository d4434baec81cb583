"""Breakers as the store keeps them: what opens and stops them, who may try, what is told."""

from datetime import timedelta

from sqlalchemy import select, update

from arena_pipeline.calls.kinds import ErrorKind, RefusalKind
from arena_pipeline.calls.limits import gateway_states, reset
from arena_pipeline.calls.plan import Refused
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Circuit, CircuitState, Gateway
from arena_pipeline_tests.calls.limits.asking import (
    GATE,
    admit,
    ask,
    came_back,
    declare,
    plan,
    under_way,
)
from arena_pipeline_tests.calls.spending.seats import NOON, open_matches

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
KEYED = {"key_variable": "SOME_KEY"}


def test_a_model_that_fails_too_often_is_left_alone_and_one_call_tries_it(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    later = NOON + timedelta(seconds=arena_settings.circuit_open_s)

    came_back(store, arena_settings, plan(), ErrorKind.SERVER, times=5, error="it\nbroke")

    (refused,) = admit(store, arena_settings, [plan()])
    assert isinstance(refused, Refused)
    assert (refused.kind, refused.until) == (RefusalKind.CIRCUIT, later)
    assert "a/one at gateway gate failed 5 times in a row (server: it broke)" in refused.detail
    assert ask(store, arena_settings, plan("b/two")) == NOON

    answers = admit(store, arena_settings, [plan()] * 3, later)
    assert [one if not isinstance(one, Refused) else one.kind for one in answers] == [
        later, RefusalKind.CIRCUIT, RefusalKind.CIRCUIT,
    ]  # fmt: skip
    came_back(store, arena_settings, plan(), sent=later, now=later + SECOND)
    assert ask(store, arena_settings, plan(), later + SECOND) == later + SECOND


def test_a_refused_call_does_not_use_up_the_trial(store: Store, arena_settings: Settings) -> None:
    declare(store, concurrency=1)
    (site,) = open_matches(store)
    came_back(store, arena_settings, plan(), ErrorKind.SERVER, times=5)
    later = NOON + timedelta(seconds=arena_settings.circuit_open_s)
    under_way(store, site, 1)

    assert ask(store, arena_settings, plan(), later) is RefusalKind.CONCURRENCY

    with store.write() as connection:
        connection.execute(update(Gateway).values(concurrency=2))
    assert ask(store, arena_settings, plan(), later) == later


def test_what_says_nothing_of_a_model_s_health_opens_nothing(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)

    for kind in (
        ErrorKind.RATE_LIMIT, ErrorKind.QUOTA, ErrorKind.BAD_REQUEST, ErrorKind.CONTEXT_LENGTH,
        ErrorKind.MODERATION, ErrorKind.CANCELLED, ErrorKind.LOST,
    ):  # fmt: skip
        came_back(store, arena_settings, plan(), kind, times=50)

    with store.read() as connection:
        assert connection.execute(select(Circuit.gateway)).all() == []


def test_a_gateway_is_left_alone_when_several_models_fail_and_none_answers(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    later = NOON + timedelta(seconds=arena_settings.circuit_open_s)

    came_back(store, arena_settings, plan("a/one"), ErrorKind.CONNECTION, times=9)
    assert ask(store, arena_settings, plan("c/three")) == NOON
    came_back(store, arena_settings, plan("b/two"), ErrorKind.CONNECTION, times=5)

    assert ask(store, arena_settings, plan("c/three")) is RefusalKind.CIRCUIT
    assert gateway_states(store, arena_settings, NOON)[GATE].models_open == 2
    assert ask(store, arena_settings, plan("c/three"), later) == later
    assert ask(store, arena_settings, plan("d/four"), later) is RefusalKind.CIRCUIT
    came_back(store, arena_settings, plan("c/three"), sent=later)
    assert ask(store, arena_settings, plan("d/four"), later) == later


def test_models_that_are_gone_say_nothing_of_their_gateway(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)

    for model in ("a/one", "b/two"):
        came_back(store, arena_settings, plan(model), ErrorKind.NOT_FOUND, times=6)

    assert ask(store, arena_settings, plan("b/two")) is RefusalKind.CIRCUIT
    assert ask(store, arena_settings, plan("c/three")) == NOON


def test_a_gateway_some_of_whose_models_answer_stays_open_for_them(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)

    for model in ("a/one", "b/two"):
        came_back(store, arena_settings, plan(model), ErrorKind.SERVER, times=6)
        came_back(store, arena_settings, plan("c/three"))

    assert ask(store, arena_settings, plan("b/two")) is RefusalKind.CIRCUIT
    assert ask(store, arena_settings, plan("c/three")) == NOON


def test_a_refused_key_or_account_stops_the_whole_gateway_until_somebody_looks(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    years_later = NOON + timedelta(days=800)

    for kind in (ErrorKind.AUTH, ErrorKind.PAYMENT, ErrorKind.FORBIDDEN):
        came_back(store, arena_settings, plan(), kind, error="no credit")

        (refused,) = admit(store, arena_settings, [plan("b/two")], years_later)
        assert isinstance(refused, Refused)
        assert (refused.kind, refused.until) == (RefusalKind.STOPPED, None)
        assert f"({kind}: no credit)" in refused.detail
        assert "arena gateways check gate" in refused.detail
        reset(store, GATE)
        assert ask(store, arena_settings, plan("b/two"), years_later) == years_later
        assert gateway_states(store, arena_settings, NOON)[GATE].last_error == f"{kind}: no credit"


def test_a_stopped_gateway_may_be_tried_once_it_is_declared_anew(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    came_back(store, arena_settings, plan(), ErrorKind.AUTH)
    later = NOON + MINUTE
    with store.write() as connection:
        connection.execute(update(Gateway).values(updated_at=later))

    answers = admit(store, arena_settings, [plan(), plan()], later)

    assert answers[0] == later
    assert isinstance(answers[1], Refused)
    came_back(store, arena_settings, plan(), ErrorKind.AUTH, sent=later)
    assert ask(store, arena_settings, plan(), later) is RefusalKind.STOPPED


def test_answers_of_a_well_model_are_noted_now_and_then_only(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    for second in range(15):
        came_back(store, arena_settings, plan(), sent=NOON + second * SECOND)

    assert gateway_states(store, arena_settings, NOON)[GATE].last_ok_at == NOON + 10 * SECOND


def test_reset_lets_one_model_go_and_forgets_what_its_gateway_wanted(
    store: Store, arena_settings: Settings
) -> None:
    declare(store)
    for model in ("a/one", "b/two"):
        came_back(store, arena_settings, plan(model), ErrorKind.NOT_FOUND, times=5)
        came_back(
            store, arena_settings, plan(model), ErrorKind.RATE_LIMIT, retry_at=NOON + 5 * MINUTE
        )

    reset(store, GATE, "a/one", NOON)
    reset(store, GATE, "a/one", NOON)

    assert ask(store, arena_settings, plan("a/one")) == NOON
    assert ask(store, arena_settings, plan("b/two")) is RefusalKind.CIRCUIT


def test_the_state_of_gateways_is_told_in_full(store: Store, arena_settings: Settings) -> None:
    declare(store, **KEYED)
    (site,) = open_matches(store)
    under_way(store, site, 3)
    admit(store, arena_settings, [plan(site=site, free=True)] * 2)
    came_back(store, arena_settings, plan(), ErrorKind.TIMEOUT, times=5, error="slow")

    states = gateway_states(store, arena_settings, NOON)

    assert set(states) == {GATE, "openrouter"}
    gate = states[GATE]
    assert (gate.state, gate.models_open) == (CircuitState.CLOSED, 1)
    assert (gate.open_calls, gate.calls_today) == (3, 3)
    assert (gate.free_calls_today, gate.free_calls_limit) == (2, 50)
    assert gate.models_left_alone[0].last_error == "timeout: slow"
    assert (states["openrouter"].state, states["openrouter"].calls_today) == (
        CircuitState.CLOSED, 0,
    )  # fmt: skip


def test_names_from_outside_may_hold_anything(store: Store, arena_settings: Settings) -> None:
    declare(store)
    odd = plan("a/\0one' OR 1=1 \ud800")

    came_back(store, arena_settings, odd, ErrorKind.SERVER, times=5, error="\0" * 9999)
    came_back(store, arena_settings, odd, ErrorKind.RATE_LIMIT, retry_at=NOON + MINUTE)

    assert ask(store, arena_settings, odd) is RefusalKind.CIRCUIT
