"""Stores for tests: real SQLite files and real PostgreSQL databases, migrated and with the default
ladder.

A test that takes `store` runs once on each; `store_url` gives the address, for tests that start
processes.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.postgres import Cluster

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: Cluster) -> str:
    """A PostgreSQL database with all tables and the default ladder, to be copied."""
    url = postgres_cluster.create_database()
    _fill(url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a SQLite file."""
    path = tmp_path_factory.mktemp("template") / "arena.sqlite3"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on."""
    return str(request.param)


@pytest.fixture
def empty_store_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a store without tables."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database()
    yield url
    cluster.drop_database(url)


@pytest.fixture
def empty_store(empty_store_url: str) -> Iterator[Store]:
    """An open store without tables, on each database."""
    store = open_store(empty_store_url)
    yield store
    store.close()


@pytest.fixture
def store_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a migrated store with the default ladder."""
    if database == "sqlite":
        path = tmp_path / "arena.sqlite3"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database(template=request.getfixturevalue("postgres_template"))
    yield url
    cluster.drop_database(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, migrated store with the default ladder, on each database."""
    store = open_store(store_url)
    yield store
    store.close()


@pytest.fixture
def arena_settings(store_url: str, tmp_path: Path, database: str) -> Settings:
    """Settings of an arena whose data folder is the test's own and whose store is `store`."""
    if database == "sqlite":
        return Settings.load(data_dir=tmp_path)
    return Settings.load(data_dir=tmp_path, database_url=store_url)


@pytest.fixture
def recorder(store: Store, arena_settings: Settings) -> Recorder:
    """A recorder into `store`, replays beside it."""
    return Recorder(store, arena_settings.replay_dir)


def _fill(url: str) -> None:
    store = open_store(url)
    migrate(store)
    ensure_defaults(store)
    store.close()
