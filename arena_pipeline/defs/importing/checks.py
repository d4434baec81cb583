"""Whether what came in is all accounted for, fits the rules, and is rated as it was published."""

import dagster as dg

from arena_pipeline.defs.importing.assets import imported_history
from arena_pipeline.defs.looks import findings, table
from arena_pipeline.defs.resources import Arena

NOTHING = "Nothing was imported yet."


@dg.asset_check(
    asset=imported_history,
    description="Of the last import: found = imported + already present + superseded + rejected, "
    "for documents and participants, in every layout. Of all of them: no match without its seats.",
)
def every_document_accounted(arena: Arena) -> dg.AssetCheckResult:
    """Add up the last report, and look for matches that lost their participants."""
    from arena_pipeline.importers.snakebench.telling.figures import without_seats
    from arena_pipeline.importers.snakebench.telling.kept import kept_report

    with arena.open() as store:
        kept = kept_report(arena.settings.replay_dir)
        lost = [f"Match {uuid} has fewer than two participants" for uuid in without_seats(store)]
    if kept is None:
        return findings(lost, NOTHING)
    documents, participants = kept.documents["all"], kept.participants["all"]
    return findings(
        [*kept.unaccounted, *lost],
        f"All {documents.found:,} documents and {participants.found:,} participants of the import "
        f"of {kept.at:%Y-%m-%d %H:%M} UTC are accounted for.",
    )


@dg.asset_check(
    asset=imported_history,
    description="The moves of every imported match fit the rules of its date, or do not for a "
    "reason that is known and was checked when it came in. `arena verify` plays them again.",
)
def imported_matches_verified(arena: Arena) -> dg.AssetCheckResult:
    """Count the reasons, and name every match that has one."""
    from arena_pipeline.importers.snakebench.telling.figures import by_verification, oddities

    with arena.open() as store:
        counts, odd = by_verification(store), oddities(store)
    unexplained = [
        f"Match {one.uuid} does not fit the rules: {one.detail or 'nobody knows where'}"
        for one in odd
        if one.is_unexplained
    ]
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    result = findings(unexplained, f"No match is unexplained: {told}." if counts else NOTHING)
    explained = table(
        ("match", "reason", "detail"),
        [(one.uuid, one.verification, one.detail) for one in odd if not one.is_unexplained],
    )
    return result._replace(
        metadata={
            **(result.metadata or {}),
            "by reason": table(("moves and rules", "matches"), counts.items()),
            "explained": explained,
        }
    )


@dg.asset_check(
    asset=imported_history,
    description="Rating every match of the ladder as published again, in the order of its texts, "
    "gives its standings bit for bit.",
)
def published_ladder_equals_recomputed(arena: Arena) -> dg.AssetCheckResult:
    """Recompute the ladder beside the stored one and compare."""
    from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED
    from arena_pipeline.leaderboard.comparing import compare
    from arena_pipeline.leaderboard.ladders import ladder_names

    with arena.open() as store:
        if AS_PUBLISHED not in ladder_names(store):
            return findings([], NOTHING)
        differences = compare(store, AS_PUBLISHED)
    return findings(
        [str(one) for one in differences],
        f"Every number of the ladder {AS_PUBLISHED} is what a rebuild gives.",
    )
