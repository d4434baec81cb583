"""An arena for Dagster's assets to work on: settings in the environment, as in a real process."""

import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import dagster as dg
import pytest

from arena_pipeline.definitions import defs
from arena_pipeline.defs.resources import Arena
from arena_pipeline.settings import PROJECT_ROOT, Settings
from arena_pipeline.store import Store

Materialize = Callable[..., dg.ExecuteInProcessResult]

NOBODY = "http://127.0.0.1:1/models"
"""A catalog address where nobody answers."""


@pytest.fixture(scope="session")
def definitions() -> dg.Definitions:
    """All definitions, as Dagster loads them."""
    return defs()


@pytest.fixture(scope="session")
def repository(definitions: dg.Definitions) -> dg.RepositoryDefinition:
    """The repository of the code location."""
    return definitions.get_repository_def()


@pytest.fixture
def models_file(tmp_path: Path) -> Path:
    """A models file of the test's own, with the five bots that ship with the project."""
    return Path(shutil.copy(PROJECT_ROOT / "data" / "models.yaml", tmp_path / "models.yaml"))


@pytest.fixture
def arena(
    store: Store,
    arena_settings: Settings,
    models_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Arena:
    """The arena whose store is `store`; its catalog can't be reached."""
    values = {
        "DATA_DIR": str(arena_settings.root),
        "MODELS_FILE": str(models_file),
        "CATALOG_URL": NOBODY,
        "CATALOG_RETRIES": "0",
        "LEAGUE_MATCHES": "4",
        "PLACEMENT_MATCHES": "2",
    }
    if arena_settings.database_url is not None:
        values["DATABASE_URL"] = arena_settings.database_url.get_secret_value()
    for name, value in values.items():
        monkeypatch.setenv(f"ARENA_{name}", value)
    return Arena()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def materialize(
    arena: Arena, repository: dg.RepositoryDefinition, instance: dg.DagsterInstance
) -> Materialize:
    """Run assets with their checks, as the UI does: `materialize("models", "agents")`."""

    def run(*names: str, partition: str | None = None) -> dg.ExecuteInProcessResult:
        keys: Collection[dg.AssetKey] = {dg.AssetKey(name) for name in names}
        job = repository.get_job("__ASSET_JOB").get_subset(asset_selection=set(keys))
        if partition is not None:
            instance.add_dynamic_partitions("agents", [partition])
        return job.execute_in_process(
            instance=instance, partition_key=partition, raise_on_error=False
        )

    return run


@pytest.fixture
def registered(materialize: Materialize) -> None:
    """The arena knows the sample catalog and the five bots, and has them in its queue."""
    assert materialize("openrouter_catalog", "models", "agents", "evaluation_queue").success
