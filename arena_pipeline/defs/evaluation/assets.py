"""The assets that decide who is evaluated and play the matches: queue, placements, league."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from arena_pipeline.defs.defaults import DAILY, ON_DEMAND, OWNERS
from arena_pipeline.defs.evaluation.partitions import agents_partitions
from arena_pipeline.defs.evaluation.placed import agent_metadata, run_metadata
from arena_pipeline.defs.failures import LADDER_TAG
from arena_pipeline.defs.looks import NOTICE, stored_in, table
from arena_pipeline.defs.progress import adding_up, reporter
from arena_pipeline.defs.registry.assets import agents, models
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Evaluation

if TYPE_CHECKING:
    from arena_pipeline.evaluation.queue import QueueReport


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
    """Enroll models that may play, put old work in order, and enqueue every agent that may be
    evaluated and was not.
    """
    from arena_pipeline.evaluation.queue import enqueue
    from arena_pipeline.evaluation.serving import served_ladders
    from arena_pipeline.evaluation.tidying import tidy
    from arena_pipeline.leaderboard.ladders import ensure_practice
    from arena_pipeline.registry.enrolment import enrol

    settings = arena.settings
    with arena.open() as store:
        ensure_practice(store)
        tidied = tidy(store, settings)
        enrolled = enrol(store, settings).enrolled
        first, *others = [enqueue(store, settings, ladder) for ladder in served_ladders(store)]
    metadata: dict[str, Any] = _queued(first)
    for report in others:
        metadata |= {f"{report.ladder}: {name}": fact for name, fact in _queued(report).items()}
    return dg.MaterializeResult(
        metadata=metadata
        | {
            "models enrolled": table(("model",), [(slug,) for slug in enrolled], "Nobody new."),
            "models retired": table(("model",), [(one,) for one in tidied.retired], "Nobody."),
            "calls given up for lost": tidied.lost,
            "matches void": tidied.voided,
        }
    )


def _queued(report: "QueueReport") -> dict[str, Any]:
    return {
        "enqueued": table(("agent",), [(alias,) for alias in report.enqueued], "Nobody new."),
        "open evaluations": report.open,
        "ranked": report.ranked,
        "waiting, by reason": table(("reason", "how many"), report.waiting.items(), "Nobody."),
        "who waits": table(("who", "reason"), report.rows, "Nobody."),
    }


@dg.asset(
    group_name="evaluation",
    kinds={"python"},
    deps=[evaluation_queue],
    partitions_def=agents_partitions,
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    description="The matches that find an agent its place on the ladder, played one after another: "
    "up after a win, down after a loss. Broken off, it goes on where it was. Agents that call "
    "models are placed side by side, several in one run.",
)
def placement_matches(
    context: dg.AssetExecutionContext, arena: Arena
) -> dg.MaterializeResult[None]:
    """Work off the open evaluations of the run's partitions, which are agents."""
    from arena_pipeline.evaluation.serving import home_ladders
    from arena_pipeline.evaluation.working import WorkReport, work_off

    aliases, settings = list(context.partition_keys), arena.settings
    ladder = context.run.tags.get(LADDER_TAG)
    told = adding_up(reporter("placement_matches"))
    reports: list[WorkReport] = []
    with arena.open() as store:
        homes = home_ladders(store, settings, aliases) if ladder is None else {ladder: aliases}
        for home, whose in homes.items():
            report = work_off(
                store, settings, home, whose,
                run_id=context.run.run_id, asked=ladder is None, on_progress=told,
                concurrency=len(whose),
            )  # fmt: skip
            reports.append(report)
        placed = [one for report in reports for one in (*report.placed, *report.waiting)]
        metadata = {one.agent: agent_metadata(store, one) for one in placed}
    failed = [pair for report in reports for pair in report.failed]
    if failed:
        # What went well is told before the run fails.
        for alias, facts in metadata.items():
            context.log_event(
                dg.AssetMaterialization(context.asset_key, partition=alias, metadata=facts)
            )
        raise dg.Failure("; ".join(dict(failed).values()), allow_retries=False)
    for alias, facts in metadata.items():
        context.add_asset_metadata(facts, partition_key=alias)
    return dg.MaterializeResult(metadata=run_metadata(placed))


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
            "agents that call models, left out": report.left_out,
            "seconds": report.seconds,
            "pairs": table(("who", "matches"), report.per_pair.items()),
            "what failed": table(("match", "error"), report.failed),
        }
    )
