from pathlib import Path

import dagster as dg
import duckdb  # noqa: TID253 - the file under test is read with it

from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.warehouse.columns import warehouse_columns
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import checks, metadata


def test_the_warehouse_is_built_shown_and_checked_and_next_time_taken_over(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder, 3)

    result = materialize("warehouse")

    told = metadata(result, "warehouse")
    file = Path(told["file"])
    assert file.is_relative_to(arena.settings.warehouse_dir)
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM matches").fetchone() == (3,)
    assert told["kind of build"] == "full"
    assert "| matches | 3 |" in told["tables"]
    assert told["questions to ask it"].endswith("docs/questions.md")
    assert {name: passed for name, (passed, _) in checks(result).items()} == {
        "warehouse_matches_store": True,
        "warehouse_recomputes": True,
    }

    again = metadata(materialize("warehouse"), "warehouse")

    assert (again["kind of build"], again["monthly parts read anew"]) == ("incremental", 0)


def test_every_column_of_every_table_is_described(definitions: dg.Definitions) -> None:
    [spec] = [
        spec
        for spec in definitions.resolve_all_asset_specs()
        if spec.key == dg.AssetKey("warehouse")
    ]

    columns = spec.metadata["dagster/column_schema"].columns
    assert columns == warehouse_columns()
    assert {"matches.uuid", "standings.elo"} <= {column.name for column in columns}
    assert all(column.description for column in columns)


def test_one_run_at_a_time_makes_it(repository: dg.RepositoryDefinition) -> None:
    assert repository.asset_graph.get(dg.AssetKey("warehouse")).pools == {"duckdb"}
