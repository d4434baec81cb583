"""Whether what was played is whole: no orphan rows, every finished match with its replay."""

import dagster as dg

from arena_pipeline.defs.looks import findings
from arena_pipeline.defs.matches.assets import matches, participants
from arena_pipeline.defs.resources import Arena

NEWEST = 20_000
"""Replays looked at each time, newest first; `arena verify` looks at all of them."""


@dg.asset_check(
    asset=matches,
    description="Every finished match has its replay, with the digest the store remembers.",
)
def replays_are_whole(arena: Arena) -> dg.AssetCheckResult:
    """Read the newest replays.

    Not blocking: a lost proof makes no rating wrong, since a rebuild reads the store; that must not
    keep the leaderboard of everybody else from being published.
    """
    from arena_pipeline.leaderboard.integrity import replays_missing_or_altered
    from arena_pipeline.leaderboard.overview import counts

    with arena.open() as store:
        finished = counts(store).matches
        found = replays_missing_or_altered(store, arena.settings.replay_dir, sample=NEWEST)
    seen = f"All {finished:,}" if finished <= NEWEST else f"The newest {NEWEST:,} of {finished:,}"
    return findings(found, f"{seen} replays are there and unaltered.")


@dg.asset_check(
    asset=participants,
    description="No row points to something that is not there.",
)
def no_orphan_rows(arena: Arena) -> dg.AssetCheckResult:
    """Look for rows without their counterpart."""
    from arena_pipeline.leaderboard.integrity import orphans

    with arena.open() as store:
        return findings(orphans(store), "Every row has what it points to.")
