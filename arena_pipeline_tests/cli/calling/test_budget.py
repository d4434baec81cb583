"""`arena budget`: every budget with what is left of it, as a table and as a document."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome
from arena_pipeline.calls.spending.work import Settlement
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation
from arena_pipeline_tests.calls.spending.seats import (
    add_gateway,
    open_evaluation,
    open_matches,
    priced,
    reserved,
    settle,
    wealthy,
)
from arena_pipeline_tests.cli.conftest import Arena


@pytest.fixture
def spent(played_store: Store, played_dir: Path) -> Store:
    """An arena in which one call was billed, one is of unknown cost, and one died."""
    now = datetime.now(UTC)
    settings = wealthy(Settings.load(data_dir=played_dir))
    number = open_evaluation(played_store, Decimal(4), alias="newcomer")
    add_gateway(played_store, Decimal(10))
    site, other = open_matches(played_store, 2, number)
    billed = reserved(played_store, settings, priced(site, "0.5"), now)
    unknown = reserved(played_store, settings, priced(site, "0.25"), now)
    reserved(played_store, settings, priced(other, "0.125"), now)
    timed_out = CallOutcome(now, sent_at=now, error_kind=ErrorKind.TIMEOUT)
    settle(
        played_store,
        settings,
        Settlement(billed, CallOutcome(now, cost_billed=Decimal("1.5"))),
        Settlement(unknown, timed_out),
    )
    return played_store


@pytest.mark.usefixtures("spent")
def test_the_document_has_every_budget_in_full(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_BUDGET", "20")

    document = arena("budget", "--json").document

    found = {(one["kind"], one["name"]): one for one in document["budgets"]}
    total = found["total", "over all"]
    assert {name: Decimal(total[name]) for name in ("cap", "spent", "assumed", "left")} == {
        "cap": 20,
        "spent": Decimal("1.5"),
        "assumed": Decimal("0.375"),
        "left": Decimal("18.125"),
    }
    assert Decimal(total["reserved"]) == 0
    assert Decimal(total["overrun"]) == 1
    assert total["setting"] == "ARENA_BUDGET"
    assert document["calls_given_up"] == 1
    gateway = found["gateway", "gate"]
    assert Decimal(gateway["left"]) == Decimal("8.125")
    assert gateway["resets_at"] is not None
    (evaluation,) = (one for (kind, _), one in found.items() if kind == "evaluation")
    assert evaluation["name"].startswith("newcomer on ")
    assert Decimal(evaluation["cap"]) == 4
    assert sum(kind == "match" for kind, _ in found) == 2


@pytest.mark.usefixtures("spent")
def test_the_table_shows_bars_and_what_went_wrong(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_BUDGET", "3")

    ran = arena("budget")

    assert ran.code == 0
    assert "over all" in ran.out
    assert "ARENA_BUDGET" in ran.out
    assert "██████████▓▓········" in ran.out
    assert "Bills came to 1 USD more than was set aside" in ran.out
    assert "1 call of processes that died" in ran.err


def test_without_a_budget_it_says_in_a_sentence_that_nothing_is_spent(
    arena: Arena, played_store: Store
) -> None:
    ran = arena("budget")

    assert "ARENA_BUDGET is 0: nothing is spent" in ran.out


def test_an_evaluation_that_is_over_is_no_longer_shown(arena: Arena, spent: Store) -> None:
    with spent.write() as connection:
        connection.execute(update(Evaluation).values(state="ranked"))

    document = arena("budget", "--json").document

    assert not [one for one in document["budgets"] if one["kind"] == "evaluation"]
