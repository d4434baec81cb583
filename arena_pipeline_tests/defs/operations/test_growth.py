"""Dagster's own growth on its real storages: what is old goes with all that belongs to it, and what
the asset pages show stays.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RemoteInstigatorOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
    TickData,
    TickStatus,
)

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.defs.operations import growth as growing
from arena_pipeline.defs.operations import records
from arena_pipeline.defs.operations.growth import growth
from arena_pipeline.defs.operations.records import needed_runs, old_runs
from arena_pipeline.defs.ownership import owner_tags
from arena_pipeline.defs.running import ORIGIN
from arena_pipeline.operations.purging.lots import Lot
from arena_pipeline.settings import Settings
from arena_pipeline_tests.defs.storage import for_dagster
from arena_pipeline_tests.postgres import Cluster

LATER = timedelta(days=1)
PARTS = dg.DynamicPartitionsDefinition(name="parts")


@dg.asset
def whole() -> None:
    """An asset of one piece."""


@dg.asset(partitions_def=PARTS)
def parted() -> None:
    """An asset with partitions."""


@dg.asset_check(asset=whole)
def fine() -> dg.AssetCheckResult:
    """A check that passes."""
    return dg.AssetCheckResult(passed=True)


CHECKS = [dg.AssetCheckKey(dg.AssetKey("whole"), "fine")]


ON_BOTH = pytest.mark.parametrize("instance", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def instance(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Dagster as an arena has it; the tests of what the storages do differently take both."""
    if request.param == "sqlite":
        with open_instance(Settings.load(data_dir=tmp_path)) as instance:
            yield instance
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database()
    monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", for_dagster(url))
    with open_instance(Settings.load(data_dir=tmp_path, dagster_database_url=url)) as instance:
        yield instance
    cluster.drop_database(url)


def run(instance: dg.DagsterInstance, partition: str | None = None) -> str:
    """Materialize one of the assets, with its check; returns the run's id."""
    if partition is None:
        made = dg.materialize([whole, fine], instance=instance, tags=owner_tags(instance))
    else:
        instance.add_dynamic_partitions("parts", [partition])
        made = dg.materialize(
            [parted], instance=instance, partition_key=partition, tags=owner_tags(instance)
        )
    return made.run_id


def purge(instance: dg.DagsterInstance, *, really: bool = True) -> dict[str, Lot]:
    moment = datetime.now(UTC) + LATER
    return {lot.what: lot for lot in growth(instance, CHECKS, moment, purge=really)}


@ON_BOTH
def test_old_runs_go_and_what_the_asset_pages_show_stays(instance: dg.DagsterInstance) -> None:
    runs = [run(instance) for _ in range(3)]
    parts = [run(instance, part) for part in ("a", "b", "a")]

    assert needed_runs(instance, CHECKS) == {runs[2], parts[1], parts[2]}
    lot = purge(instance)[growing.RUNS]

    assert (lot.count, lot.failed) == (3, ())
    assert set(instance.get_run_ids()) == {runs[2], parts[1], parts[2]}
    assert instance.get_latest_materialization_event(dg.AssetKey("whole")) is not None
    assert instance.get_materialized_partitions(dg.AssetKey("parted")) == {"a", "b"}
    newest = instance.event_log_storage.get_latest_asset_check_execution_by_key(CHECKS)
    assert newest[CHECKS[0]].run_id == runs[2]


def test_nothing_of_a_purged_run_is_left_behind(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    gone, kept = run(instance), run(instance)

    purge(instance)

    assert instance.all_logs(kept)
    assert instance.get_run_by_id(gone) is None
    assert not [path for path in tmp_path.rglob("*") if gone in path.name]
    for file in tmp_path.rglob("*.db"):
        with closing(sqlite3.connect(file)) as database:
            assert gone not in "\n".join(database.iterdump())


def test_a_look_changes_nothing_and_purging_again_finds_nothing(
    instance: dg.DagsterInstance,
) -> None:
    for _ in range(2):
        run(instance)

    assert purge(instance, really=False)[growing.RUNS].count == 1
    assert len(instance.get_run_ids()) == 2
    assert purge(instance)[growing.RUNS].count == 1
    assert purge(instance)[growing.RUNS].count == 0


def test_runs_that_are_young_or_have_not_ended_are_never_touched(
    instance: dg.DagsterInstance,
) -> None:
    run(instance)
    before = datetime.now(UTC)
    young = run(instance)

    @dg.job
    def work() -> None:
        """A job of which only the name matters."""

    going_on = [
        instance.create_run_for_job(
            work,
            status=status,
            tags=owner_tags(instance),
            remote_job_origin=ORIGIN.get_job_origin("work"),
        ).run_id
        for status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.QUEUED)
    ]

    assert young not in old_runs(instance, before)
    assert not {*going_on} & {*old_runs(instance, datetime.now(UTC) + LATER)}


def test_a_run_that_cant_be_deleted_is_named_and_the_others_go(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = run(instance), run(instance), run(instance)
    real = records.forget_run

    def forget(instance: dg.DagsterInstance, run_id: str) -> None:
        if run_id == first:
            raise OSError("disk trouble")
        real(instance, run_id)

    monkeypatch.setattr(records, "forget_run", forget)

    lot = purge(instance)[growing.RUNS]

    assert (lot.count, lot.failed) == (1, (f"run {first}: disk trouble",))
    assert instance.get_run_by_id(second) is None


def test_a_purge_that_was_interrupted_within_a_run_is_finished_by_the_next(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone, _ = run(instance), run(instance)

    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(instance.compute_log_manager, "delete_logs", stop)
        with pytest.raises(KeyboardInterrupt):
            purge(instance)
    assert purge(instance)[growing.RUNS].count == 1

    assert instance.get_run_by_id(gone) is None
    assert not [path for path in tmp_path.rglob("*") if gone in path.name]


def test_killed_after_a_run_the_next_purge_leaves_nothing_of_what_was_begun(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    runs = [run(instance) for _ in range(4)]
    with subprocess.Popen(
        [sys.executable, "-m", "arena_pipeline_tests.defs.operations.purger", str(tmp_path)],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()

    purge(instance)

    assert instance.get_run_ids() == runs[-1:]
    assert {path.stem for path in tmp_path.rglob("*.db")} & {*runs} == {runs[-1]}
    assert {path.name for path in (tmp_path / "dagster" / "storage").iterdir()} == {runs[-1]}


def test_old_ticks_go_but_the_newest_which_tells_a_schedule_what_it_missed(
    instance: dg.DagsterInstance,
) -> None:
    origin = RemoteInstigatorOrigin(ORIGIN, "daily")
    kind = InstigatorType.SCHEDULE
    instance.add_instigator_state(
        InstigatorState(origin, kind, InstigatorStatus.RUNNING, ScheduleInstigatorData("* * * * *"))
    )
    [state] = instance.all_instigator_state()
    names = (state.instigator_origin_id, state.selector_id)
    for moment in (1_000.0, 2_000.0, 3_000.0):
        instance.create_tick(
            TickData(names[0], "daily", kind, TickStatus.SKIPPED, moment, selector_id=names[1])
        )

    assert purge(instance, really=False)[growing.TICKS].count == 2
    purge(instance)

    assert [tick.timestamp for tick in instance.get_ticks(*names)] == [3_000.0]


def test_output_of_runs_that_nobody_knows_goes(instance: dg.DagsterInstance) -> None:
    known = run(instance)
    home = Path(instance.root_directory) / "storage"
    lost = home / "00000000-0000-4000-8000-000000000000"
    other = home / "something_else"
    for folder in (lost, other):
        (folder / "compute_logs").mkdir(parents=True)

    assert purge(instance)[growing.OUTPUT].count == 1
    assert not lost.exists()
    assert other.exists()
    assert (home / known).exists()
