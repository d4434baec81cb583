"""The asset that fetches the model catalog and takes it over into the store."""

import dagster as dg

from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import NOTICE, stored_in, table
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import CatalogSnapshot


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
    from arena_pipeline.registry.refresh import sync_from_network_or_sample

    with arena.open() as store:
        report = sync_from_network_or_sample(store, arena.settings)
    changes = [(kind, slug, before, after) for kind, slug, before, after in report.diff.changes()]
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: report.notice} if report.notice else {}),
            "is sample": report.is_sample,
            "models": report.models,
            "changes": len(changes),
            "what changed": table(("change", "model", "before", "after"), changes, "Nothing."),
            "skipped rows": len(report.skipped),
            "fetched at": str(report.fetched_at),
            "snapshot": str(report.snapshot),
            "file": str(report.file),
        }
    )
