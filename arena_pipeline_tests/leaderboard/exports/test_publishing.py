"""Publishing: files that agree with each other and with the store, or none at all."""

import hashlib
from pathlib import Path
from threading import Thread

import pyarrow.parquet as pq  # noqa: TID253 - the file under test is read with it
import pytest

from arena_pipeline.leaderboard.exports import FORMATS, ExportError, check, export, folder_of
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.leaderboard.deciding import LOST, WON, decided, record_duels
from arena_pipeline_tests.leaderboard.exports.published import read


def test_every_format_is_written_and_named_in_the_manifest_with_its_digest(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 10)

    report = export(store, out)

    manifest = read(out / "manifest.json")
    assert (manifest["ladder"], manifest["epoch"], manifest["sequence"]) == ("snake", 1, 10)
    assert manifest["files"].keys() == FORMATS.keys()
    assert {file.name: file.digest for file in report.files} == {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FORMATS
    }
    assert {file.name: file.rows for file in report.files} == {
        name: 10 if name in ("game_index.json", "matches.parquet") else 4 for name in FORMATS
    }


def test_an_empty_ladder_exports_empty_files(store: Store, out: Path) -> None:
    report = export(store, out)

    assert [file.rows for file in report.files] == [0] * len(FORMATS)
    assert read(out / "stats.json") == {}
    assert read(out / "game_index.json") == []
    assert check(store, out).is_fresh


def test_the_same_state_gives_the_same_bytes(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path, tmp_path: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)

    first, second = export(store, out), export(store, tmp_path / "again")

    assert [file.digest for file in first.files] == [file.digest for file in second.files]


def test_only_the_formats_asked_for_are_there_afterwards(store: Store, out: Path) -> None:
    export(store, out)

    export(store, out, formats=["leaderboard.csv"])

    assert {path.name for path in out.iterdir()} == {"leaderboard.csv", "manifest.json", ".lock"}
    assert check(store, out).is_fresh


def test_an_unknown_format_is_refused_by_name(store: Store, out: Path) -> None:
    with pytest.raises(ExportError, match=r"No export format 'xlsx'; there are: stats\.json"):
        export(store, out, formats=["xlsx"])


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "back\\slash", "nul\0"])
def test_a_ladder_whose_name_is_no_folders_has_no_default_folder(name: str) -> None:
    with pytest.raises(ExportError):
        folder_of(Path("exports"), name)


def test_a_file_where_the_folder_should_be_is_named(store: Store, out: Path) -> None:
    out.parent.mkdir()
    out.write_text("in the way")

    with pytest.raises(ExportError, match=r"Can't write the export .*snake"):
        export(store, out)


def test_a_failed_export_leaves_the_earlier_one_and_no_scraps(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    export(store, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM standings")

    with pytest.raises(ExportError, match=r"no standing.*arena recompute --ladder snake"):
        export(store, out)

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_files_agree_while_matches_are_recorded(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    def record() -> None:
        for first_seed in range(1, 200, 5):
            record_duels(store, recorder, [*agents.values()], 5, first_seed=first_seed)

    writer = Thread(target=record)
    writer.start()
    while writer.is_alive():
        report = export(store, out)
        games = [len(one["games"]) for one in read(out / "stats.json").values()]
        wins = sum(one["wins"] for one in read(out / "stats_simple.json").values())
        matches = pq.read_table(out / "matches.parquet").to_pylist()
        assert report.matches == len(read(out / "game_index.json")) == len(matches)
        assert sum(games) == 2 * report.matches
        assert wins == sum(seat["result"] == "won" for row in matches for seat in row["seats"])
    writer.join()
    export(store, out)

    assert check(store, out).is_fresh


def test_two_exports_into_one_folder_leave_one_whole_export(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)
    threads = [Thread(target=export, args=(store, out)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert check(store, out).is_fresh


def test_what_is_not_rated_is_not_exported(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["anna"]], [WON, LOST])])

    export(store, out)

    assert read(out / "game_index.json") == []
