"""The dataset is the same bytes each time, and says what it is and what it lacks."""

import json
import shutil
from pathlib import Path

import pytest

from arena_pipeline.matches import replay
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.dataset import export_dataset
from arena_pipeline.operations.dataset.columns import TABLES, schema_of
from arena_pipeline.operations.dataset.manifest import DatasetManifest
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.operations.dataset.history import (
    content,
    export,
    fill,
    replay_of,
    rows,
)
from arena_pipeline_tests.postgres import Cluster


def test_a_match_without_turns_says_why(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    replay_of(store, arena_settings.replay_dir, played[0].uuid).unlink()
    replay_of(store, arena_settings.replay_dir, played[2].uuid).write_bytes(b"something else")

    report = export(store, arena_settings, folder)

    missing = {row["uuid"]: row["turns_missing"] for row in rows(folder, "matches")}
    assert "is missing" in missing[played[0].uuid]
    assert "was altered" in missing[played[2].uuid]
    assert missing[played[5].uuid] == "only its header was published"
    assert [missing[match.uuid] for match in (played[1], played[3], played[4])] == [None] * 3
    assert report.missing_replays == 2
    assert {one.uuid: one.reason for one in report.named} == {
        uuid: reason for uuid, reason in missing.items() if uuid in (played[0].uuid, played[2].uuid)
    }
    card = (folder / "README.md").read_text()
    assert f"- `{played[0].uuid}`:" in card


def test_a_replay_of_another_shape_is_named_too(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    import zstandard

    path = replay_of(store, arena_settings.replay_dir, played[0].uuid)
    document = replay.unpack(path.read_bytes(), path.name)
    for step in document["steps"]:
        step["turns"] = {"0": {"input_tokens": 2**70}}
    path.write_bytes(zstandard.compress(json.dumps(document).encode()))
    with store.write() as connection:
        connection.execute(
            Match.__table__.update()  # type: ignore[attr-defined]
            .where(Match.uuid == played[0].uuid)
            .values(replay_digest=None, replay_missing="unknown")
        )

    report = export(store, arena_settings, folder)

    assert [one.uuid for one in report.named] == [played[0].uuid]
    assert "not the shape of one" in report.named[0].reason


def test_the_same_store_gives_the_same_bytes(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    first = export(store, arena_settings, folder)
    before = content(folder)
    elsewhere = folder.with_name("elsewhere")

    again, there = (export(store, arena_settings, one) for one in (folder, elsewhere))

    assert again == first
    assert there.files == first.files
    assert content(folder) == content(elsewhere) == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_same_history_gives_the_same_bytes_in_either_database(
    store: Store,
    arena_settings: Settings,
    folder: Path,
    postgres_cluster: Cluster,
    postgres_template: str,
) -> None:
    url = postgres_cluster.create_database(template=postgres_template)
    other = open_store(url)
    for one in (store, other):
        fill(one, Recorder(one, arena_settings.replay_dir))

    export(store, arena_settings, folder)
    export(other, arena_settings, folder.with_name("other"))

    assert content(folder) == content(folder.with_name("other"))
    other.close()
    postgres_cluster.drop_database(url)


def test_the_manifest_has_the_digest_of_every_file(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    import hashlib

    import msgspec

    export(store, arena_settings, folder)

    found = content(folder)
    manifest = msgspec.json.decode(found.pop("manifest.json"), type=DatasetManifest)
    assert {one.file: one.sha256 for one in manifest.files} == {
        name: hashlib.sha256(one).hexdigest() for name, one in found.items()
    }
    for table, count in manifest.tables.items():
        assert count == len(rows(folder, table))


def test_files_have_the_columns_that_the_card_explains(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    import pyarrow.parquet as pq

    export(store, arena_settings, folder)

    card = (folder / "README.md").read_text()
    for table in TABLES.values():
        section = card.partition(f"## Table `{table.name}`")[2].partition("\n## ")[0]
        lines = [line for line in section.splitlines() if line.startswith("| `")]
        assert [line.split("`")[1] for line in lines] == [one.name for one in table.columns]
        for file in (folder / table.name).rglob("*.parquet"):
            assert pq.ParquetFile(file).schema_arrow.equals(schema_of(table))


def test_no_path_of_this_machine_is_told(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    export(store, arena_settings, folder)

    for one in content(folder).values():
        assert b"/home/somebody" not in one
    assert str(folder) not in (folder / "README.md").read_text()


def test_an_arena_without_matches_has_a_card(
    store: Store, arena_settings: Settings, folder: Path
) -> None:
    report = export(store, arena_settings, folder)

    assert (report.matches, report.files) == (0, ())
    assert content(folder).keys() == {"README.md", "manifest.json"}


def test_progress_goes_to_the_end(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    told: list[tuple[int, int | None]] = []

    export_dataset(
        store,
        arena_settings.replay_dir,
        folder,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told[-1] == (6, 6)


def test_files_that_are_no_longer_due_go(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    export(store, arena_settings, folder)
    shutil.rmtree(arena_settings.replay_dir)

    export(store, arena_settings, folder)

    assert not (folder / "turns").exists()
