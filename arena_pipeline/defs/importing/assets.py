"""The asset that takes in the history of SnakeBench, from the folder that the settings name."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from arena_pipeline.defs.defaults import ON_DEMAND, OWNERS
from arena_pipeline.defs.looks import NOTICE, chart, stored_in, table
from arena_pipeline.defs.progress import reporter
from arena_pipeline.defs.registry.assets import agents, models
from arena_pipeline.defs.resources import Arena
from arena_pipeline.registry.acts.audit import By
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match

if TYPE_CHECKING:
    from arena_pipeline.importers.snakebench.telling.report import Counts, ImportReport

UNSET = (
    "No folder with a history is named, so nothing was read; set ARENA_IMPORT_DIR to the folder of "
    "SnakeBench's games and materialize this again"
)


@dg.asset(
    group_name="history",
    kinds={"python", "json"},
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    deps=[models, agents],
    metadata=stored_in(Match),
    description="Every game of SnakeBench in the folder ARENA_IMPORT_DIR, taken in as a match with "
    "a replay of ours that is played again by the rules of its date. What is there already is not "
    "taken in twice, every file is accounted for, and the files stay where they are. Runs only "
    "when somebody says so.",
)
def imported_history(arena: Arena) -> dg.MaterializeResult[None]:
    """Take in what is new, and show what became of each document and what is there now."""
    from arena_pipeline.importers.snakebench.importing import import_history
    from arena_pipeline.importers.snakebench.telling.report import report_file

    settings, tell = arena.settings, reporter("imported_history")
    with arena.open() as store:
        if settings.history_dir is None:
            return dg.MaterializeResult(metadata={NOTICE: UNSET, **_held(store)})
        report = import_history(
            store,
            settings.replay_dir,
            [settings.history_dir],
            models=settings.history_models,
            progress=lambda _, done, total: None if total is None else tell(done, total),
            by=By("imported_history"),
        )
        whole = {"whole report": dg.MetadataValue.path(str(report_file(settings.replay_dir)))}
        told = _told(report, f"{settings.history_dir}/")
        return dg.MaterializeResult(metadata={**told, **whole, **_held(store)})


def _told(report: "ImportReport", folder: str) -> dict[str, Any]:
    """What this import did; files are named from `folder` on."""
    return {
        **_account("documents", report.all_documents),
        **_account("participants", report.all_participants),
        "matches improved": len(report.improved),
        "seconds": round(report.seconds, 1),
        "documents by layout": _by_layout(report.documents),
        "participants by layout": _by_layout(report.participants),
        "rejected files": table(
            ("file", "reason"),
            [(one.path.removeprefix(folder), one.reason) for one in report.rejected],
        ),
        "superseded files": table(
            ("layout", "by a version in", "files"),
            [(layout, by, count) for (layout, by), count in report.superseded_by.items()],
        ),
        "flags": table(("flag", "participants"), report.flags.items()),
        "names that moved": table(
            ("name", "from", "to", "matches"),
            [(one.name, one.before, one.after, one.matches) for one in report.people.moved],
        ),
    }


def _held(store: Store) -> dict[str, Any]:
    """What of it is in the store, whichever import brought it."""
    from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED
    from arena_pipeline.importers.snakebench.telling import figures
    from arena_pipeline.importers.snakebench.telling.charts import months_chart
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
    from arena_pipeline.leaderboard.overview import counts
    from arena_pipeline.registry.history.unresolved import unresolved_names

    not_rated = counts(store).not_rated
    months = figures.by_month(store)
    verification = figures.by_verification(store)
    return {
        "dagster/row_count": sum(verification.values()),
        "games per month": chart(months_chart(months)),
        "verification": table(("moves and rules", "matches"), verification.items()),
        "names by rule": table(("rule", "names"), figures.by_rule(store).items()),
        "unresolved names": table(
            ("name", "matches", "perhaps"),
            [
                (one.name, one.matches, ", ".join(one.suggestions))
                for one in unresolved_names(store)
            ],
        ),
        "ladders": table(
            ("ladder", "epoch", "matches", "head of the chain"),
            [
                (one.ladder, one.epoch, one.matches, one.head)
                for one in figures.heads(store, AS_PUBLISHED, DEFAULT_LADDER)
            ],
        ),
        "not rated": table(
            ("ladder", "reason", "matches"),
            [
                (ladder, reason, count)
                for ladder in (AS_PUBLISHED, DEFAULT_LADDER)
                for reason, count in not_rated.get(ladder, {}).items()
            ],
        ),
    }


_FATES = ("found", "imported", "already_present", "superseded", "rejected")


def _account(what: str, counts: "Counts") -> dict[str, int]:
    return {f"{what} {fate.replace('_', ' ')}": getattr(counts, fate) for fate in _FATES}


def _by_layout(counts: "dict[str, Counts]") -> dg.MarkdownMetadataValue:
    return table(
        ("layout", *(fate.replace("_", " ") for fate in _FATES)),
        [(layout, *(getattr(one, fate) for fate in _FATES)) for layout, one in counts.items()],
    )
