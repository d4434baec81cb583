"""The whole stack of an arena: `arena up` with its passes, code server, daemon and web server."""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from arena_pipeline_tests.drills.arenas import Arena
from arena_pipeline_tests.drills.processes import SCHEDULED_S, kill_all, wait
from arena_pipeline_tests.e2e.conftest import UpProcess, free_port

_SWITCH_ON = """
mutation($selector: ScheduleSelector!) {
  startSchedule(scheduleSelector: $selector) {
    __typename
    ... on PythonError { message }
  }
}
"""

_FAILED_RUNS = (
    "{ runsOrError(filter: {statuses: [FAILURE]}) { ... on Runs { results { runId jobName } } } }"
)

_TICKS = """
{
  repositoriesOrError { ... on RepositoryConnection { nodes {
    sensors { name sensorState { ticks(statuses: [FAILURE]) { error { message } } } }
    schedules { name scheduleState { ticks(statuses: [FAILURE]) { error { message } } } }
  } } }
}
"""

_UI = "Dagster UI (Ctrl-C stops it)"
"""What `arena up` prints when everything is there."""


class Stack:
    """An arena's whole stack, started and killed again and again on the same port.

    `league` is how many matches a league run plays; the schedule plays one each minute once it is
    switched on. `more` goes into its environment.
    """

    def __init__(self, arena: Arena, *, league: int, **more: str) -> None:
        self.arena = arena
        self.port = free_port()
        self._environment = {
            **arena.environment,
            "ARENA_PORT": str(self.port),
            "ARENA_LEAGUE_MATCHES": str(league),
            "ARENA_LEAGUE_CRON": "* * * * *",
            **more,
        }

    @contextmanager
    def up(self) -> Iterator[UpProcess]:
        """The running stack; after the block nothing of it lives."""
        up = UpProcess(self._environment, [])
        try:
            yield up
        finally:
            kill_all(self.arena.folder)
            up.close()

    def serves(self, up: UpProcess) -> None:
        """Wait until the pass over the graph is done and the UI is there."""
        wait(lambda: _UI in up.output or up.process.poll() is not None, "the UI", SCHEDULED_S)
        assert _UI in up.output, up.output

    def league_goes_on(self) -> None:
        """Wait until the daemon, by itself, has played more of the league."""
        before = self.arena.league()
        wait(lambda: self.arena.league() > before, "a league of the daemon", SCHEDULED_S)

    def switch_league_on(self) -> None:
        """Switch the league's schedule on, as a person does in the UI; it stays on."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "arena_pipeline",
            "scheduleName": "league",
        }

        def is_on() -> bool:
            told = self._ask(_SWITCH_ON, {"selector": selector})["startSchedule"]
            return bool(told["__typename"] == "ScheduleStateResult")

        # The UI answers before it has read the code location.
        wait(is_on, "the schedule of the league")

    def failed_runs(self) -> list[str]:
        """Runs that failed, and ticks of sensors and schedules that did, as the UI shows them."""
        runs = self._ask(_FAILED_RUNS)["runsOrError"]["results"]
        looks = self._ask(_TICKS)["repositoriesOrError"]["nodes"]
        failed = [
            f"tick of {one['name']}: {tick['error']['message']}"
            for node in looks
            for one in (*node["sensors"], *node["schedules"])
            for tick in (one.get("sensorState") or one["scheduleState"])["ticks"]
        ]
        return [f"run {run['runId']} of {run['jobName']}" for run in runs] + failed

    def _ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            data=json.dumps({"query": query, "variables": variables or {}}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)
        assert "errors" not in told, told["errors"]
        return dict(told["data"])
