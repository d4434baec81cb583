"""Old files go, young ones stay; a SQLite file gives back what it does not use."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from arena_pipeline.cli.supervise import only_arena
from arena_pipeline.operations.purging.files import compact, old_files, worth_compacting
from arena_pipeline.operations.purging.lots import Lot
from arena_pipeline.settings import Settings

NOW = datetime.now(UTC)


def put(file: Path, days: float) -> Path:
    """A file last changed so many days ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * 10)
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(file, (moment, moment))
    return file


def test_old_logs_and_half_written_files_of_the_archive_go(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    month = settings.archive_dir / "llm_calls" / "month=2026-01"
    old = [put(tmp_path / "logs" / "launch.log", 40), put(month / ".1-2.x.part", 2)]
    kept = [
        put(tmp_path / "logs" / "Dagster UI.log", 1),
        put(month / ".3-4.x.part", 0.1),
        put(month / "1-2.abc.parquet", 400),
    ]

    found = old_files(settings, NOW - timedelta(days=30))
    assert all(file.exists() for file in old)
    gone = old_files(settings, NOW - timedelta(days=30), delete=True)

    assert [lot.count for lot in found] == [lot.count for lot in gone] == [1, 1]
    assert [lot.bytes for lot in gone] == [10, 10]
    assert not any(file.exists() for file in old)
    assert all(file.exists() for file in kept)


def test_logs_of_an_arena_that_runs_stay(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    quiet = put(tmp_path / "logs" / "Dagster UI.log", 40)

    with only_arena(tmp_path):
        found, _ = old_files(settings, NOW - timedelta(days=30), delete=True)
        assert (found.count, quiet.exists()) == (0, True)

    gone, _ = old_files(settings, NOW - timedelta(days=30), delete=True)
    assert (gone.count, quiet.exists()) == (1, False)


def test_a_file_that_cant_be_deleted_is_named_and_the_others_go(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    other = put(tmp_path / "logs" / "z.log", 40)
    stuck = tmp_path / "logs" / "a.log"
    stuck.mkdir()
    os.utime(stuck, (0, 0))

    logs, _ = old_files(settings, NOW - timedelta(days=30), delete=True)

    assert (logs.count, len(logs.failed)) == (1, 1)
    assert str(stuck) in logs.failed[0]
    assert not other.exists()


def filled(file: Path) -> Path:
    """A SQLite file of which most was deleted again."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 900,) for _ in range(1000)])
        database.execute("DELETE FROM t WHERE rowid > 10")
        database.commit()
    return file


def test_a_file_that_is_mostly_unused_gets_smaller(tmp_path: Path) -> None:
    file = filled(tmp_path / "a.db")
    size = file.stat().st_size

    given = compact(file)

    assert given > 0
    assert file.stat().st_size < size / 2
    assert worth_compacting(file) == compact(file) == 0


def test_a_file_that_somebody_writes_to_a_missing_one_and_no_sqlite_file_are_left_alone(
    tmp_path: Path,
) -> None:
    foreign = put(tmp_path / "b.db", 0)

    assert compact(foreign) == compact(tmp_path / "none.db") == 0
    assert foreign.read_bytes() == b"x" * 10
    assert not (tmp_path / "none.db").exists()


def test_a_lot_survives_being_told_as_json() -> None:
    lot = Lot("runs", 3, "are gone", NOW, None, ("one: why",))

    assert Lot.from_json(lot.to_json()) == lot
