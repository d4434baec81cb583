"""CSV, Markdown and Parquet: the board and its matches, whole and harmless."""

import csv
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq  # noqa: TID253 - the file under test is read with it

from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.exports import export
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.leaderboard.deciding import record_duels
from arena_pipeline_tests.leaderboard.exports.published import HOSTILE


def test_csv_holds_the_board_with_whole_floats_and_no_formula(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)

    export(store, out)

    with (out / "leaderboard.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    shown = board(store).rows
    assert [float(line["rating"]) for line in lines] == [row.rating for row in shown]
    assert [line["first_match_at"] for line in lines] == [
        row.first_match_at.isoformat() for row in shown if row.first_match_at
    ]
    assert "'" + HOSTILE in {line["competitor"] for line in lines}


def test_markdown_keeps_its_table_whatever_the_names(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)

    export(store, out)

    text = (out / "leaderboard.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(agents)
    assert {line.replace("\\|", "").count("|") for line in table} == {14}
    assert "<" not in text
    assert "http:" not in text


def test_parquet_holds_the_board_as_it_is(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)

    export(store, out)

    rows = pq.read_table(out / "leaderboard.parquet").to_pylist()
    assert rows == [{"ladder": "snake", "epoch": 1, **asdict(row)} for row in board(store).rows]


def test_parquet_holds_every_match_with_its_seats_and_their_ratings(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    matches = record_duels(store, recorder, [*agents.values()], 20)

    export(store, out)

    rows = pq.read_table(out / "matches.parquet").to_pylist()
    assert [(row["sequence"], row["uuid"]) for row in rows] == [
        (sequence, match.uuid) for sequence, match in enumerate(matches, 1)
    ]
    assert [row["ended_at"] for row in rows] == [match.ended_at for match in matches]
    first = rows[0]["seats"][0]
    assert first["competitor"] == matches[0].plan.entrants[0].name
    assert first["rating_before"] == 1500.0
    final = {seat["competitor"]: seat["rating_after"] for row in rows for seat in row["seats"]}
    assert final == {row.competitor: row.rating for row in board(store).rows}
