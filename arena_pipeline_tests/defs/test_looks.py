import dagster as dg

from arena_pipeline.defs.looks import MOST_ROWS, findings, stored_in, table
from arena_pipeline.store.tables import Standing


def test_a_table_is_markdown_with_a_line_per_row() -> None:
    shown = table(("name", "rating"), [("greedy", 1512.345), ("random", None)])

    assert shown.md_str == "\n".join(
        ("| name | rating |", "| --- | --- |", "| greedy | 1,512.3 |", "| random |  |")
    )


def test_an_empty_table_says_so() -> None:
    assert table(("name",), [], "Nobody waits.").md_str == "Nobody waits."


def test_a_long_table_says_how_many_rows_it_leaves_out() -> None:
    lines = (table(("n", "m"), [(n, n) for n in range(MOST_ROWS + 7)]).md_str or "").split("\n")

    assert len(lines) == MOST_ROWS + 3
    assert lines[-1] == "| ... and 7 more |  |"


def test_no_name_breaks_out_of_its_cell() -> None:
    hostile = "a|b\n| c <img src=x onerror=alert(1)> [x](javascript:alert(1)) `*_"

    row = (table(("name",), [(hostile,)]).md_str or "").split("\n")[2:]

    assert len(row) == 1
    assert not set("<>`*_[]") & set(row[0])
    assert row[0].count("|") == 2


def test_facts_in_a_cell_read_as_words() -> None:
    facts = {"prompt": "0.5", "completion": None, "a|b": "<i>"}

    row = (table(("before",), [(facts,)]).md_str or "").split("\n")[2]

    assert row == "| prompt 0.5, completion none, a&#124;b &lt;i&gt; |"


def test_findings_fail_with_the_first_of_them_and_their_number() -> None:
    result = findings(["match a has no replay", "match b has no replay"], "all are there")

    assert not result.passed
    assert result.description == "match a has no replay (and 1 more)"
    assert result.metadata["found"].value == 2


def test_no_findings_pass() -> None:
    assert findings([], "all are there") == dg.AssetCheckResult(
        passed=True, description="all are there"
    )


def test_a_stored_asset_names_its_table_and_columns() -> None:
    told = stored_in(Standing)

    assert told["dagster/table_name"] == "standings"
    columns = {column.name: column for column in told["dagster/column_schema"].columns}
    assert columns["elo"].type == "DOUBLE"
    assert columns["elo"].description == Standing.__table__.c.elo.doc
    assert not columns["competitor"].constraints.nullable
