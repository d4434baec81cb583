"""Dagster's own home: its configuration written, and what a dead arena left behind cleared away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from arena_pipeline.defs.failures import agents_of
from arena_pipeline.defs.ownership import owner_of, owner_tags
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

HERE = Path(__file__).parent

STORAGE_VARIABLE = "ARENA_DAGSTER_DATABASE_URL"
"""Has the address of Dagster's PostgreSQL storage (`arena up` sets it); no file has a password."""

POSTGRES_STORAGE = f"""
storage:
  postgres:
    postgres_url:
      env: {STORAGE_VARIABLE}
"""

ABANDONED = "The arena was stopped or killed while this run was going on."

_GOING_ON = [
    dg.DagsterRunStatus.NOT_STARTED,  # made by a pass that was killed before it began
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def write_configuration(settings: Settings) -> None:
    """Write `dagster.yaml` (for SQLite or PostgreSQL) and `workspace.yaml` into DAGSTER_HOME."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    storage = "" if settings.dagster_storage_url is None else POSTGRES_STORAGE
    for name, addition in (("dagster.yaml", storage), ("workspace.yaml", "")):
        beside = home / f".{name}.new"
        beside.write_text((HERE / name).read_text(encoding="utf-8") + addition, encoding="utf-8")
        beside.replace(home / name)
    owner_of(home)


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of this arena, with its configuration written anew."""
    write_configuration(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def reap(instance: dg.DagsterInstance, store: Store) -> list[str]:
    """End this arena's runs that are under way on paper and free what they held; returns their ids.

    To be called while nobody else runs this arena, which the lock of `arena up` makes sure of:
    Dagster itself can't tell a run whose code server and worker both died from one that is busy.
    Runs of other arenas in the same storage are theirs to end.
    """
    from arena_pipeline.evaluation.incidents import record_failure
    from arena_pipeline.evaluation.queue import reap as reap_leases

    runs = instance.get_runs(dg.RunsFilter(statuses=_GOING_ON, tags=owner_tags(instance)))
    for run in runs:
        instance.report_run_failed(run, ABANDONED)
        record_failure(
            store,
            run_id=run.run_id,
            job=run.job_name,
            step=None,
            error=ABANDONED,
            agents=agents_of(run),
        )
    reap_leases(store, datetime.now(UTC))
    return [run.run_id for run in runs]
