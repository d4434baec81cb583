"""Before a migration the store is kept as it was, or it is not migrated."""

import logging
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from arena_pipeline.errors import StoreError
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, engine, open_store
from arena_pipeline.store.copying import store_digests
from arena_pipeline.store.migrate import downgrade, migrate, newest, version
from arena_pipeline.store.opening import prepare_store

REVISIONS = ("0001", "0002", "0003")


def preparing(settings: Settings, *bounds: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "arena_pipeline_tests.store.copying.preparer"),
            *(settings.store_url, str(settings.root), *map(str, bounds)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kept(settings: Settings) -> list[str]:
    """Everything in the folder for backups."""
    return sorted(path.name for path in settings.backups.glob("*"))


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_older_store_is_kept_as_it_was(
    own_store: Store, arena_settings: Settings, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    downgrade(own_store, revision)
    before = store_digests(own_store)
    caplog.set_level(logging.INFO, logger="arena_pipeline")

    prepared = prepare_store(arena_settings)
    prepared.store.close()

    assert prepared.snapshot is not None
    assert prepared.snapshot.parent == arena_settings.backups
    assert kept(arena_settings) == [prepared.snapshot.name]
    assert prepared.snapshot.name.startswith(f"before-{newest()}-")
    assert str(prepared.snapshot) in str(prepared.told)
    assert caplog.messages == ["store migrated"]
    with closing(open_store(f"sqlite:///{prepared.snapshot}")) as snapshot:
        assert version(snapshot) == revision
        assert store_digests(snapshot) == before
        with snapshot.read() as connection:
            assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
        assert migrate(snapshot)[-1] == newest()
        assert store_digests(snapshot) == store_digests(own_store)


def test_a_new_store_and_one_that_is_ready_are_not_kept(
    empty_store_url: str, tmp_path: Path
) -> None:
    settings = Settings.load(data_dir=tmp_path, database_url=empty_store_url)

    for applied in (7, 0):
        prepared = prepare_store(settings)
        prepared.store.close()
        assert (len(prepared.applied), prepared.snapshot, prepared.told) == (applied, None, None)

    assert kept(settings) == []


def test_a_store_that_can_t_be_kept_is_not_migrated(store: Store, arena_settings: Settings) -> None:
    downgrade(store, "0003")
    arena_settings.backups.write_text("a file where the folder should be")

    with pytest.raises(StoreError, match=r"stays at version 0003, .*set ARENA_BACKUP_DIR to"):
        prepare_store(arena_settings)

    assert version(store) == "0003"


def test_a_full_disk_leaves_the_store_and_nothing_half_written(
    own_store: Store, arena_settings: Settings
) -> None:
    downgrade(own_store, "0003")

    told = preparing(arena_settings, 64 * 1024).communicate()[0]

    assert "stays at version 0003" in told
    assert version(own_store) == "0003"
    assert kept(arena_settings) == []


def test_who_is_killed_leaves_no_snapshot_and_the_next_one_clears_up(
    own_store: Store, arena_settings: Settings
) -> None:
    downgrade(own_store, "0003")
    before = store_digests(own_store)
    with preparing(arena_settings, "wait") as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "made\n"
        killed.kill()

    assert [name.startswith(".before-") for name in kept(arena_settings)] == [True]
    assert version(own_store) == "0003"
    prepared = prepare_store(arena_settings)
    prepared.store.close()

    assert prepared.snapshot is not None
    assert kept(arena_settings) == [prepared.snapshot.name]
    with closing(open_store(f"sqlite:///{prepared.snapshot}")) as snapshot:
        assert store_digests(snapshot) == before


def test_of_two_processes_one_keeps_the_store(store: Store, arena_settings: Settings) -> None:
    downgrade(store, "0003")
    both = [preparing(arena_settings) for _ in range(2)]

    told = sorted(process.communicate()[0].strip() for process in both)

    assert told[1] == "None"
    assert [Path(told[0]).name] == kept(arena_settings)


def write_at_once(url: str) -> None:
    """Add a row, or fail if somebody else keeps writers out."""
    with closing(open_store(url)) as store, store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        connection.execute(
            text("INSERT INTO kinds (name, title, enabled) VALUES ('late', 'Late', true)")
        )


def test_nobody_writes_between_snapshot_and_migration(
    store: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0)
    downgrade(store, "0003")
    with preparing(arena_settings, "wait") as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdout.readline()
            with pytest.raises(StoreError, match="lock"):
                write_at_once(arena_settings.store_url)
            process.stdin.write("go on\n")
            process.stdin.flush()
            assert "before-" in process.stdout.readline()
        finally:
            process.kill()

    assert version(store) == newest()
