"""What a seat is expected to use and to cost: measured if it was, else what others were."""

import math
import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.calls.expecting import (
    FIRST_GUESS,
    WITH_AGENT,
    WITH_MODEL,
    WITH_SIMILAR,
    Expectation,
    expected_seat,
    from_guess,
    from_measured,
)
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.registry.policy.estimate import PLAIN, REASONING
from arena_pipeline.registry.policy.measuring import Use, measured_guess
from arena_pipeline.store import Store
from arena_pipeline.store.tables import GameConfig
from arena_pipeline_tests.calls.played import (
    REASONS,
    add_agent,
    add_match,
    add_model,
    add_prompt,
    config_of,
    row_of,
    used,
)
from arena_pipeline_tests.registry.model_rows import model_row

ONE_AND_TWO = Tariff.of(Decimal(1), Decimal(2), {})
"""USD per million tokens read and written."""

FREE = Decimal(0)

uses = st.lists(
    st.builds(Use, st.integers(1, 150), st.integers(1, 10**6), st.integers(0, 10**6)),
    min_size=3,
    max_size=40,
)


def seat(
    store: Store, model_id: int, agent_id: int | None = None, prompt_id: int | None = None
) -> Expectation | None:
    with store.read() as connection:
        return expected_seat(
            connection,
            config_id=config_of(store),
            agent_id=agent_id,
            model_id=model_id,
            prompt_id=prompt_id,
            row=row_of(store, model_id),
        )


def test_measured_means_are_money_at_present_prices() -> None:
    told = from_measured(
        [Use(10, 10_000, 1000), Use(20, 30_000, 1000), Use(30, 50_000, 4000)],
        ONE_AND_TWO,
        WITH_AGENT,
    )

    assert told is not None
    assert (told.turns, told.prompt_tokens, told.completion_tokens) == (20, 1500, 100)
    assert told.cost == pytest.approx(Decimal("0.034"), abs=Decimal("0.0001"))
    assert (told.basis, told.matches) == (WITH_AGENT, 3)


@given(uses, st.integers(1, 50))
def test_the_range_holds_the_mean_and_narrows_over_many_matches(
    measured: list[Use], matches: int
) -> None:
    told = from_measured(measured, ONE_AND_TWO, WITH_AGENT)
    assert told is not None

    assert 0 < told.low <= told.cost <= told.high
    cost, low, high = told.of_matches(matches)
    _, low_of_one, high_of_one = told.of_matches(1)
    assert cost == told.cost * matches
    assert low <= cost <= high
    assert high / low <= high_of_one / low_of_one * Decimal("1.001")


def test_the_range_holds_about_eighty_of_a_hundred_matches() -> None:
    chance = random.Random(1)
    inside = 0
    for _ in range(100):
        played = [Use(1, round(math.exp(chance.gauss(9, 1))) + 1, 0) for _ in range(50)]
        told = from_measured(played[:20], ONE_AND_TWO, WITH_AGENT)
        assert told is not None
        costs = [Decimal(one.prompt_tokens) / 10**6 for one in played[20:]]
        inside += sum(told.low <= cost <= told.high for cost in costs)

    assert 0.78 < inside / 3000 < 0.83


def test_free_models_cost_nothing_with_certainty() -> None:
    told = from_measured([Use(10, 100, 100)] * 3, Tariff.of(Decimal(0), Decimal(0), {}), WITH_AGENT)

    assert told is not None
    assert (told.cost, told.low, told.high) == (FREE, FREE, FREE)
    assert told.of_matches(10) == (FREE, FREE, FREE)


def test_an_unknown_price_is_no_expectation() -> None:
    unknown = Tariff.of(Decimal(1), None, {})

    assert from_measured([Use(1, 1, 1)] * 3, unknown, WITH_AGENT) is None
    assert from_guess(PLAIN, unknown) is None


def test_the_first_guess_says_how_little_is_known() -> None:
    told = from_guess(PLAIN, ONE_AND_TWO)

    assert told is not None
    assert told.cost == Decimal("0.054")
    assert told.low / told.cost == pytest.approx(Decimal("0.061"), abs=Decimal("0.001"))
    assert told.high / told.cost == pytest.approx(Decimal("2.26"), abs=Decimal("0.01"))
    assert told.basis == FIRST_GUESS
    longer = from_guess(PLAIN, ONE_AND_TWO, longest=40)
    shorter = from_guess(PLAIN, ONE_AND_TWO, longest=5)
    assert longer is not None
    assert shorter is not None
    assert (longer.turns, shorter.turns) == (20, 5)


def test_who_was_measured_oftener_is_believed_before_others(store: Store) -> None:
    prompt = add_prompt(store)
    one, other = add_model(store, "a/one"), add_model(store, "b/two")
    thinker = add_model(store, "c/three", details=REASONS)
    own, sibling = add_agent(store, "own", one, prompt), add_agent(store, "sibling", one)
    stranger, deep = add_agent(store, "x", other, prompt), add_agent(store, "y", thinker, prompt)

    def basis() -> str:
        told = seat(store, one, own, prompt)
        assert told is not None
        return told.basis

    for agent, model in ((deep, thinker), (deep, thinker), (deep, thinker)):
        add_match(store, used(agent, model, 900_000))
    assert basis() == FIRST_GUESS
    for _ in range(3):
        add_match(store, used(stranger, other), rounds=30)
    assert basis() == WITH_SIMILAR
    for _ in range(3):
        add_match(store, used(sibling, one))
    assert basis() == WITH_MODEL
    for _ in range(2):
        add_match(store, used(own, one, 40_000, death_round=9))
    assert basis() == WITH_MODEL
    add_match(store, used(own, one, 40_000, death_round=9))
    told = seat(store, one, own, prompt)
    assert told is not None
    assert (told.basis, told.matches) == (WITH_AGENT, 3)
    assert (told.turns, told.prompt_tokens) == (10, 4000)


def test_matches_that_say_nothing_are_not_counted(store: Store) -> None:
    model = add_model(store, "a/one")
    agent = add_agent(store, "own", model)
    for _ in range(3):
        add_match(store, used(agent, model), state="paused", rounds=None)
        add_match(store, used(agent, model), state="void")
        add_match(store, used(agent, model, read=0))
        add_match(store, {"agent_id": agent, "model_id": model})

    told = seat(store, model, agent)

    assert told is not None
    assert told.basis == FIRST_GUESS


def test_other_configs_and_other_gateways_are_other_things(store: Store) -> None:
    from sqlalchemy import insert

    model = add_model(store, "a/one")
    with store.write() as connection:
        short = connection.execute(
            insert(GameConfig)
            .values(
                name="short", game="snake", settings={"max_rounds": 6}, digest="d",
                created_at=row_of(store, model).discovered_at,
            )
            .returning(GameConfig.id)
        ).scalar_one()  # fmt: skip
    for _ in range(3):
        add_match(store, used(None, model))
    elsewhere = GatewayRow(
        "elsewhere", "http://x/v1", price_prompt=Decimal(0), price_completion=Decimal(0)
    )

    with store.read() as connection:
        told = expected_seat(
            connection, config_id=short, agent_id=None, model_id=model, prompt_id=None,
            row=row_of(store, model), gateway=elsewhere,
        )  # fmt: skip

    assert told is not None
    assert (told.basis, told.turns, told.cost) == (FIRST_GUESS, 6.0, FREE)


def test_the_policy_guesses_by_what_was_measured_with_prompts_of_ours(store: Store) -> None:
    prompt = add_prompt(store)
    one, quiet = add_model(store, "a/one"), add_model(store, "b/two")
    thinker = add_model(store, "c/three", details=REASONS)
    imported = add_agent(store, "old", thinker)
    agent = add_agent(store, "own", one, prompt)
    for _ in range(3):
        add_match(store, used(agent, one, 21_000, 3000), rounds=30)
        add_match(store, used(imported, thinker))

    with store.read() as connection:
        guess = measured_guess(connection)

    measured = replace(PLAIN, turns=30, prompt_tokens=700, completion_tokens=100)
    assert guess(row_of(store, one)) == measured
    assert guess(row_of(store, quiet)) == measured
    assert guess(row_of(store, thinker)) == REASONING
    assert guess(model_row(id=999, gateway="practice")) == PLAIN
