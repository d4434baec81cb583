"""`arena estimate`: what a match and a placement would cost, and what is left for them."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from arena_pipeline.calls.spending.accounts import TOTAL_KEY
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Spend
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.calls.limits.asking import declare
from arena_pipeline_tests.calls.played import add_agent, add_match, add_model, used
from arena_pipeline_tests.cli.conftest import Arena

EXPECTED: dict[str, Any] = {"expected_cost": Decimal("0.02"), "cost": Decimal("0.03")}


@pytest.fixture
def known(fresh_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An arena with two models, one of which has played three matches, and 10 USD."""
    monkeypatch.setenv("ARENA_BUDGET", "10")
    store = prepare_arena(Settings.load(data_dir=fresh_dir)).store
    declare(store)
    one = add_model(store, "a/one")
    add_model(store, "b/two")
    add_agents(store, "greedy")
    agent = add_agent(store, "own", one)
    for _ in range(3):
        add_match(store, used(agent, one, **EXPECTED))
    yield store
    store.close()


@pytest.mark.usefixtures("known")
def test_a_measured_agent_is_told_with_its_range_and_how_it_went_so_far(arena: Arena) -> None:
    ran = arena("estimate", "own")

    assert (ran.code, ran.err) == (0, "")
    for told in (
        "its seat in a match",
        "0.024 USD (",
        "a placement of 10",
        "0.24 USD (",
        "measured with this agent, 3 matches",
        "3 matches: expected 0.060 USD, billed 0.090 USD",
        "ARENA_EVALUATION_BUDGET",
    ):
        assert told in ran.out


def test_the_document_has_all_numbers_exactly(arena: Arena, known: Store) -> None:
    with known.write() as connection:
        connection.execute(
            insert(Spend).values(
                budget=TOTAL_KEY.budget, window_start=TOTAL_KEY.window_start,
                spent=Decimal("9.9"), reserved=Decimal(0),
            )
        )  # fmt: skip

    found = arena("estimate", "a/one", "--json").document

    assert (found["model"], found["agent"], found["ladder"]) == ("a/one", None, "snake")
    assert found["match"]["basis"] == "measured with this model"
    assert Decimal(found["match"]["cost"]) == Decimal("0.024")
    assert Decimal(found["placement"]["cost"]) == Decimal("0.24")
    over_all = next(one for one in found["budgets"] if one["setting"] == "ARENA_BUDGET")
    assert (Decimal(over_all["left"]), over_all["fits"]) == (Decimal("0.1"), False)
    assert len(found["past"]["matches"]) == 3


@pytest.mark.usefixtures("known")
def test_a_model_that_never_played_is_guessed(arena: Arena) -> None:
    ran = arena("estimate", "b/two")

    assert ran.code == 0
    assert "first guess" in ran.out
    assert "no finished match whose cost was expected and is known" in ran.out


def test_an_unknown_price_is_said(arena: Arena, known: Store) -> None:
    add_model(known, "c/three", price_prompt=None)

    ran = arena("estimate", "c/three")

    assert ran.code == 0
    assert "nobody knows: its price is unknown" in ran.out
    assert "price unknown (models.yaml can name" in " ".join(ran.out.split())


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("name", "code", "told"),
    [("nobody", 1, "No model goes by 'nobody'"), ("greedy", 2, "greedy calls no model")],
)
def test_who_can_t_be_estimated_is_one_sentence(
    arena: Arena, name: str, code: int, told: str
) -> None:
    ran = arena("estimate", name)

    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
