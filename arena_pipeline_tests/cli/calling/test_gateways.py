"""`arena gateways` and `arena gateways check`, against a real server."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.calls.spending.accounts import TOTAL_KEY
from arena_pipeline.cli import main
from arena_pipeline.practice.line_up import LINE_UP
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import served
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import Circuit, CircuitState
from arena_pipeline_tests.calls.spending.seats import NOON, on_record
from arena_pipeline_tests.cli.conftest import MODELS_FILE, Arena

KEY = "a-key-of-the-tests-0002"

DECLARED = """
gateways:
  - {{name: near, base_url: "{url}", key: NEAR_KEY, concurrency: 4, daily_cap: 2}}
"""


@pytest.fixture(scope="module")
def server() -> PracticeGateway:
    return PracticeGateway(LINE_UP, fault_rate=0.0, latency_s=0.0, seed=1)


@pytest.fixture(scope="module")
def template(server: PracticeGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an arena that calls models at a server on this machine, to be copied."""
    folder = tmp_path_factory.mktemp("gateways")
    models_file = folder / "models.yaml"
    with served(server) as at, pytest.MonkeyPatch.context() as patch:
        models_file.write_text(MODELS_FILE + DECLARED.format(url=at.base_url))
        patch.setenv("ARENA_MODELS_FILE", str(models_file))
        patch.setenv("ARENA_DATA_DIR", str(folder / "data"))
        patch.setenv("ARENA_CATALOG_URL", at.catalog_url)
        patch.setenv("ARENA_CATALOG_GATEWAY", "near")
        assert main(["sync", "--json"]) == 0
        patch.undo()
        yield folder / "data"


@pytest.fixture
def near(template: Path, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Such an arena, with 1 USD to spend."""
    monkeypatch.setenv("NEAR_KEY", KEY)
    monkeypatch.setenv("ARENA_BUDGET", "1")
    shutil.copytree(template, fresh_dir)
    store = open_ready_store(Settings.load())
    yield store
    store.close()


def stop(store: Store) -> None:
    with store.write() as connection:
        connection.execute(
            Circuit.__table__.insert().values(  # type: ignore[attr-defined]
                gateway="near", client_name="", state=CircuitState.STOPPED.value, failures=1,
                openings=1, since=NOON, last_error="the key is refused", last_error_at=NOON,
            )
        )  # fmt: skip


@pytest.mark.usefixtures("near")
def test_each_gateway_is_shown_with_limits_key_and_state(arena: Arena) -> None:
    shown = arena("gateways")
    found = {one["name"]: one for one in arena("gateways", "--json").document["gateways"]}

    assert shown.code == 0
    assert "NEAR_KEY is set" in shown.out
    assert "OPENROUTER_API_KEY is not set" in shown.out
    assert KEY not in shown.out + str(found)
    near = found["near"]
    assert (near["state"], near["key_is_set"], near["concurrency"]) == ("closed", True, 4)
    assert Decimal(near["daily_cap"]) == 2
    assert Decimal(near["spent_today"]) == 0


def test_a_stopped_gateway_says_what_to_do_and_a_good_check_puts_it_to_work(
    arena: Arena, near: Store
) -> None:
    stop(near)

    told = arena("gateways")
    assert "the key is refused" in told.err
    assert "arena gateways check near" in " ".join(told.err.split())

    tried = arena("gateways", "check", "near", "--yes")
    assert (tried.code, "it answers" in tried.out) == (0, True)
    (state,) = (
        one["state"]
        for one in arena("gateways", "--json").document["gateways"]
        if one["name"] == "near"
    )
    assert state == "closed"


def test_a_check_asks_the_cheapest_model_which_costs_nothing_if_one_is_free(
    arena: Arena, near: Store
) -> None:
    (tried,) = arena("gateways", "check", "near", "--json").document["gateways"]

    assert (tried["model"], tried["answered"]) == ("practice/giveaway:free", True)
    assert on_record(near) == {}


def test_what_a_check_costs_is_paid_from_the_budget(arena: Arena, near: Store) -> None:
    ran = arena("gateways", "check", "near", "--model", "practice/eager", "--yes", "--json")

    (tried,) = ran.document["gateways"]
    assert (tried["model"], tried["answered"]) == ("practice/eager", True)
    assert Decimal(tried["most"]) >= Decimal(tried["cost"]) > 0
    assert on_record(near)[TOTAL_KEY].spent == Decimal(tried["cost"])


def test_nothing_that_costs_is_tried_without_consent_or_money(
    arena: Arena, near: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager = ("gateways", "check", "near", "--model", "practice/eager", "--json")
    unasked = arena(*eager)
    monkeypatch.setenv("ARENA_BUDGET", "0")
    unpaid = arena(*eager, "--yes")

    assert (unasked.code, unpaid.code) == (1, 1)
    assert "--yes" in unasked.document["gateways"][0]["told"]
    assert "ARENA_BUDGET" in unpaid.document["gateways"][0]["told"]
    assert on_record(near) == {}


def test_a_gateway_that_refuses_is_told_without_its_key(
    arena: Arena, near: Store, server: PracticeGateway
) -> None:
    server.change("practice/hasty", {"faults": {"auth": 1.0}})

    tried = arena("gateways", "check", "near", "--model", "practice/hasty", "--yes")

    assert tried.code == 1
    assert "401" in tried.out
    assert KEY not in tried.out + tried.err
    assert on_record(near) == {}


@pytest.mark.usefixtures("near")
def test_what_is_missing_for_a_check_is_named(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "OPENROUTER_API_KEY" in arena("gateways", "check", "openrouter").out
    unknown = arena("gateways", "check", "far")
    assert (unknown.code, "near, openrouter" in unknown.err) == (1, True)
    assert arena("gateways", "check", "--model", "x").code == 2
    named = arena("gateways", "check", "near", "--model", "nobody/knows", "--yes", "--json")
    assert "prices" in named.document["gateways"][0]["told"]
    monkeypatch.delenv("NEAR_KEY")
    assert "NEAR_KEY" in arena("gateways", "check", "near").out
