"""What is found to be told: each thing once, and nothing old."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from arena_pipeline.calls.spending.accounts import charged
from arena_pipeline.catalog.errors import CatalogError
from arena_pipeline.evaluation.incidents import record_failure
from arena_pipeline.operations.notices.checks import CheckResult
from arena_pipeline.operations.notices.collecting import FRESH, collect
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t
from arena_pipeline.store.tables import NoticeKind
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.operations.notices.conftest import by_key
from arena_pipeline_tests.registry.days import Days


def fail(store: Store, error: str = "It broke.", run: str = "r1") -> None:
    record_failure(store, run_id=run, job="daily", step="matches", error=error)


def test_a_failed_run_is_told_once(store: Store, arena_settings: Settings) -> None:
    fail(store)

    assert [collect(store, arena_settings) for _ in range(2)] == [1, 0]

    [notice] = by_key(store).values()
    assert (notice.key, notice.kind) == ("incident:1", NoticeKind.RUN_FAILED)
    assert notice.title == "Run failed in matches: It broke."
    assert notice.body["run_id"] == "r1"


def test_what_is_older_than_a_day_is_not_told(store: Store, arena_settings: Settings) -> None:
    fail(store)

    assert collect(store, arena_settings, now=datetime.now(UTC) + FRESH) == 0


def test_a_run_that_somebody_stopped_is_no_failure(store: Store, arena_settings: Settings) -> None:
    with store.write() as connection:
        for number, kind in enumerate(("interrupted", "lease expired")):
            connection.execute(
                insert(t.Incident).values(
                    happened_at=datetime.now(UTC), kind=kind, run_id=str(number), error="x"
                )
            )

    assert collect(store, arena_settings) == 1
    assert next(iter(by_key(store).values())).body["what"] == "lease expired"


def test_a_refused_and_an_unreadable_catalog_are_told(
    store: Store, arena_settings: Settings
) -> None:
    days = Days(store, arena_settings.catalog_dir)
    days.today = datetime.now(UTC) - timedelta(days=3)
    days.next(row("acme/one"), row("acme/two"))
    for content in (b'{"data": [{"id": "x/y", "name": "x"}]}', b"<html>"):
        with pytest.raises(CatalogError):
            days.next_body(content, fetched_at=datetime.now(UTC))

    assert [collect(store, arena_settings) for _ in range(2)] == [2, 0]

    notices = by_key(store)
    assert set(notices) == {"snapshot:2", "snapshot:3"}
    assert all(one.title.startswith("Catalog refused: ") for one in notices.values())


def test_a_failed_check_is_told_once_per_run(store: Store, arena_settings: Settings) -> None:
    bad = CheckResult("matches", "whole", "r1", datetime.now(UTC), passed=False, description="No.")

    assert [collect(store, arena_settings, [bad]) for _ in range(2)] == [1, 0]

    assert by_key(store)["check:matches:whole:r1"].title == "Check whole of matches failed: No."


@pytest.fixture
def waiting_for_money(
    store: Store, monkeypatch: pytest.MonkeyPatch, arena_settings: Settings
) -> None:
    """A model that could be evaluated if there were money."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "key-of-the-test")
    Days(store, arena_settings.catalog_dir).next(row("acme/cheap"))


@pytest.mark.usefixtures("waiting_for_money")
def test_a_budget_that_is_too_small_is_told_once_a_day(
    store: Store, arena_settings: Settings
) -> None:
    poor = arena_settings.model_copy(update={"budget": Decimal("0.000001")})
    now = datetime.now(UTC)

    told = [collect(store, poor, now=now + timedelta(days=days)) for days in (0, 0, 1)]

    assert told == [1, 0, 1]
    notice = by_key(store)[f"budget:0.000001:{now:%Y-%m-%d}"]
    assert "too small for a match" in notice.title
    assert notice.body["some_of_them"] == ["acme/cheap"]


def test_a_budget_that_is_spent_is_told(store: Store, arena_settings: Settings) -> None:
    settings = arena_settings.model_copy(update={"budget": Decimal(5)})
    with store.write() as connection:
        connection.execute(
            insert(t.Spend),
            [
                {
                    "budget": key.budget, "window_start": key.window_start,
                    "reserved": Decimal("0.5"), "spent": Decimal("4"), "assumed": Decimal("0.5"),
                }
                for key in charged("gate", datetime.now(UTC), "some match")
            ],
        )  # fmt: skip

    assert collect(store, settings) == 1
    [notice] = by_key(store).values()
    assert notice.title.startswith("The budget of 5 USD is exhausted (4.5 spent, 0.5 reserved)")
    assert notice.body["of_which_unknown_usd"] == "0.5"


def test_each_dollar_counts_once_however_many_budgets_it_is_charged_to(
    store: Store, arena_settings: Settings
) -> None:
    settings = arena_settings.model_copy(update={"budget": Decimal(5)})
    with store.write() as connection:
        connection.execute(
            insert(t.Spend),
            [
                {
                    "budget": key.budget, "window_start": key.window_start,
                    "reserved": Decimal(0), "spent": Decimal(2),
                }
                for key in charged("gate", datetime.now(UTC), "some match", 1)
            ],
        )  # fmt: skip

    assert collect(store, settings) == 0


@pytest.mark.usefixtures("waiting_for_money")
def test_where_nothing_may_be_spent_nothing_is_exhausted(
    store: Store, arena_settings: Settings
) -> None:
    assert collect(store, arena_settings) == 0


def test_a_secret_in_an_error_does_not_get_into_the_outbox(
    store: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-1234567")
    fail(store, "401 for sk-or-v1-1234567 at https://u:hidden@h/x?key=hidden")

    collect(store, arena_settings)

    [notice] = by_key(store).values()
    assert notice.body["error"] == "401 for *** at https://u:***@h/x?key=***"
    assert "1234567" not in notice.title
