"""What the arena has on record: the store itself, the catalog, the models file, ratings, replays,
work left undone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from arena_pipeline.doctor.findings import Finding, counted
from arena_pipeline.leaderboard.comparing import Difference, compare
from arena_pipeline.leaderboard.integrity import orphans, replays_missing_or_altered
from arena_pipeline.leaderboard.ladders import ladder_names
from arena_pipeline.leaderboard.overview import faulty_agents
from arena_pipeline.matches.finishing import OPEN
from arena_pipeline.players import bots
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.registry.syncing.snapshots import Snapshot, last_accepted, last_checked
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.leases import has_run_out
from arena_pipeline.store.tables import Evaluation, EvaluationState, Incident, Match

OLD_CATALOG = timedelta(days=2)
"""The schedule reads the catalog daily; older means that it has missed a day."""

RECENT = timedelta(days=7)
NEWEST_REPLAYS = 200
"""How many replays are looked at; `arena verify` looks at all."""


def damage(store: Store) -> Finding:
    """Whether the store's own file is whole; PostgreSQL sees to that itself."""
    if not store.is_sqlite:
        return Finding.ok("store", store.address)
    with store.read() as connection:
        problem = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if problem == "ok":
        return Finding.ok("store", store.address)
    return Finding.fail(
        "store",
        f"{store.address} is damaged: {problem}",
        "stop everything and restore it from a backup",
    )


def catalog(store: Store, now: datetime) -> Finding:
    """Whether the catalog is known and fresh."""
    return judge_catalog(last_accepted(store), last_checked(store), now)


def judge_catalog(last: Snapshot | None, checked_at: datetime | None, now: datetime) -> Finding:
    """From the last accepted catalog and when it was last looked at with success."""
    if last is None:
        return Finding.warn("catalog", "no catalog is known yet", "arena sync")
    if last.is_sample or checked_at is None:
        return Finding.warn(
            "catalog",
            f"only the sample of {last.fetched_at:%Y-%m-%d} is known; prices may be out of date",
            "arena sync, with network",
        )
    age = now - checked_at
    what = f"{last.models} models, looked at {_ago(age)}"
    if age > OLD_CATALOG:
        return Finding.warn(
            "catalog", what, "arena sync; while arena up runs its schedule does so daily"
        )
    return Finding.ok("catalog", what)


def models_file(settings: Settings) -> Finding:
    """Whether the models file can be used and names bots that exist. Raises ModelsFileError."""
    declared = read_models_file(settings.models_path)
    known = bots.names()
    for module, error in bots.broken().items():
        return Finding.fail("models file", f"{module} can't be loaded: {error}", "mend that file")
    unknown = [bot.alias for bot in declared.bots if bot.policy not in known]
    if unknown:
        return Finding.warn(
            "models file",
            f"{settings.models_path} declares bots of unknown policies: {', '.join(unknown)}",
            f"policies are {', '.join(known)}",
        )
    return Finding.ok(
        "models file",
        f"{counted(len(declared.bots), 'bot')}, {counted(len(declared.agents), 'agent')} declared",
    )


def faults(store: Store, now: datetime) -> Finding:
    """Whether agents do wrong in their turns: crash, give no action, or an illegal one."""
    found = faulty_agents(store, now - RECENT)
    if not found:
        return Finding.ok("faults", f"no agent did wrong in the last {RECENT.days} days")
    name, wrong, matches = found[0]
    others = f" (and {len(found) - 1} more agents)" if len(found) > 1 else ""
    return Finding.warn(
        "faults",
        f"{name} did wrong in {wrong} of its {matches} matches of {RECENT.days} days{others}",
        f"arena play {name} random says what; its wrong turns were replaced by random ones",
    )


def drift(store: Store) -> Iterator[Finding]:
    """Whether each ladder's live numbers are what a rebuild from its matches gives."""
    for ladder in ladder_names(store):
        yield judge_drift(ladder, compare(store, ladder))


def judge_drift(ladder: str, differences: Sequence[Difference]) -> Finding:
    """From what a rebuild would change."""
    if not differences:
        return Finding.ok("ratings", f"ladder {ladder}: live = recomputed")
    return Finding.fail(
        "ratings",
        f"ladder {ladder}: {len(differences)} numbers are not what its matches give; "
        f"{differences[0]}",
        f"arena recompute --ladder {ladder}",
    )


def rows(store: Store) -> Finding:
    """Whether every row belongs to something."""
    found = orphans(store)
    if not found:
        return Finding.ok("rows", "no orphans")
    return Finding.fail(
        "rows", f"{len(found)} orphan rows, such as: {found[0]}", "restore the store from a backup"
    )


def replays(store: Store, settings: Settings) -> Finding:
    """Whether the newest replays are there and unaltered."""
    found = replays_missing_or_altered(store, settings.replay_dir, sample=NEWEST_REPLAYS)
    if not found:
        return Finding.ok("replays", f"the newest {NEWEST_REPLAYS} are whole")
    return Finding.fail(
        "replays",
        f"{len(found)} of the newest {NEWEST_REPLAYS} are not: {found[0]}",
        "restore them from a backup; arena verify names every one",
    )


def leases(store: Store, now: datetime) -> Finding:
    """Whether work of dead processes waits to be taken over."""
    with store.read() as connection:
        evaluations = connection.scalar(
            select(func.count()).where(
                Evaluation.state == EvaluationState.RUNNING,
                has_run_out(Evaluation.lease_until, now),
            )
        )
        matches = connection.scalar(
            select(func.count()).where(Match.state.in_(OPEN), has_run_out(Match.lease_until, now))
        )
    return judge_leases(evaluations or 0, matches or 0)


def judge_leases(evaluations: int, matches: int) -> Finding:
    """From how many leases have run out."""
    if not evaluations + matches:
        return Finding.ok("leases", "nothing waits for a dead process")
    return Finding.warn(
        "leases",
        f"{evaluations} placements and {matches} matches of dead processes are unfinished",
        "arena up takes them over",
    )


def incidents(store: Store, now: datetime) -> Finding:
    """Whether runs failed lately."""
    with store.read() as connection:
        recent = Incident.happened_at > now - RECENT
        count = connection.scalar(select(func.count()).where(recent)) or 0
        newest = connection.scalar(
            select(Incident.error).where(recent).order_by(Incident.happened_at.desc()).limit(1)
        )
    return judge_incidents(count, newest)


def judge_incidents(count: int, newest: str | None) -> Finding:
    """From how many there were within `RECENT`, and the last one's error."""
    if not count:
        return Finding.ok("incidents", f"no failed run in {RECENT.days} days")
    first_line = (newest or "").strip().partition("\n")[0]
    return Finding.warn(
        "incidents",
        f"{count} failed runs in {RECENT.days} days, the last: {first_line[:300]}",
        "look at the run in the Dagster UI (arena up)",
    )


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return "within the hour"
    return f"{hours} hours ago" if hours < 48 else f"{age.days} days ago"
