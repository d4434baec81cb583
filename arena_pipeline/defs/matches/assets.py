"""What has been played: the recorder has written it already; materializing these looks at it."""

import dagster as dg

from arena_pipeline.defs.automation import REFRESH
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.evaluation.assets import league_matches, placement_matches
from arena_pipeline.defs.importing.assets import imported_history
from arena_pipeline.defs.looks import chart, stored_in, table
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Match, Participant


@dg.asset(
    group_name="matches",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[placement_matches, league_matches, imported_history],
    automation_condition=REFRESH,
    metadata=stored_in(Match),
    description="Every match, with the replay that proves it.",
)
def matches(arena: Arena) -> dg.MaterializeResult[None]:
    """Count the matches and show the last ones."""
    from arena_pipeline.leaderboard import charts, overview

    with arena.open() as store:
        counts = overview.counts(store)
        latest = overview.latest_matches(store)
        days = charts.matches_per_day_chart(store)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(counts.states.values()),
            "finished": counts.matches,
            "by state": table(("state", "matches"), counts.states.items()),
            "by purpose": table(("purpose", "matches"), counts.purposes.items()),
            "latest": table(
                ("ended", "purpose", "players", "rounds", "ended by"),
                [
                    (
                        match.ended_at,
                        match.purpose,
                        ", ".join(match.players),
                        match.rounds,
                        match.ended_by,
                    )
                    for match in latest
                ],
            ),
            "matches per day": chart(days),
        }
    )


@dg.asset(
    group_name="matches",
    kinds={"python"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[matches],
    automation_condition=REFRESH,
    metadata=stored_in(Participant),
    description="Who sat in which match and how it ended for them.",
)
def participants(arena: Arena) -> dg.MaterializeResult[None]:
    """Count the seats taken, by agent."""
    from arena_pipeline.leaderboard import overview

    with arena.open() as store:
        counts = overview.counts(store)
        busiest = overview.participants_per_agent(store)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": counts.participants,
            "seats taken": table(("agent", "seats"), busiest),
        }
    )
