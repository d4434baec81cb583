"""The examination: every check in turn, and none that fails keeps the others from being made."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from arena_pipeline.doctor import machine, money, past, records, strays, upkeep
from arena_pipeline.doctor.findings import Finding
from arena_pipeline.errors import ArenaError
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.migrate import check_version, newest
from arena_pipeline.store.opening import open_ready_store

Check = Callable[[], Finding | Iterator[Finding]]


def examine(settings: Settings) -> Iterator[Finding]:
    """Examine an arena, yielding each finding as it is made. Changes nothing; what needs the store
    waits for one.
    """
    now = datetime.now(UTC)
    around: dict[str, Check] = {
        "data folder": lambda: machine.folder(settings),
        "disk": lambda: machine.disk(settings),
        "port": lambda: machine.port(settings),
        "leftovers": lambda: machine.leftovers(settings, now),
        "models file": lambda: records.models_file(settings),
        "backups": lambda: upkeep.backups(settings, now),
        "dagster": lambda: upkeep.records(settings),
        "logs": lambda: upkeep.log_lines(settings),
    }
    for subject, check in around.items():
        yield from _made(subject, check)
    try:
        store = open_ready_store(settings)
    except (ArenaError, DBAPIError, OSError) as error:
        yield Finding.fail("store", _reason(error))
        return
    try:
        yield from _examine_store(store, settings, now)
    finally:
        store.close()


def _examine_store(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    inside: dict[str, Check] = {
        "store": lambda: records.damage(store),
        "migrations": lambda: _migrations(store),
        "catalog": lambda: records.catalog(store, now),
        "rows": lambda: records.rows(store),
        "ratings": lambda: records.drift(store),
        "replays": lambda: records.replays(store, settings),
        "strays": lambda: strays.strays(store, settings, now),
        "leases": lambda: records.leases(store, now),
        "money": lambda: money.set_aside(store, settings, now),
        "faults": lambda: records.faults(store, now),
        "incidents": lambda: records.incidents(store, now),
        "chain": lambda: past.chains(store),
        "days": lambda: past.days(store, now),
        "warehouse": lambda: upkeep.warehouse(store, settings, now),
        "notices": lambda: upkeep.told(store, settings, now),
        "room": lambda: upkeep.room(store, settings),
    }
    for subject, check in inside.items():
        yield from _made(subject, check)


def _migrations(store: Store) -> Finding:
    check_version(store)
    return Finding.ok("migrations", f"the store is at {newest()}, the newest")


def _made(subject: str, check: Check) -> Iterator[Finding]:
    """A check's findings; what keeps it from being made is a finding too."""
    try:
        found = check()
        yield from [found] if isinstance(found, Finding) else found
    except (ArenaError, DBAPIError, OSError) as error:
        yield Finding.fail(subject, _reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return str(error.orig).strip().partition("\n")[0]
    return str(error)
