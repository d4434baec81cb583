import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from arena_pipeline.registry.models import models
from arena_pipeline.registry.syncing.refresh import sync_from_file
from arena_pipeline.registry.syncing.snapshots import last_accepted
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    CatalogChange,
    CatalogSnapshot,
    Model,
    ModelAlias,
    ModelPrice,
)
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.registry.days import count


class Helper:
    """A real process that says one word when it stands ready, and goes on when told to."""

    def __init__(self, module: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"arena_pipeline_tests.registry.syncing.{module}",
                *map(str, arguments),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until(self, word: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"{word}\n", self.process.communicate()

    def run(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def output(self) -> str:
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err
        return out


class Syncer(Helper):
    """A process about to sync."""

    def __init__(self, url: str, folder: Path, file: Path, seconds_to_live: float = 0) -> None:
        super().__init__("sync_process", url, folder, file, seconds_to_live)

    def wait_until_ready(self) -> None:
        self.wait_until("ready")

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.output())
        return report


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two catalogs with much between them."""
    rows = [row(f"acme/m{number}", description="x" * 2000) for number in range(400)]
    later = [
        row(f"acme/m{number}", prompt="0.000009", name=f"N{number}") for number in range(100, 500)
    ]
    written = []
    for name, content in (("2026-01-01.json", rows), ("2026-01-02.json", later)):
        written.append(tmp_path / name)
        written[-1].write_bytes(body(*content))
    return written


def is_consistent(store: Store) -> bool:
    """Whether every accepted catalog and the models agree."""
    last = last_accepted(store)
    listed = len(models(store, removed=False))
    with store.read() as connection:
        per_snapshot = select(CatalogChange.snapshot_id, func.count()).group_by(
            CatalogChange.snapshot_id
        )
        written = {row[0]: row[1] for row in connection.execute(per_snapshot)}
        counted = connection.execute(
            select(CatalogSnapshot.id, CatalogSnapshot.added).where(CatalogSnapshot.accepted)
        ).all()
    return listed == (last.models if last else 0) and all(
        written.get(snapshot, 0) >= added for snapshot, added in counted
    )


def test_the_same_catalog_synced_twice_at_once_comes_in_once(
    store: Store, store_url: str, tmp_path: Path, files: list[Path]
) -> None:
    syncers = [Syncer(store_url, tmp_path / "catalog", files[0]) for _ in range(2)]
    for syncer in syncers:
        syncer.wait_until_ready()
    for syncer in syncers:
        syncer.run()
    reports = [syncer.report() for syncer in syncers]

    assert sorted(len(report["added"]) for report in reports) == [0, 400]
    assert count(store, CatalogSnapshot) == 1
    assert count(store, ModelPrice) == 400
    assert count(store, ModelAlias) == 800
    assert is_consistent(store)


def test_two_catalogs_synced_at_once_come_in_one_after_the_other(
    store: Store, store_url: str, tmp_path: Path, files: list[Path]
) -> None:
    syncers = [Syncer(store_url, tmp_path / "catalog", file) for file in files]
    for syncer in syncers:
        syncer.wait_until_ready()
    for syncer in syncers:
        syncer.run()
    reports = [syncer.report() for syncer in syncers]

    assert sorted(len(report["added"]) for report in reports) == [100, 400]
    assert sorted(len(report["removed"]) for report in reports) == [0, 100]
    assert is_consistent(store)


def test_a_sync_killed_anywhere_has_done_nothing_or_all(
    store: Store, store_url: str, tmp_path: Path, files: list[Path]
) -> None:
    sync_from_file(store, files[0], catalog_dir=tmp_path / "catalog")
    before = last_accepted(store)

    killed: list[bool] = []
    for milliseconds in (5, 40, 70, 100):
        syncer = Syncer(store_url, tmp_path / "catalog", files[1], milliseconds / 1000)
        syncer.wait_until_ready()
        syncer.run()
        syncer.process.communicate(timeout=60)
        killed.append(syncer.process.returncode == -signal.SIGALRM)
        assert is_consistent(store)
        assert killed[-1] or last_accepted(store) != before

    assert any(killed)
    sync_from_file(store, files[1], catalog_dir=tmp_path / "catalog")
    assert count(store, CatalogSnapshot) == 2
    assert count(store, CatalogChange, CatalogChange.kind == "repriced") == 300
    assert is_consistent(store)


def test_a_sync_waits_for_another_program_that_has_the_store_locked(
    store: Store, store_url: str, tmp_path: Path, files: list[Path]
) -> None:
    kept = tmp_path / "catalog"
    sync_from_file(store, files[0], catalog_dir=kept)
    locker = Helper("lock_process", store_url)
    locker.wait_until("locked")
    syncer = Syncer(store_url, kept, files[1])
    syncer.wait_until_ready()

    syncer.run()
    while len(list(kept.glob("[!.]*"))) < 2:  # keeping the file is the last thing before the lock
        assert syncer.process.poll() is None, syncer.process.communicate()
    unchanged = last_accepted(store)
    assert unchanged is not None
    assert unchanged.source == files[0].name
    locker.run()
    locker.output()

    assert len(syncer.report()["added"]) == 100
    assert is_consistent(store)
    assert count(store, Model, Model.retired_reason == "written under the lock") == 400
