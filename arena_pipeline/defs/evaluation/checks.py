"""Whether agents and models deserve a look: those that spoil their turns, those whose hosts differ;
and whether money is set aside for nothing.

None of it makes a rating wrong, so all of it only warns.
"""

from datetime import UTC, datetime

import dagster as dg

from arena_pipeline.defs.looks import findings
from arena_pipeline.defs.matches.assets import participants
from arena_pipeline.defs.resources import Arena

_WARN = dg.AssetCheckSeverity.WARN


@dg.asset_check(
    asset=participants,
    description="No agent that calls a model spoils many of its turns: one that does plays by "
    "chance half of the time.",
)
def replies_are_usable(arena: Arena) -> dg.AssetCheckResult:
    """Look for agents with a high share of faulty turns."""
    from arena_pipeline.evaluation.flagging import flagged_agents

    with arena.open() as store:
        found = [agent.sentence for agent in flagged_agents(store)]
    return findings(found, "Nobody spoils many turns.", _WARN)


@dg.asset_check(
    asset=participants,
    description="No model plays otherwise depending on which host answers: where one does, its "
    "agent can be pinned to a host.",
)
def hosts_are_alike(arena: Arena) -> dg.AssetCheckResult:
    """Compare the hosts of each model on every ladder that agents are placed on."""
    from arena_pipeline.evaluation.hosts import host_differences
    from arena_pipeline.evaluation.serving import served_ladders

    with arena.open() as store:
        reports = [host_differences(store, ladder) for ladder in served_ladders(store)]
    found = [one.sentence for report in reports for one in report.flagged]
    tested = sum(len(report.differences) for report in reports)
    return findings(found, f"{tested} comparisons of hosts show nothing beyond chance.", _WARN)


@dg.asset_check(
    asset=participants,
    description="Money is set aside for calls under way and for nothing else.",
)
def nothing_is_set_aside_in_vain(arena: Arena) -> dg.AssetCheckResult:
    """Look for reservations without a call, and for calls of processes that died."""
    from arena_pipeline.calls.spending.auditing import astray
    from arena_pipeline.calls.spending.losing import stale_calls
    from arena_pipeline.store.types import plain_decimal

    with arena.open() as store:
        found = [
            f"Budget {one.key.budget} holds {plain_decimal(one.reserved)} USD for calls worth "
            f"{plain_decimal(one.under_way)} (arena budget --mend)"
            for one in astray(store)
        ]
        stale = len(stale_calls(store, arena.settings, datetime.now(UTC)))
    if stale:
        found.append(
            f"{stale} calls of processes that died count as under way; whoever takes up their "
            "matches gives them up, and so does arena budget"
        )
    return findings(found, "All that is set aside is for calls under way.", _WARN)
