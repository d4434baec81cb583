"""Runs of the graph inside this process, event by event, that look in the UI like any other run.

What belongs here: making one run. Which runs are made is in `launch`.

Dagster has no public way to run assets event by event on an instance so that the UI finds their
code again: `dg.materialize` tells nothing until its end and leaves runs without an origin. So this
takes the private parts that Dagster's own command line is made of. What is relied on is pinned in
the tests of this module; Dagster's version is pinned in the lock.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from arena_pipeline.defs.failures import PARTITION_TAG
from arena_pipeline.defs.ownership import owner_tags

ASSET_JOB = "__ASSET_JOB"
"""Dagster's own job over all assets: what a click on Materialize runs."""

ORIGIN = RemoteRepositoryOrigin(
    ManagedGrpcPythonEnvCodeLocationOrigin(
        LoadableTargetOrigin(module_name="arena_pipeline.definitions"), "arena_pipeline"
    ),
    "__repository__",
)
"""Where the UI finds the code of these runs: as `workspace.yaml` says."""


class Graph:
    """The asset graph, ready to be run on an instance."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        # Not above: Dagster looks through this folder's modules and would find all of it in here.
        from arena_pipeline.definitions import defs

        self.instance = instance
        self._repository = defs().get_repository_def()

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The group of each asset."""
        graph = self._repository.asset_graph
        keys = graph.get_all_asset_keys()
        return {key.to_user_string(): str(graph.get(key).group_name) for key in keys}

    @property
    def checks(self) -> Collection[dg.AssetCheckKey]:
        """All asset checks."""
        return self._repository.asset_graph.asset_check_keys

    def assets(self, *groups: str) -> set[str]:
        """The assets of some groups."""
        return {name for name, group in self.groups.items() if group in groups}

    def run(
        self,
        assets: Collection[str],
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> tuple[str, Iterator[dg.DagsterEvent]]:
        """Make a run of `assets` and their checks. Returns its id and its events. `tags` name a
        range of partitions where it is for several.

        The run goes on as the events are read.
        """
        keys = {dg.AssetKey(name) for name in assets}
        job = self._repository.get_job(ASSET_JOB).get_subset(asset_selection=keys)
        run = self.instance.create_run_for_job(
            job_def=job,
            tags={"arena/started_by": "arena up"}
            | owner_tags(self.instance)
            | dict(tags or {})
            | ({} if partition is None else {PARTITION_TAG: partition}),
            asset_selection=frozenset(keys),
            remote_job_origin=ORIGIN.get_job_origin(ASSET_JOB),
        )
        return run.run_id, execute_run_iterator(InMemoryJob(job), run, self.instance)
