"""Fixtures of the drills: an arena on each database, and its twin."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline_tests.drills.arenas import Arena, copied, prepare, write_models_file
from arena_pipeline_tests.drills.clocks import LIBRARIES, Clock
from arena_pipeline_tests.drills.practising import KEY, KEY_VARIABLE
from arena_pipeline_tests.drills.processes import kill_all
from arena_pipeline_tests.postgres import Cluster


@pytest.fixture
def arena(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Arena]:
    """An arena whose bots are ranked; whatever still runs in it is killed after the test."""
    url = None
    if database == "postgresql":
        cluster: Cluster = request.getfixturevalue("drilled_cluster")
        url = cluster.create_database()
    arena = Arena(tmp_path / "arena", write_models_file(tmp_path / "models.yaml"), url)
    prepare(arena)
    yield arena
    kill_all(arena.folder)


@pytest.fixture
def twin(arena: Arena, tmp_path: Path, request: pytest.FixtureRequest) -> Arena:
    """The same arena before anything was done to it."""
    url = None
    if arena.url is not None:
        cluster: Cluster = request.getfixturevalue("drilled_cluster")
        url = cluster.create_database(template=arena.url)
    return copied(arena, tmp_path / "twin", url)


@pytest.fixture
def practice_url(database: str, request: pytest.FixtureRequest) -> str | None:
    """Address of an empty database; None: SQLite in the arena's folder."""
    if database == "sqlite":
        return None
    cluster: Cluster = request.getfixturevalue("drilled_cluster")
    return cluster.create_database()


@pytest.fixture
def drill_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of practice gateways that want one, in this process's environment too."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return KEY


@pytest.fixture(scope="session")
def drilled_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of the drills' own, which may be restarted.

    It keeps what it said was committed when it is stopped at once, which the tests' usual one does
    not.
    """
    with Cluster(durable=True) as cluster:
        yield cluster


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """A clock that is right until it is set."""
    if not LIBRARIES:
        pytest.skip("no libfaketime here (Debian: apt-get install faketime)")
    return Clock(tmp_path / "clock")
