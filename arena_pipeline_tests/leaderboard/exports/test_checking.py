"""Checking an export: nothing to say of a fresh one, and a name for each way it can differ from the
store.
"""

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from arena_pipeline.leaderboard.exports import ExportCheck, check, export
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import record_duels


@pytest.fixture
def entrants(store: Store) -> list[Entrant]:
    return [*add_agents(store, "anna", "bert", "=cleo", "dora\nline").values()]


@pytest.fixture
def out(store: Store, recorder: Recorder, entrants: list[Entrant], tmp_path: Path) -> Path:
    """A fresh export of 20 matches."""
    record_duels(store, recorder, entrants, 20)
    folder = tmp_path / "exports" / "snake"
    export(store, folder)
    return folder


def test_a_fresh_export_is_what_the_store_says(store: Store, out: Path) -> None:
    assert check(store, out).is_fresh


def test_no_export_is_one_difference(store: Store, tmp_path: Path) -> None:
    (difference,) = check(store, tmp_path).differences

    assert "manifest.json is missing: ladder snake is not exported there" in difference


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"ladder": 3}'])
def test_a_damaged_manifest_is_one_difference(store: Store, out: Path, content: bytes) -> None:
    (out / "manifest.json").write_bytes(content)

    (difference,) = check(store, out).differences

    assert difference.startswith("manifest.json can't be read")


def test_the_export_of_another_ladder_is_not_this_ones(store: Store, out: Path) -> None:
    ensure_ladder(store, "other", "snake")

    assert check(store, out, "other").differences == (
        "manifest.json is of ladder 'snake', not of 'other'",
    )


def test_a_missing_file_is_named(store: Store, out: Path) -> None:
    (out / "leaderboard.md").unlink()

    assert check(store, out).differences == ("leaderboard.md is missing",)


def test_an_altered_file_is_named(store: Store, out: Path) -> None:
    with (out / "matches.parquet").open("ab") as file:
        file.write(b"\0")

    (difference,) = check(store, out).differences

    assert difference.startswith("matches.parquet was altered")


def test_a_number_changed_in_a_file_is_named_with_both_values(store: Store, out: Path) -> None:
    stats = json.loads((out / "stats_simple.json").read_text())
    stats["anna"]["wins"] = 99
    (out / "stats_simple.json").write_text(json.dumps(stats))

    altered, wins = check(store, out).differences

    assert altered.startswith("stats_simple.json was altered")
    assert wins.startswith("stats_simple.json: anna has wins 99, the store ")


def test_a_competitor_missing_from_a_file_is_named(store: Store, out: Path) -> None:
    lines = (out / "leaderboard.csv").read_text().splitlines(keepends=True)
    (out / "leaderboard.csv").write_text("".join(line for line in lines if "bert" not in line))

    assert "leaderboard.csv: bert is missing" in check(store, out).differences


def test_a_csv_file_with_columns_of_somebody_elses_is_still_compared(
    store: Store, out: Path
) -> None:
    (out / "leaderboard.csv").write_text("competitor,wins,colour\nanna,99,red,more\n")

    differences = check(store, out).differences

    assert "leaderboard.csv: bert is missing" in differences
    assert any(line.startswith("leaderboard.csv: anna has wins 99") for line in differences)


@pytest.mark.parametrize("name", ["leaderboard.csv", "leaderboard.parquet", "stats.json"])
def test_a_file_that_is_no_longer_of_its_format_is_named(
    store: Store, out: Path, name: str
) -> None:
    (out / name).write_text("nonsense\n1")

    differences = check(store, out).differences

    assert differences[0].startswith(f"{name} was altered")
    assert any(difference.startswith(f"{name} can't be read") for difference in differences[1:])


def test_a_rating_changed_in_the_store_is_named_in_every_file_that_shows_it(
    store: Store, out: Path
) -> None:
    with store.write() as connection:
        connection.execute(update(Standing).where(Standing.competitor == "anna").values(elo=1.5))

    named = {
        difference.partition(":")[0]
        for difference in check(store, out).differences
        if "anna" in difference
    }

    assert named == {"stats.json", "stats_simple.json", "leaderboard.csv", "leaderboard.parquet"}


def test_an_export_older_than_the_newest_match_is_behind(
    store: Store, recorder: Recorder, entrants: list[Entrant], out: Path
) -> None:
    record_duels(store, recorder, entrants, 3, first_seed=100)

    assert check(store, out) == ExportCheck(
        behind="The export is behind: it shows match 20 of epoch 1, "
        "the store is at match 23 of epoch 1"
    )


def test_an_export_that_is_behind_and_altered_is_both(
    store: Store, recorder: Recorder, entrants: list[Entrant], out: Path
) -> None:
    record_duels(store, recorder, entrants, 1, first_seed=100)
    (out / "leaderboard.md").unlink()

    found = check(store, out)

    assert found.behind is not None
    assert found.differences == ("leaderboard.md is missing",)
    assert found.sentences == (*found.differences, found.behind)


def test_an_export_of_an_earlier_epoch_is_behind(store: Store, out: Path) -> None:
    with store.write() as connection:
        connection.execute(update(Standing).values(elo=0.0))
    recompute(store, "snake")

    found = check(store, out)

    assert found.differences == ()
    assert "epoch 1, the store is at match 20 of epoch 2" in str(found.behind)
