import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import Status, verify_matches
from arena_pipeline.operations.backup import BackupError, make_backup, restore_backup
from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import downgrade, newest, version
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.matches.writer import matches
from arena_pipeline_tests.operations.backup.filled import (
    AGENTS,
    LADDER,
    ME,
    MODELS,
    elsewhere,
    files_in,
    fill,
    published,
    published_of,
    restored,
    small_backup,
    with_models,
)
from arena_pipeline_tests.postgres import Cluster


@pytest.fixture
def settings(store: Store, arena_settings: Settings, tmp_path: Path) -> Settings:
    """Settings of a filled arena."""
    settings = with_models(arena_settings, tmp_path)
    fill(store, settings)
    return settings


@pytest.fixture
def empty_url(postgres_cluster: Cluster) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    url = postgres_cluster.create_database()
    yield url
    postgres_cluster.drop_database(url)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small backup, for tests that do not care what is in it."""
    return small_backup(tmp_path_factory.mktemp("backup"))


def test_the_restored_arena_has_the_same_leaderboard_to_the_last_bit(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    before = published(store, tmp_path / "export")
    made = make_backup(store, settings, tmp_path / "x.tar")

    new = restored(made.file, elsewhere(tmp_path / "new"))

    assert published_of(new, tmp_path / "again") == before
    for old_folder, new_folder in (
        (settings.replay_dir, new.replay_dir),
        (settings.catalog_dir, new.catalog_dir),
    ):
        assert files_in(new_folder) == files_in(old_folder)
    assert list(files_in(new.archive_dir)) == [
        "llm_calls/month=2026-11/1-9.0123456789abcdef.parquet"
    ]
    assert (new.root / "models.yaml").read_text() == MODELS
    with closing(open_ready_store(new)) as again:
        assert {one.status for one in verify_matches(again, new.replay_dir)} == {Status.VERIFIED}
        recompute(again, LADDER)
        assert published(again, tmp_path / "recomputed")[0].rows == before[0].rows
        Recorder(again, new.replay_dir).record(matches(again, 9, 12))


def test_a_backup_goes_from_one_database_to_the_other_and_back(
    store: Store, settings: Settings, tmp_path: Path, empty_url: str
) -> None:
    before = published(store, tmp_path / "export")
    there = restored(
        make_backup(store, settings, tmp_path / "x.tar").file,
        elsewhere(tmp_path / "there", empty_url),
    )
    assert published_of(there, tmp_path / "export there") == before
    with closing(open_ready_store(there)) as served:
        Recorder(served, there.replay_dir).record(matches(served, 9, 12))
        later = published(served, tmp_path / "later")
        file = make_backup(served, there, tmp_path / "y.tar").file

    back = restored(file, elsewhere(tmp_path / "back"))

    assert published_of(back, tmp_path / "export back") == later
    assert later != before
    assert not (there.root / "arena.sqlite3").exists()


def test_a_backup_made_while_matches_are_recorded_is_the_arena_at_one_moment(
    store: Store, arena_settings: Settings, store_url: str, tmp_path: Path, empty_url: str
) -> None:
    add_agents(store, *AGENTS)
    settings = with_models(arena_settings, tmp_path)
    writer = _writer(store_url, settings)
    try:
        assert writer.stdout is not None
        for _ in range(5):
            writer.stdout.readline()
        made = make_backup(store, settings, tmp_path / "x.tar")
        writer.stdout.readline()
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()

    new = restored(made.file, elsewhere(tmp_path / "new"))

    count = made.manifest.store.matches
    assert 4 <= count < 400
    assert [one.name for one in made.manifest.named] == ["models.yaml"]
    assert published_of(new, tmp_path / "export") == _played(
        elsewhere(tmp_path / "same", None if store.is_sqlite else empty_url), count
    )


def _writer(url: str, settings: Settings) -> "subprocess.Popen[str]":
    """A process that records matches one by one."""
    module = "arena_pipeline_tests.matches.writer"
    return subprocess.Popen(
        [sys.executable, "-m", module, url, str(settings.replay_dir), "0", "400", "1"],
        stdout=subprocess.PIPE,
        text=True,
    )


def _played(settings: Settings, count: int) -> object:
    """What is published of an arena in which the first so many matches were played."""
    with closing(prepare_arena(settings).store) as store:
        add_agents(store, *AGENTS)
        Recorder(store, settings.replay_dir).record(matches(store, 0, count))
        return published(store, settings.root / "export")


def test_who_restored_what_is_in_the_audit_and_the_log(
    backup: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="arena_pipeline")

    new = restored(backup, elsewhere(tmp_path / "new"))

    assert caplog.messages == ["backup restored"]

    with closing(open_ready_store(new)) as store:
        entry, *_ = audit(store)
    assert (entry.actor, entry.action, entry.subject) == ("tester", "restore", "small.tar")
    assert entry.after is not None
    assert (entry.after["matches"], entry.after["left_out"]) == (3, 0)


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_backup_of_an_older_version_is_migrated(tmp_path: Path, revision: str) -> None:
    settings = elsewhere(tmp_path / "old")
    with closing(prepare_arena(settings).store) as store:
        fill(store, settings, 3)
        before = published(store, tmp_path / "export")[0]
        downgrade(store, revision)
        file = make_backup(store, settings, tmp_path / "x.tar").file

    report = restore_backup(file, new := elsewhere(tmp_path / "new"), ME)

    assert report.manifest.store.revision == revision
    assert report.applied[-1] == newest()
    with closing(open_store(new.store_url)) as store:
        assert version(store) == newest()
    assert published_of(new, tmp_path / "again")[0].rows == before.rows


@pytest.mark.parametrize(
    "name",
    ["arena.sqlite3", "arena.sqlite3-wal", "replays/x", "catalog/x", "archive/x", "exports/x",
     "warehouse/x", "dagster/x"],
)  # fmt: skip
def test_a_place_that_is_not_empty_is_left_as_it_is(
    backup: Path, tmp_path: Path, name: str
) -> None:
    new = elsewhere(tmp_path / "new")
    there = new.root / name
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_text("mine")

    with pytest.raises(BackupError, match="into an empty place") as refused:
        restore_backup(backup, new, ME)

    assert str(new.root / name.partition("/")[0]) in str(refused.value)
    assert files_in(new.root) == {name: b"mine"}


def test_a_database_with_tables_is_left_as_it_is(
    backup: Path, tmp_path: Path, empty_url: str
) -> None:
    with closing(open_store(empty_url)) as store, store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE somebodys (x INTEGER)")
    new = elsewhere(tmp_path / "new", empty_url)

    with pytest.raises(BackupError, match=r"1 tables \(somebodys\) in postgresql"):
        restore_backup(backup, new, ME)

    assert not new.root.exists()


def test_backups_logs_and_empty_folders_are_not_in_the_way(backup: Path, tmp_path: Path) -> None:
    new = elsewhere(tmp_path / "new")
    for name in ("backups", "logs", "replays"):
        (new.root / name).mkdir(parents=True)
    (new.root / "backups" / "x.tar").write_text("x")

    restored(backup, new)

    assert len(files_in(new.replay_dir)) == 3


def test_a_models_file_that_is_there_stays(backup: Path, tmp_path: Path) -> None:
    new = elsewhere(tmp_path / "new")
    new.root.mkdir()
    (new.root / "models.yaml").write_text("bots: []\n")

    report = restore_backup(backup, new, ME)

    assert (new.root / "models.yaml").read_text() == "bots: []\n"
    assert report.models_file == new.root / "models.restored-1.yaml"
    assert report.models_file.read_text() == MODELS


def test_the_store_may_lie_elsewhere(backup: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'disk' / 'mine.sqlite3'}"

    new = restored(backup, elsewhere(tmp_path / "new", url))

    with closing(open_ready_store(new)) as store:
        assert published(store, tmp_path / "export")[0].matches == 3
    assert not (new.root / "arena.sqlite3").exists()


def test_a_damaged_backup_leaves_the_place_as_it_was(backup: Path, tmp_path: Path) -> None:
    content = backup.read_bytes()
    new = elsewhere(tmp_path / "new")
    for bad in (content[: len(content) // 2], content[:-2000], content[:-1] + b"x"):
        (tmp_path / "bad.tar").write_bytes(bad)
        with pytest.raises(BackupError, match=r"bad\.tar .*nothing of it was used"):
            restore_backup(tmp_path / "bad.tar", new, ME)
        assert not new.root.exists()

    restored(backup, new)


def test_a_backup_of_a_newer_version_says_so(tmp_path: Path) -> None:
    settings = elsewhere(tmp_path / "newer")
    with closing(prepare_arena(settings).store) as store:
        fill(store, settings, 1)
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE arena_version SET version_num = '9999'")
        file = make_backup(store, settings, tmp_path / "x.tar").file

    with pytest.raises(BackupError, match=r"x\.tar can't be used: .*9999, newer than this program"):
        restore_backup(file, elsewhere(tmp_path / "new"), ME)

    assert not (tmp_path / "new").exists()


def test_what_was_missing_in_the_backup_is_told(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with store.read() as connection:
        path = str(connection.scalar(select(Match.replay_path).limit(1)))
    (settings.replay_dir / path).unlink()
    file = make_backup(store, settings, tmp_path / "x.tar").file

    report = restore_backup(file, elsewhere(tmp_path / "new"), ME)

    assert [(one.name, one.why) for one in report.manifest.named] == [
        (f"replays/{path}", "missing")
    ]
