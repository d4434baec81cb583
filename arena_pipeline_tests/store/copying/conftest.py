"""A filled store on each database, made once and only read; one of a test's own; an empty one to
copy it into; and copies from each to each.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.copying import Copied, copy_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.postgres import Cluster
from arena_pipeline_tests.store.copying.filled import fill

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Copy:
    """A copy that was made, and what was told meanwhile."""

    source: Store
    target: Store
    copied: Copied
    told: list[tuple[int, int]] = field(default_factory=list)


@pytest.fixture(scope="session")
def filled_stores(
    tmp_path_factory: pytest.TempPathFactory, postgres_cluster: Cluster
) -> Iterator[dict[str, Store]]:
    """A filled store on each database. Only to be read."""
    folder = tmp_path_factory.mktemp("filled")
    urls = {
        "sqlite": f"sqlite:///{folder / 'arena.sqlite3'}",
        "postgresql": postgres_cluster.create_database(),
    }
    with ExitStack() as stack:
        stores = {name: stack.enter_context(closing(open_store(url))) for name, url in urls.items()}
        for name, store in stores.items():
            migrate(store)
            ensure_defaults(store)
            fill(store, folder / name)
        yield stores


@pytest.fixture(params=DATABASES)
def filled_store(request: pytest.FixtureRequest, filled_stores: dict[str, Store]) -> Store:
    """A filled store on each database. Only to be read."""
    return filled_stores[request.param]


@pytest.fixture
def own_store(store: Store, tmp_path: Path) -> Store:
    """A filled store on each database, of the test's own."""
    fill(store, tmp_path / "replays")
    return store


@pytest.fixture(params=DATABASES)
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without tables, on each."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'target.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database()
    yield url
    cluster.drop_database(url)


@pytest.fixture
def target(target_url: str) -> Iterator[Store]:
    """The same, open."""
    with closing(open_store(target_url)) as store:
        yield store


@pytest.fixture
def source(target: Store, filled_stores: dict[str, Store]) -> Store:
    """A filled store on the other database than `target`. Only to be read."""
    return filled_stores["postgresql" if target.is_sqlite else "sqlite"]


@pytest.fixture(
    scope="session",
    params=[(one, other) for one in DATABASES for other in DATABASES],
    ids="-to-".join,
)
def copy(
    request: pytest.FixtureRequest,
    filled_stores: dict[str, Store],
    postgres_cluster: Cluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Copy]:
    """A copy from each database to each. Only to be read."""
    here, there = request.param
    url = (
        f"sqlite:///{tmp_path_factory.mktemp('copy') / 'arena.sqlite3'}"
        if there == "sqlite"
        else postgres_cluster.create_database()
    )
    told: list[tuple[int, int]] = []
    with closing(open_store(url)) as target:
        source = filled_stores[here]
        copied = copy_store(source, target, lambda done, total: told.append((done, total)))
        yield Copy(source, target, copied, told)
