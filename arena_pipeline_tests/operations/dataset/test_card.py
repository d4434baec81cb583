"""The card counts what is odd, and what it says about loading works."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.dataset import export_dataset
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.dataset.history import fill

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def folder(store: Store, recorder: Recorder, arena_settings: Settings, tmp_path: Path) -> Path:
    """A dataset of a short history."""
    fill(store, recorder)
    export_dataset(store, arena_settings.replay_dir, tmp_path / "dataset")
    return tmp_path / "dataset"


def blocks(folder: Path, language: str) -> list[str]:
    return re.findall(f"```{language}\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)


def asked(sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    return duckdb.connect().execute(sql).fetchall()


def test_what_is_odd_is_counted(folder: Path) -> None:
    card = (folder / "README.md").read_text()

    for line in (
        "- Matches: 6, participants: 12, turns: ",
        "- Time: 2025-01-31 23:58 to 2026-02-01 13:59 UTC",
        "- Games: snake 6",
        "| 2025-01 | 1 |",
        "| 2025-02 | 2 |",
        "| 2026-02 | 2 |",
        "| not known | 1 |",
        "| `header_only`: only the header was published: there is nothing to play again | 1 |",
        "| matches that were voided (`state = 'void'`): they count nowhere | 1 |",
        "| participants with the flag `placeholder` | 1 |",
        "| matches in which some turn failed by no doing of the agent (`gateway_faults > 0`) | 1 |",
    ):
        assert line in card, line


def test_what_it_says_for_duckdb_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    seats, thoughts = (asked(block) for block in blocks(folder, "sql"))

    assert sum(row[1] for row in seats) == 12
    assert len(thoughts) == 10
    assert {type(row[3]) for row in thoughts} == {str}


def test_months_are_columns_there(folder: Path) -> None:
    found = asked(
        "SELECT year, month, count(*) FROM "
        f"read_parquet('{folder}/matches/**/*.parquet', hive_partitioning = true) "
        "GROUP BY ALL ORDER BY ALL"
    )

    assert [tuple(map(str, row)) for row in found] == [
        ("0", "00", "1"), ("2025", "01", "1"), ("2025", "02", "2"), ("2026", "02", "2"),
    ]  # fmt: skip


def test_what_it_says_for_pandas_works(folder: Path) -> None:
    (block,) = blocks(folder, "python")
    asked = "\nprint(len(matches), len(participants), sorted(set(matches.year)))"

    said = subprocess.run(
        [sys.executable, "-c", block + asked],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["6", "12", "[0,", "2025,", "2026]"]
