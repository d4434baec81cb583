import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from arena_pipeline.operations.backup import BackupError, check_backup, make_own_backup, own_backups
from arena_pipeline.operations.backup.retention import superfluous
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.backup.filled import fill, with_models

DAY = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)

OURS = "0123abcd0123abcd"


def named(*days: int) -> list[Path]:
    return [Path(f"auto-202611{day:02d}T033000Z.tar") for day in days]


def test_the_oldest_beyond_so_many_go() -> None:
    assert superfluous(named(4, 2, 1, 3), 3, named(4)[0]) == named(1)
    assert superfluous(named(1, 2), 3, named(2)[0]) == []


def test_the_newest_stays_even_where_the_clock_went_back() -> None:
    assert superfluous(named(1, 5, 6, 7), 2, named(1)[0]) == named(5, 6)
    assert superfluous(named(1, 5), 1, named(1)[0]) == named(5)


@pytest.fixture
def settings(store: Store, arena_settings: Settings, tmp_path: Path) -> Settings:
    settings = with_models(arena_settings, tmp_path, backup_keep=2, backup_dir=tmp_path / "kept")
    fill(store, settings, 2)
    return settings


def test_backups_made_by_themselves_replace_only_each_other(
    store: Store, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.backups.mkdir()
    caplog.set_level(logging.INFO, logger="arena_pipeline")
    others = {
        "arena-20200101T000000Z.tar", "before-0004-20200101T000000Z.sqlite3", "auto-x.tar",
        "auto-0123abcd-20200101T000000Z.tar.gz", "notes.txt",
        "auto-20200101T000000Z.tar", "auto-89abcdef-20200101T000000Z.tar",
    }  # fmt: skip
    for name in others:
        (settings.backups / name).touch()

    kept = [
        make_own_backup(store, settings, OURS, now=DAY + timedelta(days=day)) for day in range(4)
    ]

    assert own_backups(settings.backups, OURS) == [kept[2].made.file, kept[3].made.file]
    assert [one.pruned for one in kept[2:]] == [(kept[0].made.file,), (kept[1].made.file,)]
    there = {path.name for path in settings.backups.iterdir()}
    assert there == others | {kept[2].made.file.name, kept[3].made.file.name}
    check_backup(kept[3].made.file)
    assert caplog.messages == [
        "backup made",
        "backup made",
        *["backup made", "old backup removed"] * 2,
    ]


def test_a_backup_that_fails_prunes_nothing(store: Store, settings: Settings) -> None:
    make_own_backup(store, settings, OURS, now=DAY)
    make_own_backup(store, settings, OURS, now=DAY + timedelta(days=1))
    before = own_backups(settings.backups, OURS)

    with pytest.raises(BackupError):
        make_own_backup(store, settings, OURS, now=DAY)

    assert own_backups(settings.backups, OURS) == before


def test_what_killed_backups_left_is_cleared_away(store: Store, settings: Settings) -> None:
    leftover = settings.backups / "auto-0123abcd-20260101T000000Z.tar.part"
    leftover.mkdir(parents=True)
    (leftover / "archive.tar").write_bytes(b"half")

    make_own_backup(store, settings, OURS, now=DAY)

    assert [path.name for path in settings.backups.iterdir()] == [
        "auto-0123abcd-20261101T033000Z.tar"
    ]
