"""Whose run is it: several arenas may share one PostgreSQL, and each may only end runs of its own.

An arena is its data folder: a name made once lies in DAGSTER_HOME, so that it stays the same when
the folder is mounted into another container, and differs where host and path happen to be alike.
"""

from pathlib import Path
from uuid import uuid4

import dagster as dg
from dagster._core.launcher.base import LaunchRunContext

OWNER_TAG = "arena/data_folder"
"""Tag of a run: the name of the arena whose processes carry it out."""

_FILE = "owner"


def owner_of(home: Path) -> str:
    """The name of the arena whose DAGSTER_HOME is `home`; made up the first time."""
    file = home / _FILE
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        beside = home / f".{_FILE}.new"
        beside.write_text(uuid4().hex, encoding="ascii")
        beside.replace(file)
    return file.read_text(encoding="ascii")


def owner_tags(instance: dg.DagsterInstance) -> dict[str, str]:
    """The tags of a run that processes of this arena carry out."""
    return {OWNER_TAG: owner_of(Path(instance.root_directory))}


class OwnRunLauncher(dg.DefaultRunLauncher):
    """Dagster's own launcher, named in `dagster.yaml`; a run it starts says whose it is.

    Not when a run is made but here: with a shared storage any arena's daemon may take it up.
    """

    def launch_run(self, context: LaunchRunContext) -> None:
        """Tag the run and start it."""
        self._instance.add_run_tags(context.dagster_run.run_id, owner_tags(self._instance))
        super().launch_run(context)
