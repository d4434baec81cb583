from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEventType
from pytest_httpserver import HTTPServer

from arena_pipeline.registry.models import models
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import checks, failures, metadata

Serve = Callable[..., None]


@pytest.fixture
def serve(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Have the catalog's server list these rows from now on."""
    monkeypatch.setenv("ARENA_CATALOG_URL", httpserver.url_for("/models"))

    def give(*rows: object) -> None:
        httpserver.clear()
        httpserver.expect_request("/models").respond_with_data(
            body(*rows), content_type="application/json"
        )

    return give


def told_by_failure(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    """The metadata of the one step that failed."""
    [event] = [e for e in result.all_events if e.event_type is DagsterEventType.STEP_FAILURE]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return {name: value.value for name, value in data.metadata.items()}


def test_without_a_network_the_sample_is_used_and_the_metadata_says_so(
    materialize: Materialize, store: Store
) -> None:
    result = materialize("openrouter_catalog")

    told = metadata(result, "openrouter_catalog")
    assert told["is sample"] is True
    assert "sample catalog" in told["notice"]
    assert told["models"] == len(models(store)) > 0


def test_a_sane_catalog_passes_its_check(materialize: Materialize) -> None:
    assert checks(materialize("openrouter_catalog"))["catalog_is_sane"][0]


def test_a_server_that_answers_nonsense_fails_the_run_and_touches_nothing(
    materialize: Materialize,
    store: Store,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    materialize("openrouter_catalog")
    before = models(store)
    httpserver.expect_request("/models").respond_with_data("<html>Sorry</html>")
    monkeypatch.setenv("ARENA_CATALOG_URL", httpserver.url_for("/models"))

    result = materialize("openrouter_catalog", "models", "agents")

    assert list(failures(result)) == ["openrouter_catalog"]
    assert not result.asset_materializations_for_node("agents")
    assert models(store) == before


def test_what_a_catalog_changed_is_told_by_kind_and_one_by_one(
    materialize: Materialize, serve: Serve
) -> None:
    for prompt in ("0.000001", "0.000002", "0.000001"):
        serve(row("acme/one", prompt=prompt), row("acme/two"))
        result = materialize("openrouter_catalog")

    told = metadata(result, "openrouter_catalog")
    assert told["changes"] == 1
    assert told["changes by kind"].split("\n")[2:] == [
        "| repriced | 1 |", "| of these flipped back | 1 |",
    ]  # fmt: skip
    assert told["what changed"].split("\n")[2:] == [
        "| repriced (flipped back) | acme/one | prompt 2, completion 2 | prompt 1, completion 2 |"
    ]
    assert told["churn"].startswith("![chart](data:image/svg+xml;base64,")


def test_a_refused_catalog_fails_with_a_clear_sentence_and_names_the_kept_file(
    materialize: Materialize, serve: Serve, store: Store
) -> None:
    serve(row("acme/one"), row("acme/two"))
    materialize("openrouter_catalog")
    before = models(store)
    serve(row("acme/one"))

    result = materialize("openrouter_catalog", "models")

    assert failures(result) == {
        "openrouter_catalog": "The catalog misses 1 of 2 known models (limit 25%); nothing was "
        "changed. If the models are really gone, add --accept-drop to arena sync"
    }
    told = told_by_failure(result)
    assert told["models in it"] == 1
    assert Path(str(told["file kept"])).is_file()
    assert models(store) == before
    assert not result.asset_materializations_for_node("models")


def test_a_catalog_refused_again_after_a_good_one_still_names_its_file(
    materialize: Materialize, serve: Serve
) -> None:
    good, broken = (row("acme/one"), row("acme/two")), (row("acme/one"),)
    serve(*good)
    materialize("openrouter_catalog")
    serve(*broken)
    first = told_by_failure(materialize("openrouter_catalog"))
    serve(*good)
    assert materialize("openrouter_catalog").success
    serve(*broken)

    again = told_by_failure(materialize("openrouter_catalog"))

    assert again["file kept"] == first["file kept"]


def test_rows_that_can_t_be_used_are_listed_with_the_reason(
    materialize: Materialize, serve: Serve
) -> None:
    serve(row("acme/one"), row("acme/two", prompt="free"))

    told = metadata(materialize("openrouter_catalog"), "openrouter_catalog")

    assert told["skipped rows"] == 1
    assert told["what was skipped"].split("\n")[2].startswith("| 1 | ")
