"""Parquet files that can't be read, or hold what no warehouse writes."""

from pathlib import Path

import pyarrow as pa  # noqa: TID253 - the files under test are written with it
import pyarrow.parquet as pq  # noqa: TID253 - the files under test are written with it
import pytest

from arena_pipeline.warehouse.auditing import audit
from arena_pipeline_tests.warehouse.auditing.published import Row, forge, sealed_anew


@pytest.mark.parametrize("table", ["matches", "participants", "ladders", "rating_events"])
@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_file_cut_short_is_told(folder: Path, table: str, kept: int) -> None:
    path = next((folder / table).glob("**/part-0.parquet"))
    path.write_bytes(path.read_bytes()[:kept])

    found = audit(folder)

    assert not found.is_sound
    assert any(f"{table}/" in one and "was altered" in one for one in found.faults)
    assert any("can't be audited" in one for one in found.faults)


def test_a_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    path = folder / "standings" / "part-0.parquet"
    path.unlink()
    path.mkdir()

    found = audit(folder)

    assert any("standings/part-0.parquet can't be read" in one for one in found.faults)


def test_a_column_that_is_missing_is_named(folder: Path) -> None:
    path = folder / "standings" / "part-0.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["wins"]), path)
    sealed_anew(folder, path)

    [fault] = audit(folder).faults

    assert "can't be audited" in fault
    assert "wins" in fault


def test_a_column_of_another_type_is_told(folder: Path) -> None:
    path = folder / "standings" / "part-0.parquet"
    whole = pq.read_table(path)
    at = whole.schema.get_field_index("wins")
    words = pa.array(["many"] * whole.num_rows)
    pq.write_table(whole.set_column(at, "wins", words), path)
    sealed_anew(folder, path)

    [fault] = audit(folder).faults

    assert "can't be audited" in fault
    assert "many" in fault


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("participants", {"score": None}),
        ("participants", {"score": float("nan")}),
        ("participants", {"score": float("inf")}),
        ("participants", {"result": "'; DROP TABLE matches; --"}),
        ("participants", {"name": None, "agent": None}),
        ("participants", {"gateway_faults": None, "team": "\x1b[2J"}),
        ("participants", {"slot": -1, "match_id": 2**62}),
        ("matches", {"uuid": None, "config": None}),
        ("matches", {"uuid": "the same for all"}),
        ("matches", {"started_at": None, "ended_at": None}),
        ("ladder_matches", {"sequence": None, "position": None}),
        ("ladder_matches", {"sequence": 0, "position": -5}),
        ("ladder_matches", {"match_id": None}),
        ("rating_events", {"sequence": None}),
        ("rating_events", {"competitor": None, "before": float("nan")}),
        ("rating_events", {"sequence": 1, "competitor": "anna"}),
        ("standings", {"competitor": None}),
        ("standings", {"elo": float("nan"), "matches": None}),
        ("ladders", {"policy": '{"k": 1e308}'}),
        ("ladders", {"policy": '{"initial": "NaN"}'}),
        ("ladders", {"policy": "[]"}),
        ("ladders", {"filter": "{"}),
        ("ladders", {"filter": '{"configs": 5}'}),
        ("ladders", {"competitor": "nobody"}),
        ("ladders", {"ordering": None}),
        ("ladders", {"epoch": None}),
        ("ladders", {"next_sequence": None}),
        ("ladders", {"name": None}),
        ("ladders", {"chain_head": "no digest"}),
    ],
)
def test_hostile_values_are_told_and_break_nothing(folder: Path, table: str, changes: Row) -> None:
    forge(folder, table, lambda row: {**row, **changes}, reseal=True)

    found = audit(folder)

    assert not found.is_sound
    assert found.sentences


@pytest.mark.parametrize("table", ["matches", "standings"])
def test_a_moment_that_is_no_date_is_told(folder: Path, table: str) -> None:
    column = {"matches": "ended_at", "standings": "last_match_at"}[table]
    for path in (folder / table).glob("**/part-0.parquet"):
        whole = pq.read_table(path)
        beyond = pa.array([8 * 10**17] * whole.num_rows, pa.timestamp("us", tz="UTC"))
        at = whole.schema.get_field_index(column)
        pq.write_table(whole.set_column(at, column, beyond), path)
        sealed_anew(folder, path)

    assert "800000000000000000 us from 1970" in " ".join(audit(folder).faults)


def test_what_can_t_be_read_is_named_where_it_lies(folder: Path) -> None:
    path = folder / "ladders" / "part-0.parquet"
    path.write_bytes(b"no Parquet")

    assert "copy*/ladders/part-0.parquet" in " ".join(audit(folder).faults)
