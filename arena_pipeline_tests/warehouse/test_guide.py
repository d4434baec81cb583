"""The guide and the comments: whoever has only the file finds out what there is to ask."""

from contextlib import closing

from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.macros import MACROS, SMALL_MACROS, VIEWS, create_macros
from arena_pipeline.warehouse.opening import connect
from arena_pipeline.warehouse.query import Asking


def test_every_macro_view_and_column_says_what_it_is(asking: Asking) -> None:
    silent = (
        "SELECT {name} FROM {catalog}() WHERE database_name = current_database() "
        "AND NOT internal AND coalesce(comment, '') = ''"
    )

    assert asking.ask(silent.format(name="view_name", catalog="duckdb_views")).rows == []
    assert asking.ask(silent.format(name="function_name", catalog="duckdb_functions")).rows == []
    columns = silent.format(name="table_name, column_name", catalog="duckdb_columns")
    assert asking.ask(columns).rows == []


def test_the_guide_lists_all_there_is_with_examples_that_run(asking: Asking) -> None:
    guide = asking.ask("SELECT kind, name, what_for, example FROM guide").rows

    names = {(kind, name) for kind, name, _, _ in guide}
    tables = asking.ask(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).rows
    assert {name for kind, name in names if kind == "table"} == {
        name for (name,) in tables if name != "guide"
    }
    assert {name for kind, name in names if kind == "macro"} == {*MACROS, *SMALL_MACROS}
    assert {name for kind, name in names if kind == "view"} == set(VIEWS)
    for _, _, what_for, example in guide:
        assert what_for.endswith(".")
        assert asking.ask(example).columns


def test_the_guide_begins_with_questions_and_ends_with_what_only_macros_need(
    asking: Asking,
) -> None:
    names = [name for (name,) in asking.ask("SELECT name FROM guide").rows]

    assert tuple(names[: len(MACROS) + len(VIEWS)]) == (*MACROS, *VIEWS)
    assert tuple(names[-len(SMALL_MACROS) :]) == SMALL_MACROS


def test_making_them_again_changes_nothing(filled: Settings, asking: Asking) -> None:
    import duckdb

    ask = (
        "SELECT function_name, comment, macro_definition FROM duckdb_functions() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    )
    with closing(duckdb.connect()) as copy:
        copy.execute(f"ATTACH '{filled.warehouse_dir / 'arena.duckdb'}' AS source (READ_ONLY)")
        copy.execute("ATTACH ':memory:' AS copied")
        copy.execute("COPY FROM DATABASE source TO copied")
        copy.execute("USE copied")
        create_macros(copy)
        once = copy.execute(ask).fetchall(), copy.execute("FROM guide").fetchall()
        create_macros(copy)
        assert (copy.execute(ask).fetchall(), copy.execute("FROM guide").fetchall()) == once
    assert once[1] == asking.ask("FROM guide").rows


def test_the_file_says_that_duckdb_1_5_can_read_it(filled: Settings) -> None:
    with closing(connect(filled)) as connection:
        found = connection.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'arena'"
        ).fetchall()

    assert found == [("v1.5.0+",)]
