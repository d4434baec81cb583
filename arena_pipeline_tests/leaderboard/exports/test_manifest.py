"""Whose files lie in a folder: an export touches those of its own ladder and no others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.exports import FORMATS, ExportCheck, ExportError, check, export
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.store import Store

KILLED_EXPORT = """
import os, sys
from pathlib import Path
from arena_pipeline.leaderboard.exports import export
from arena_pipeline.store import open_store

moves = 0

def die_at_a_move(event, arguments):
    global moves
    if event == "os.rename":
        moves += 1
        if moves > int(sys.argv[3]):
            os._exit(9)

store = open_store(sys.argv[1])
sys.addaudithook(die_at_a_move)
export(store, Path(sys.argv[2]))
"""
"""An export into argv[2] that dies at once when argv[3] of its files are in place."""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that a person would see."""
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


@pytest.mark.parametrize("manifest", ["{}", "mine", "[]", '{"name": "my app", "files": {}}'])
def test_a_folder_with_somebody_elses_manifest_is_left_as_it_is(
    store: Store, out: Path, manifest: str
) -> None:
    out.mkdir(parents=True)
    (out / "manifest.json").write_text(manifest)
    (out / "leaderboard.csv").write_text("my own table")
    before = contents(out)

    with pytest.raises(ExportError, match=r"is not the manifest of an export; nothing was written"):
        export(store, out, formats=["stats.json"])

    assert contents(out) == before


def test_a_file_that_no_export_wrote_is_not_overwritten(store: Store, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "stats.json").write_text("mine")

    with pytest.raises(
        ExportError, match=r"holds stats\.json, which no export of this ladder wrote"
    ):
        export(store, out)

    assert contents(out) == {"stats.json": b"mine"}


def test_a_file_beside_an_export_is_neither_overwritten_nor_removed(
    store: Store, out: Path
) -> None:
    export(store, out, formats=["stats.json"])
    (out / "leaderboard.csv").write_text("mine")

    export(store, out, formats=["stats_simple.json"])
    with pytest.raises(ExportError, match=r"holds leaderboard\.csv"):
        export(store, out)

    assert contents(out).keys() == {"stats_simple.json", "leaderboard.csv", "manifest.json"}
    assert (out / "leaderboard.csv").read_text() == "mine"


def test_the_folder_of_another_ladder_is_refused(store: Store, out: Path) -> None:
    ensure_ladder(store, "other", "snake")
    export(store, out)
    before = contents(out)

    with pytest.raises(ExportError, match=r"holds the export of ladder 'snake'"):
        export(store, out, "other")

    assert contents(out) == before


@pytest.mark.parametrize("moved", [1, 4])
def test_an_export_killed_at_any_move_is_put_right_by_the_next(
    store: Store, store_url: str, out: Path, moved: int
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_EXPORT, store_url, str(out), str(moved)], check=False
    )
    assert killed.returncode == 9
    assert len(contents(out)) == moved

    export(store, out)

    assert check(store, out) == ExportCheck()


def test_a_name_in_a_manifest_that_is_no_exports_is_not_touched(store: Store, out: Path) -> None:
    export(store, out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"]["../outside"] = {"rows": 0, "sha256": ""}
    (out / "manifest.json").write_text(json.dumps(manifest))
    (out.parent / "outside").write_text("mine")

    export(store, out)

    assert (out.parent / "outside").read_text() == "mine"
    assert contents(out).keys() == {*FORMATS, "manifest.json"}
