"""The warehouse: where people ask questions, kept up to date behind matches and registry."""

import dagster as dg

from arena_pipeline.defs.automation import REFRESH
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.evaluation.assets import evaluation_queue
from arena_pipeline.defs.looks import NOTICE, table
from arena_pipeline.defs.progress import reporter
from arena_pipeline.defs.publishing.days import standing_days
from arena_pipeline.defs.ratings.assets import elo_ratings
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.warehouse.columns import warehouse_columns
from arena_pipeline.settings import PROJECT_ROOT

QUESTIONS = PROJECT_ROOT / "docs" / "questions.md"


@dg.asset(
    group_name="publishing",
    kinds={"duckdb", "parquet"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[elo_ratings, standing_days, evaluation_queue],
    automation_condition=REFRESH,
    pool="duckdb",
    metadata={"dagster/column_schema": dg.TableSchema(columns=warehouse_columns())},
    description="Everything as tables to be asked: one DuckDB file and the same rows as Parquet. "
    "Only the months that changed are read anew; whoever reads meanwhile is not disturbed.",
)
def warehouse(arena: Arena) -> dg.MaterializeResult[None]:
    """Bring the warehouse up to what the store holds."""
    from arena_pipeline.warehouse.build import build

    report = reporter("warehouse")
    with arena.open() as store:
        built = build(
            store,
            arena.settings,
            progress=lambda done, total: report(done, total) if total is not None else None,
        )
    told = (*built.notes, *built.problems)
    largest = sorted(built.tables.items(), key=lambda one: -one[1])
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(built.tables.values()),
            "tables": table(("table", "rows"), largest),
            "file": dg.MetadataValue.path(str(built.path)),
            "Parquet": dg.MetadataValue.path(str(built.parquet)),
            "kind of build": built.kind,
            "monthly parts read anew": built.rebuilt,
            "monthly parts taken over": built.kept,
            "seconds": round(built.seconds, 2),
            "MB": round(built.bytes / 1e6, 1),
            "remarks": table(("remark",), [(remark,) for remark in told]),
            "questions to ask it": dg.MetadataValue.path(str(QUESTIONS)),
            **({NOTICE: built.problems[0]} if built.problems else {}),
        }
    )
