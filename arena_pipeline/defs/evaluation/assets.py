"""The assets that decide who is evaluated and play the matches: queue, placements, league."""

import dagster as dg

from arena_pipeline.defs.defaults import DAILY, ON_DEMAND, OWNERS
from arena_pipeline.defs.evaluation.partitions import agents_partitions
from arena_pipeline.defs.looks import NOTICE, stored_in, table
from arena_pipeline.defs.progress import reporter
from arena_pipeline.defs.registry.assets import agents, models
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Evaluation


@dg.asset(
    group_name="evaluation",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[models, agents],
    metadata=stored_in(Evaluation),
    description="Who waits for a placement, who may not have one yet, and why.",
)
def evaluation_queue(arena: Arena) -> dg.MaterializeResult[None]:
    """Enqueue every agent that may be evaluated and was not."""
    from arena_pipeline.evaluation.queue import enqueue

    with arena.open() as store:
        report = enqueue(store, arena.settings)
    return dg.MaterializeResult(
        metadata={
            "enqueued": table(("agent",), [(alias,) for alias in report.enqueued], "Nobody new."),
            "open evaluations": report.open,
            "ranked": report.ranked,
            "waiting, by reason": table(("reason", "how many"), report.waiting.items(), "Nobody."),
            "who waits": table(("who", "reason"), report.rows, "Nobody."),
        }
    )


@dg.asset(
    group_name="evaluation",
    kinds={"python"},
    deps=[evaluation_queue],
    partitions_def=agents_partitions,
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    description="The matches that find an agent its place on the ladder, played one after another: "
    "up after a win, down after a loss. Broken off, it goes on where it was.",
)
def placement_matches(
    context: dg.AssetExecutionContext, arena: Arena
) -> dg.MaterializeResult[None]:
    """Work off the open evaluation of the partition's agent."""
    from arena_pipeline.evaluation.placement import place

    with arena.open() as store:
        report = place(
            store,
            arena.settings,
            context.partition_key,
            run_id=context.run.run_id,
            on_match=reporter("placement_matches"),
        )
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: report.notice} if report.notice else {}),
            "state": str(report.state),
            "ladder": report.ladder,
            "attempt": report.attempt,
            "matches": f"{report.played} of {report.planned}",
            "resumed": report.resumed,
            "rating": report.rating_after,
            "opponents": table(
                ("opponent", "result", "rating before", "rating after"),
                [
                    (bout.opponent, bout.result, bout.before, bout.after)
                    for bout in report.opponents
                ],
            ),
        }
    )


@dg.asset(
    group_name="evaluation",
    kinds={"python"},
    deps=[evaluation_queue],
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    description="Matches between ranked agents, those first that have met least.",
)
def league_matches(context: dg.AssetExecutionContext, arena: Arena) -> dg.MaterializeResult[None]:
    """Play the matches of one league run."""
    from arena_pipeline.evaluation.league import play_league

    with arena.open() as store:
        report = play_league(store, arena.settings, on_match=reporter("league_matches"))
    for plan, error in report.failed:
        context.log.warning("Match %s failed: %s", plan, error)
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: report.notice} if report.notice else {}),
            "played": report.played,
            "failed": len(report.failed),
            "seconds": report.seconds,
            "pairs": table(("who", "matches"), report.per_pair.items()),
            "what failed": table(("match", "error"), report.failed),
        }
    )
