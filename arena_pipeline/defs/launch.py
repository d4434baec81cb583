"""`python -m arena_pipeline.defs.launch`: bring the arena up to date once, telling it as JSON.

For `arena up`, which holds the arena's lock and shows what is told here. Safe to repeat: it goes on
where it was. The lines are made in `telling`; the exit code is 1 if anything failed.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import dagster as dg

from arena_pipeline import logs
from arena_pipeline.defs.evaluation.batching import batches
from arena_pipeline.defs.evaluation.partitions import PARTITIONS, run_tags
from arena_pipeline.defs.failures import NO_REASON, first_failure
from arena_pipeline.defs.instance import open_instance, reap
from arena_pipeline.defs.progress import listening
from arena_pipeline.defs.running import ASSET_JOB, Graph
from arena_pipeline.defs.telling import Teller, is_failed_check
from arena_pipeline.errors import ArenaError
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

if TYPE_CHECKING:
    from arena_pipeline.evaluation.placement import Placement

CATALOG = {"openrouter_catalog"}
REGISTRY = {"models", "agents", "evaluation_queue"}
PLACEMENT = "placement_matches"
LEAGUE = "league_matches"
MOST_READY = 1000

TAIL = ("matches", "ratings", "publishing")
"""Groups of what is published."""


class Launch:
    """One pass over the whole graph."""

    def __init__(
        self, settings: Settings, store: Store, instance: dg.DagsterInstance, teller: Teller
    ) -> None:
        self.settings, self.store, self.instance, self.teller = settings, store, instance, teller
        self.graph = Graph(instance)
        self.succeeded = True

    def everything(self) -> bool:
        """Sync, place everybody who is ready, play the league, publish. True if nothing failed."""
        if not self.run(CATALOG | REGISTRY):
            # What was known before can play all the same.
            self.run(REGISTRY)
        self.place_everybody()
        self.run({LEAGUE})
        self.run(self.graph.assets(*TAIL))
        return self.succeeded

    def place_everybody(self) -> None:
        """One run per bot that is ready, and one for several agents that call models, until nobody
        is ready, or only those that failed or had to wait just now.
        """
        from arena_pipeline.evaluation.queue import resume
        from arena_pipeline.evaluation.serving import served_ladders

        for ladder in served_ladders(self.store):
            # Placements that somebody stopped, perhaps with the last `arena up`, go on now.
            resume(self.store, ladder)
            tried: set[str] = set()
            while untried := [one for one in self._ready(ladder) if one.agent not in tried]:
                tried |= {one.agent for one in untried}
                self._place(untried)

    def _place(self, ready: "Sequence[Placement]") -> None:
        order = self.instance.get_dynamic_partitions(PARTITIONS)
        new = [one.agent for one in ready if one.agent not in order]
        self.instance.add_dynamic_partitions(PARTITIONS, new)
        for batch in batches(ready, [*order, *new], self.settings.placements_per_run):
            alone = batch.agents[0] if len(batch.agents) == 1 else None
            self.run(
                {PLACEMENT}, alone, run_tags(batch.ladder, batch.agents), batch.agents, batch.ladder
            )

    def run(
        self,
        assets: set[str],
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
        agents: Sequence[str] = (),
        ladder: str = DEFAULT_LADDER,
    ) -> bool:
        """One run of some assets, told step by step. A failed one is recorded, with the agents it
        was to place on `ladder`.
        """
        from arena_pipeline.evaluation.incidents import record_failure

        run_id, events = self.graph.run(assets, partition, tags)
        told = f"{len(agents)} agents" if len(agents) > 1 else partition
        seen = list(self.teller.tell_run(events, self.graph.groups, told))
        step, error = first_failure(seen)
        succeeded = any(event.is_job_success for event in seen)
        if any(map(is_failed_check, seen)):
            self.succeeded = False
        if not succeeded:
            self.succeeded = False
            record_failure(
                self.store,
                run_id=run_id,
                job=ASSET_JOB,
                step=step,
                error=error or NO_REASON,
                agents=agents,
                ladder=ladder,
            )
        return succeeded

    def _ready(self, ladder: str) -> "tuple[Placement, ...]":
        from arena_pipeline.evaluation.placement import next_placements

        return next_placements(self.store, self.settings, MOST_READY, ladder).ready


def launch(settings: Settings, teller: Teller) -> bool:
    """Bring the arena up to date. Returns whether nothing failed; raises ArenaError."""
    from arena_pipeline.evaluation.setup import prepare_arena

    prepared = prepare_arena(settings)
    store = prepared.store
    if prepared.told:
        teller.tell("notice", message=prepared.told)
    try:
        with open_instance(settings) as instance, listening(teller.tell_progress):
            for run_id in reap(instance, store):
                teller.tell("notice", message=f"Run {run_id[:8]} was left unfinished; it is ended.")
            return Launch(settings, store, instance, teller).everything()
    finally:
        store.close()


def main() -> int:
    """Run as a program."""
    teller = Teller(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            settings = Settings.load()
            logs.configure(settings)
            succeeded = launch(settings, teller)
    except ArenaError as error:
        teller.tell("error", message=str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    teller.tell("finished", message="ok" if succeeded else "some steps failed")
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
