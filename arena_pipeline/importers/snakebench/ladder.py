"""The ladder that ranks SnakeBench's history as SnakeBench did: every name for itself, every match,
in the order of the published texts of their ends.
"""

from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.matches.ladder_rules import PUBLISHED_CLOCK, LadderRule
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Ordering, Purpose

AS_PUBLISHED = "snakebench"


def ensure_ladder_as_published(store: Store) -> LadderRule:
    """The ladder `snakebench`, made if it is not there. Safe to repeat and beside others; it judges
    no match until it catches up (`leaderboard.catching_up`).
    """
    return ensure_ladder(
        store,
        AS_PUBLISHED,
        "snake",
        title="SnakeBench, as published",
        competitor=CompetitorKind.NAME,
        ordering=Ordering.ENDED_AT,
        filter={
            "purposes": [Purpose.IMPORT.value],
            "gateway_faults": True,
            "self_play": True,
            "placeholders": True,
        },
        policy={"clock": PUBLISHED_CLOCK, "trueskill": "started_at"},
    )
