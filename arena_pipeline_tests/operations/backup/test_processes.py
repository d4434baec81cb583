"""Backups and restores ended wherever they are, by the kernel: all of it is there, or nothing."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.errors import StoreError
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.operations.backup import check_backup, make_backup
from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.operations.backup.filled import (
    elsewhere,
    files_in,
    fill,
    published_of,
    restored,
)
from arena_pipeline_tests.operations.backup.worker import Worker, worker
from arena_pipeline_tests.postgres import Cluster

MATCHES = 60
FEW = (0.002, 0.01, 0.03, 0.06, 0.1)


def many(longest: float) -> list[float]:
    """Forty moments at random."""
    return [random.Random(seed).uniform(0.001, longest) for seed in range(40)]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An arena on SQLite."""
    settings = elsewhere(tmp_path_factory.mktemp("arena") / "data")
    with closing(prepare_arena(settings).store) as store:
        fill(store, settings, MATCHES)
    return settings


@pytest.fixture(scope="module")
def backup(arena: Settings) -> Path:
    """Its backup."""
    with closing(open_ready_store(arena)) as store:
        return make_backup(store, arena, arena.root.parent / "whole.tar").file


@pytest.fixture(scope="module")
def children() -> Iterator[Worker]:
    """Does what is to be killed."""
    with worker() as started:
        yield started


@pytest.fixture
def empty_url(database: str, postgres_cluster: Cluster) -> Iterator[str | None]:
    """An empty place for a store on each database; None: SQLite in the data folder."""
    if database == "sqlite":
        yield None
        return
    url = postgres_cluster.create_database()
    yield url
    postgres_cluster.drop_database(url)


def kill_backups(
    children: Worker, arena: Settings, folder: Path, moments: Sequence[float]
) -> set[str]:
    file = folder / "x.tar"
    ends = set()
    for moment in moments:
        ends.add(children.do("backup", file, arena, moment))
        if file.exists():
            assert check_backup(file).store.matches == MATCHES
            file.unlink()

    assert children.do("backup", file, arena, 0) == "done"
    assert check_backup(file).store.matches == MATCHES
    assert [path.name for path in folder.iterdir()] == ["x.tar"]
    return ends


def kill_restores(
    children: Worker, arena: Settings, backup: Path, new: Settings, moments: Sequence[float]
) -> set[str]:
    before = published_of(arena, arena.root / "export")
    ends = set()
    for moment in moments:
        ends.add(children.do("restore", backup, new, moment))
        if is_there(new):
            break

    if not is_there(new):
        assert children.do("restore", backup, new, 0) == "done"
    assert published_of(new, new.root.parent / "export") == before
    for name in ("replays", "catalog"):
        assert files_in(new.root / name) == files_in(arena.root / name)
    # One that was killed after its end has left a folder, which the next one clears away.
    assert children.do("restore", backup, new, 0) == "refused"
    assert not (new.root / ".restoring").exists()
    assert published_of(new, new.root.parent / "export") == before
    return ends


def is_there(settings: Settings) -> bool:
    try:
        open_ready_store(settings).close()
    except StoreError:
        return False
    return True


def test_a_backup_killed_anywhere_leaves_none_or_a_whole_one(
    children: Worker, arena: Settings, tmp_path: Path
) -> None:
    assert "killed" in kill_backups(children, arena, tmp_path, FEW)


def test_a_restore_killed_anywhere_leaves_no_arena_or_all_of_it(
    children: Worker, arena: Settings, backup: Path, tmp_path: Path, empty_url: str | None
) -> None:
    new = elsewhere(tmp_path / "new", empty_url)

    assert "killed" in kill_restores(children, arena, backup, new, FEW)


@pytest.mark.soak
def test_backups_killed_at_many_moments(children: Worker, arena: Settings, tmp_path: Path) -> None:
    assert kill_backups(children, arena, tmp_path, many(0.5)) >= {"killed", "done"}


@pytest.mark.soak
def test_restores_killed_at_many_moments(
    children: Worker, arena: Settings, backup: Path, tmp_path: Path, database: str,
    postgres_cluster: Cluster,
) -> None:  # fmt: skip
    ends = set()
    for moment in many(1.0 if database == "sqlite" else 3.0):
        url = None if database == "sqlite" else postgres_cluster.create_database()
        ends |= kill_restores(
            children, arena, backup, elsewhere(tmp_path / "x" / "new", url), (moment,)
        )
        shutil.rmtree(tmp_path / "x")

    assert ends >= {"killed", "done"}


def test_what_a_killed_restore_had_moved_is_taken_back(
    arena: Settings, backup: Path, tmp_path: Path
) -> None:
    """The state between two moves, which no kill hits for sure."""
    new = elsewhere(tmp_path / "new")
    staging = new.root / ".restoring"
    staging.mkdir(parents=True)
    (staging / "moving.json").write_text('["catalog", "replays"]')
    (staging / "replays").mkdir()
    (new.root / "catalog").mkdir()
    (new.root / "catalog" / "half").write_text("moved")
    assert not is_there(new)

    restored(backup, new)

    assert files_in(new.root / "catalog") == files_in(arena.root / "catalog")
    assert not staging.exists()


def test_a_restore_that_was_killed_at_its_very_end_is_complete(
    arena: Settings, backup: Path, tmp_path: Path, children: Worker
) -> None:
    new = restored(backup, elsewhere(tmp_path / "new"))
    staging = new.root / ".restoring"
    staging.mkdir()
    (staging / "moving.json").write_text('["catalog", "replays", "archive"]')

    assert children.do("restore", backup, new, 0) == "refused"

    assert not staging.exists()
    with closing(open_store(new.store_url)):
        assert files_in(new.replay_dir) == files_in(arena.replay_dir)
