"""What a pass over the graph tells `arena up`: one JSON object per line.

`{"event": ..., "asset": ..., "group": ..., "partition": ..., "message": ..., "seconds": ...}`, as
far as it applies. Events: run_started, step_started, progress (with done and total),
step_succeeded, step_failed, check_failed, notice, run_finished, error (nothing could be done),
finished.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

import dagster as dg

from arena_pipeline.defs.failures import sentence
from arena_pipeline.defs.looks import NOTICE


class Teller:
    """Writes events to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def tell(self, event: str, **facts: object) -> None:
        """One line; facts that are None are left out."""
        known = {name: fact for name, fact in facts.items() if fact is not None}
        self.stream.write(json.dumps({"event": event, **known}) + "\n")
        self.stream.flush()

    def tell_progress(self, asset: str, done: int, total: int) -> None:
        """How far a step is."""
        self.tell("progress", asset=asset, done=done, total=total)

    def tell_run(
        self,
        events: Iterable[dg.DagsterEvent],
        groups: Mapping[str, str],
        partition: str | None = None,
    ) -> Iterator[dg.DagsterEvent]:
        """Tell a run's events while it goes on, and pass them on. `groups` is by asset."""
        for event in events:
            self._tell_event(event, groups, partition)
            yield event

    def _tell_event(
        self, event: dg.DagsterEvent, groups: Mapping[str, str], partition: str | None
    ) -> None:
        step = event.step_key
        about = {"asset": step, "group": groups.get(step or ""), "partition": partition}
        match event.event_type:
            case dg.DagsterEventType.RUN_START:
                self.tell("run_started", partition=partition)
            case dg.DagsterEventType.RUN_SUCCESS | dg.DagsterEventType.RUN_FAILURE:
                self.tell("run_finished", partition=partition)
            case dg.DagsterEventType.STEP_START if step in groups:
                self.tell("step_started", **about)
            case dg.DagsterEventType.STEP_SUCCESS if step in groups:
                seconds = event.step_success_data.duration_ms / 1000
                self.tell("step_succeeded", **about, seconds=seconds)
            case dg.DagsterEventType.STEP_FAILURE:
                self.tell("step_failed", **about, message=sentence(event))
            case dg.DagsterEventType.ASSET_MATERIALIZATION:
                said = event.materialization.metadata.get(NOTICE)
                if said is not None:
                    self.tell("notice", **about, message=str(said.value))
            case dg.DagsterEventType.ASSET_CHECK_EVALUATION if is_failed_check(event):
                check = event.asset_check_evaluation_data
                asset = check.asset_key.to_user_string()
                self.tell(
                    "check_failed",
                    asset=asset,
                    group=groups.get(asset),
                    message=f"{check.check_name}: {check.description}",
                )


def is_failed_check(event: dg.DagsterEvent) -> bool:
    """Whether a check says here that something is wrong; a warning is none."""
    if event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return False
    check = event.asset_check_evaluation_data
    return not check.passed and check.severity is dg.AssetCheckSeverity.ERROR
