import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline.registry.models import models
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import checks, failures, metadata


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
