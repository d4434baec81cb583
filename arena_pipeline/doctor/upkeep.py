"""What keeps an arena going: its warehouse, backups, notices, logs, Dagster's records, and room for
all of it.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from arena_pipeline.doctor.findings import Finding, counted
from arena_pipeline.operations.backup.making import SUFFIX
from arena_pipeline.operations.notices.outbox import Notice, NoticeState, notices
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState
from arena_pipeline.warehouse.building.files import Layout
from arena_pipeline.warehouse.checking import behind
from arena_pipeline.warehouse.manifest import WarehouseManifest, read_manifest

OLD_WAREHOUSE = timedelta(days=1)
OLD_BACKUP = timedelta(days=2)
"""The schedules make both daily where they are on."""

LONG_WAIT = timedelta(hours=1)
"""A notice that is tried again and again for so long is not arriving."""

RECENT = timedelta(days=7)
MOST_NOTICES = 10_000
MUCH_DAGSTER = 2 * 10**9
MUCH_LOG = 10**9
"""Bytes from which on Dagster's folder, and the logs, want purging."""

SAMPLE = 200
"""Replays whose size is asked for the mean."""


def warehouse(store: Store, settings: Settings, now: datetime) -> Finding:
    """Whether the warehouse is there and up to date. Raises WarehouseError for one whose manifest
    can't be read.
    """
    layout = Layout(settings.warehouse_dir)
    with store.read() as connection:
        matches = connection.scalar(
            select(func.count()).where(Match.state.in_((MatchState.FINISHED, MatchState.VOID)))
        )
    there = layout.parquet.exists() and layout.database.exists()
    outdated = there and behind(store, settings) is not None
    log = layout.database.with_name(layout.database.name + ".wal")
    return judge_warehouse(
        read_manifest(layout.parquet) if there else None, matches or 0, log.exists(), now, outdated
    )


def judge_warehouse(
    manifest: WarehouseManifest | None,
    matches: int,
    has_log: bool,
    now: datetime,
    outdated: bool = False,
) -> Finding:
    """From what the newest build says of itself, the matches in the store, whether a DuckDB shell
    left a log beside the file, and whether the store's ratings are other ones by now.
    """
    if manifest is None:
        if not matches:
            return Finding.ok("warehouse", "none yet, and no matches for it")
        return Finding.warn(
            "warehouse",
            f"none, and {counted(matches, 'match', 'matches')} for it",
            "arena warehouse",
        )
    built = datetime.fromisoformat(manifest.built_at)
    lacking = matches - manifest.rows().get("matches", 0)
    what = f"built {_ago(now - built)}, {_lag(lacking, outdated)}"
    if has_log:
        return Finding.warn(
            "warehouse",
            f"{what}; a shell that may write has left arena.duckdb.wal beside it",
            "close that shell; arena warehouse removes what it left (duckdb -readonly leaves none)",
        )
    if (lacking or outdated) and now - built > OLD_WAREHOUSE:
        return Finding.warn("warehouse", what, "arena warehouse; arena up builds it by itself")
    return Finding.ok("warehouse", what)


def _lag(lacking: int, outdated: bool) -> str:
    """How far the warehouse and the store are apart; a restored store may hold fewer matches."""
    if lacking:
        matches = counted(abs(lacking), "match", "matches")
        return f"{matches} {'behind' if lacking > 0 else 'more than the store'}"
    return "matches were rated again since" if outdated else "nothing newer"


def backups(settings: Settings, now: datetime) -> Finding:
    """Whether the newest backup is young."""
    files = _backups(settings)
    return judge_backups(len(files), _changed(files[-1]) if files else None, now)


def judge_backups(count: int, newest: datetime | None, now: datetime) -> Finding:
    """From how many there are and when the newest was made."""
    if newest is None:
        return Finding.ok("backups", "none yet; arena backup makes one")
    what = f"{counted(count, 'backup')}, the newest made {_ago(now - newest)}"
    if now - newest > OLD_BACKUP:
        return Finding.warn(
            "backups",
            what,
            "arena backup; the schedule daily_backup, switched on in the UI, makes one each day",
        )
    return Finding.ok("backups", what)


def told(store: Store, settings: Settings, now: datetime) -> Finding:
    """Whether notices arrive."""
    waiting = notices(store, state=NoticeState.WAITING, limit=MOST_NOTICES)
    given_up = notices(store, state=NoticeState.GIVEN_UP, limit=MOST_NOTICES)
    lately = [one for one in given_up if one.given_up_at and one.given_up_at > now - RECENT]
    return judge_notices(settings.notify_url is not None, waiting, lately, now)


def judge_notices(
    wanted: bool, waiting: Sequence[Notice], given_up: Sequence[Notice], now: datetime
) -> Finding:
    """From whether there is an address, those not delivered yet, and those given up lately; both
    newest first.
    """
    if not wanted:
        return Finding.ok("notices", "none are sent (ARENA_NOTIFY_URL is not set)")
    if given_up:
        return Finding.warn(
            "notices",
            f"{len(given_up)} given up in {RECENT.days} days, the last: {given_up[0].error}",
            "see that ARENA_NOTIFY_URL is right; arena notices test tries it",
        )
    if waiting and now - waiting[-1].created_at > LONG_WAIT:
        why = waiting[-1].error or "nobody sends them"
        return Finding.warn(
            "notices",
            f"{len(waiting)} wait, the oldest since {_since(now - waiting[-1].created_at)}: {why}",
            "arena notices send; arena up sends them by itself",
        )
    return Finding.ok("notices", f"{len(waiting)} wait to be sent")


def records(settings: Settings) -> Finding:
    """Whether Dagster's folder grows too large."""
    return judge_records(_size_below(settings.dagster_home))


def judge_records(size: int) -> Finding:
    """From the bytes of its files."""
    what = f"{_gigabytes(size)} of Dagster's own records in files"
    if size > MUCH_DAGSTER:
        return Finding.warn(
            "dagster", what, "arena purge shows what is old, arena purge --yes clears it away"
        )
    return Finding.ok("dagster", what)


def log_lines(settings: Settings) -> Finding:
    """How log lines are written, and whether the files of `arena up` grow too large."""
    return judge_logs(settings.log_format, settings.log_level, _size_below(settings.root / "logs"))


def judge_logs(form: str, level: str, size: int) -> Finding:
    """From the settings and the bytes of the files."""
    what = f"{form} lines from {level} on, {_gigabytes(size)} in files"
    if size > MUCH_LOG:
        return Finding.warn("logs", what, "arena up begins them anew when it is started again")
    return Finding.ok("logs", what)


def room(store: Store, settings: Settings) -> Iterator[Finding]:
    """Whether the next warehouse and the next backup have room, each where it goes."""
    layout = Layout(settings.warehouse_dir)
    # Built beside the old ones: a new file, and at worst all of its Parquet.
    warehouse_needs = 2 * _size(layout.database) + _size_below(layout.parquet)
    made = _backups(settings)
    backup_needs = _size(made[-1]) if made else _backup_size(store, settings)
    needs = {"warehouse": warehouse_needs, "backup": backup_needs}
    places = {"warehouse": layout.root, "backup": settings.backups}
    for what, needed in needs.items():
        yield judge_room(what, needed, shutil.disk_usage(_there(places[what])).free)


def judge_room(what: str, needed: int, free: int) -> Finding:
    """From what it will take, about, and the bytes that are free where it goes."""
    said = f"the next {what} takes about {_gigabytes(needed)}, {_gigabytes(free)} are free"
    if free < needed:
        move = " or set ARENA_BACKUP_DIR" if what == "backup" else ""
        return Finding.warn("room", said, f"free some space{move}; arena purge may give some back")
    return Finding.ok("room", said)


def _backup_size(store: Store, settings: Settings) -> int:
    """What the first backup will be, about: the store's file and all replays, by the mean of the
    newest; what a PostgreSQL store will take is not known.
    """
    with store.read() as connection:
        count = connection.scalar(select(func.count()).where(Match.replay_path.is_not(None))) or 0
        newest = connection.scalars(
            select(Match.replay_path)
            .where(Match.replay_path.is_not(None))
            .order_by(Match.id.desc())
            .limit(SAMPLE)
        ).all()
    sizes = [_size(settings.replay_dir / str(path)) for path in newest]
    replays = sum(sizes) // len(sizes) * count if sizes else 0
    file = store.engine.url.database if store.is_sqlite else None
    return replays + (_size(Path(file)) if file else 0)


def _backups(settings: Settings) -> list[Path]:
    """Whatever is in the folder for backups, the newest last."""
    return sorted(settings.backups.glob(f"*{SUFFIX}"), key=_changed)


def _there(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _changed(file: Path) -> datetime:
    with suppress(FileNotFoundError):
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return datetime.fromtimestamp(0, UTC)


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0


def _size_below(folder: Path) -> int:
    return sum(_size(Path(where) / name) for where, _, names in os.walk(folder) for name in names)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 10**8 else f"{size / 1e6:,.1f} MB"


def _ago(age: timedelta) -> str:
    return "within the hour" if age < timedelta(hours=1) else f"{_since(age)} ago"


def _since(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return counted(hours, "hour") if hours < 48 else counted(age.days, "day")
