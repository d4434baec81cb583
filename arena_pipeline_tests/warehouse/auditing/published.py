"""An arena with something of everything a ladder can hold, and ways to forge what it published."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: TID253 - the files under test are written with it
import pyarrow.parquet as pq  # noqa: TID253 - the files under test are written with it

from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.leaderboard.voiding import void
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ordering, Purpose
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import LOST, TIED, WON, decided, record_duels

DUELS = 40

Row = dict[str, Any]


def fill(store: Store, recorder: Recorder) -> None:
    """Duels, a match of three, self-play, teams, a voided match; ladders by Elo, by mean score, by
    the time of ending, and of one purpose only.
    """
    ensure_ladder(store, "scores", "snake", policy={"system": "mean_score"})
    ensure_ladder(store, "gauntlet", "snake", filter={"purposes": ["gauntlet"], "self_play": True})
    ensure_ladder(store, "by time", "snake", ordering=Ordering.ENDED_AT, policy={"k": 16})
    anna, bert, cleo = add_agents(store, "anna", "bert", "cleo 'the [*]'").values()
    duels = record_duels(store, recorder, [anna, bert, cleo], DUELS)
    recorder.record(
        [
            decided(store, [anna, bert, cleo], [WON, LOST, TIED], seed=101, scores=[3.5, 0.1, 2]),
            decided(store, [anna, anna], [WON, LOST], seed=102),
            decided(store, [bert, cleo], [WON, WON], seed=103, team="us"),
            decided(store, [bert, bert], [TIED, TIED], seed=104, purpose=Purpose.GAUNTLET),
            decided(store, [cleo, anna], [LOST, WON], seed=105, purpose=Purpose.GAUNTLET),
        ]
    )
    void(store, [duels[7].uuid], actor="ann", reason="a test")
    recompute(store, "by time")


def rows(folder: Path, table: str) -> list[Row]:
    """All rows of a published table."""
    return [row for path in _files(folder, table) for row in pq.read_table(path).to_pylist()]


def forge(folder: Path, table: str, change: Callable[[Row], Row | None], *, reseal: bool) -> None:
    """Write a table's files anew with each row as `change` returns it, None: without it; with
    `reseal` the manifest agrees.
    """
    for path in _files(folder, table):
        whole = pq.read_table(path)
        changed = [one for row in whole.to_pylist() if (one := change(row)) is not None]
        pq.write_table(pa.Table.from_pylist(changed, whole.schema), path)
        if reseal:
            sealed_anew(folder, path)


def sealed_anew(folder: Path, path: Path) -> None:
    """Let the manifest say that a file is as it is now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    name = path.relative_to(folder).as_posix()
    for parts in manifest["tables"].values():
        for part in parts:
            if part["file"] == name:
                part["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _files(folder: Path, table: str) -> list[Path]:
    return sorted((folder / table).glob("**/part-0.parquet"))
