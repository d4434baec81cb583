"""The asset that fetches the model catalog and takes it over into the store."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from arena_pipeline.catalog.errors import CatalogError
from arena_pipeline.defs.catalog.changes import diff_table
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import NOTICE, chart, stored_in, table
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import CatalogSnapshot

if TYPE_CHECKING:
    from arena_pipeline.registry.syncing.snapshots import Snapshot


@dg.asset(
    group_name="catalog",
    kinds={"python", "json"},
    owners=OWNERS,
    freshness_policy=DAILY,
    metadata=stored_in(CatalogSnapshot),
    description="The newest catalog of OpenRouter, kept as a file and taken over into the store: "
    "new models come in inactive, vanished ones are marked. Without a network the last one stays, "
    "or the sample that ships with the project is used; the metadata then says so.",
)
def openrouter_catalog(arena: Arena) -> dg.MaterializeResult[None]:
    """Fetch the catalog and sync the models with it."""
    from arena_pipeline.registry import charts, figures
    from arena_pipeline.registry.syncing.refresh import sync_from_network_or_sample
    from arena_pipeline.registry.syncing.snapshots import snapshots

    with arena.open() as store:
        try:
            report = sync_from_network_or_sample(store, arena.settings)
        except CatalogError as error:
            raise _failure(error, snapshots(store), arena.settings.catalog_dir) from error
        churn = figures.churn(store)
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: report.notice} if report.notice else {}),
            "is sample": report.is_sample,
            "models": report.models,
            "changes": sum(1 for _ in report.diff.changes()),
            "changes by kind": table(
                ("change", "models"), figures.by_kind(report.diff).items(), "Nothing."
            ),
            "what changed": diff_table(report.diff),
            "agents versioned": ", ".join(report.agents_versioned) or "none",
            "churn": chart(charts.churn_chart(churn)),
            "skipped rows": len(report.skipped),
            "what was skipped": table(
                ("row", "reason"), [(skipped.row, skipped.reason) for skipped in report.skipped]
            ),
            "fetched at": str(report.fetched_at),
            "snapshot": str(report.snapshot),
            "file": str(report.file),
        }
    )


def _failure(error: CatalogError, history: Iterable["Snapshot"], folder: Path) -> dg.Failure:
    """What the UI shows of a catalog that was not taken over, with the file that was kept of it."""
    refused = next((one for one in history if one.reason == str(error)), None)
    about: dict[str, Any] = {}
    if refused is not None:
        about = {
            "models in it": refused.models,
            "fetched at": str(refused.fetched_at),
            "source": refused.source,
        }
        if refused.file:
            about["file kept"] = dg.MetadataValue.path(str(folder / refused.file))
    return dg.Failure(str(error), metadata=about)
