"""Every layout becomes a match that says what its file said, whoever reads it."""

import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import select

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.recording import workers
from arena_pipeline.importers.snakebench.telling.report import (
    Counts,
)
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline.store.tables import ModelAlias
from arena_pipeline_tests.importers.snakebench.conftest import Import
from arena_pipeline_tests.importers.snakebench.imported import everything
from arena_pipeline_tests.importers.snakebench.looking import one_match, seats
from arena_pipeline_tests.importers.snakebench.makers import LAYOUTS, make, new_id
from arena_pipeline_tests.importers.snakebench.small_history import write_history


def test_each_layout_becomes_a_match_whose_replay_holds(
    store: Store, replay_dir: Path, history: Path, take: Import
) -> None:
    for number, layout in enumerate(LAYOUTS):
        content = make(layout, number)
        name = "headers.jsonl" if layout == "header" else f"snake_game_{new_id(number)}.json"
        (history / name).write_bytes(content)

    report = take(history)

    assert {
        layout: counts.imported for layout, counts in report.documents.items()
    } == dict.fromkeys(sorted(LAYOUTS), 1)
    assert report.all_participants == Counts(found=18, imported=18)
    found = {one.uuid: str(one.status) for one in verify_matches(store, replay_dir)}
    header = found.pop(new_id(LAYOUTS.index("header")))
    explained = {one.uuid for one in report.unverified if one.verification != "header_only"}
    assert header == "no_replay"
    assert {uuid for uuid, status in found.items() if status == "explained"} == explained
    assert set(found.values()) <= {"verified", "explained"}
    assert compare(store, "snakebench") == compare(store, "snake") == []
    assert len(everything(store, replay_dir)["standings"]) == 4


def test_what_a_file_says_is_kept_with_the_match(store: Store, history: Path, take: Import) -> None:
    file = history / "a.json"
    file.write_bytes(make("v0c", 1))

    take(history)

    row = one_match(store)
    assert (row.source_path, row.source_digest) == (
        str(file),
        hashlib.sha256(file.read_bytes()).hexdigest(),
    )
    assert (row.purpose, row.verification, row.seed) == ("import", "verified", None)
    assert row.started_at_text == "2025-11-16T08:00:00.000004"
    assert row.started_at == datetime(2025, 11, 16, 16, 0, 0, 4, UTC)
    assert {**row.info, "completeness": None, "actual_rounds": None} == {
        "import": "snakebench",
        "layout": "v0c",
        "game_type": None,
        "max_rounds": 100,
        "actual_rounds": None,
        "completeness": None,
    }
    assert [seat.name for seat in seats(store)] == ["vendor-a-mini", "Vendor B: Large"]
    assert row.cost == sum(Decimal(seat.cost) for seat in seats(store))
    with store.read() as connection:
        aliases = connection.execute(
            select(ModelAlias.alias, ModelAlias.model_id, ModelAlias.agent_id)
        ).all()
    assert {(alias, model, agent) for alias, model, agent in aliases} >= {
        (seat.name, seat.model_id, seat.agent_id) for seat in seats(store)
    }


def test_workers_come_to_the_same_as_no_workers(
    store: Store,
    replay_dir: Path,
    tmp_path: Path,
    take: Import,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write_history(tmp_path / "history")
    alone = open_store(f"sqlite:///{tmp_path / 'alone.sqlite3'}")
    migrate(alone)
    ensure_defaults(alone)
    import_history(alone, tmp_path / "alone" / "replays", [folder], workers=1)
    monkeypatch.setattr(workers, "ALONE_BYTES", 0)

    take(folder, workers=2)

    assert everything(store, replay_dir) == everything(alone, tmp_path / "alone" / "replays")
    alone.close()


def test_a_game_of_an_archive_is_known_by_file_and_member(
    store: Store, history: Path, take: Import
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        content = make("v1_native", 1)
        info = tarfile.TarInfo("frames/x.json")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    (history / "x.tar.zst").write_bytes(zstandard.compress(buffer.getvalue()))

    take(history)

    assert one_match(store).source_path == f"{history / 'x.tar.zst'}::frames/x.json"


def test_games_without_times_come_first_and_are_kept(
    store: Store, replay_dir: Path, history: Path, take: Import
) -> None:
    (history / "a.json").write_bytes(make("v0a", 1))
    document = json.loads(make("v0a", 2))
    del document["metadata"]["start_time"], document["metadata"]["end_time"]
    (history / "b.json").write_text(json.dumps(document))

    report = take(history)

    assert report.all_documents.imported == 2
    places = [
        (place["uuid"], place["sequence"])
        for place in everything(store, replay_dir)["places"]
        if place["name"] == "snakebench"
    ]
    assert places == [(new_id(2), 1), (new_id(1), 2)]
    assert {str(one.status) for one in verify_matches(store, replay_dir)} == {"verified"}


def test_costs_that_cannot_be_are_unknown_and_flagged(
    store: Store, history: Path, take: Import
) -> None:
    document = json.loads(make("v1_native", 1))
    document["players"]["1"]["totals"]["cost"] = -6473.0
    (history / "a.json").write_text(json.dumps(document))

    report = take(history)

    first, second = seats(store)
    assert (first.cost, first.flags) == (None, {"cost_unknown": "negative"})
    assert second.cost is not None
    assert report.flags == {"cost_unknown": 1}
    assert one_match(store).cost == second.cost


def test_self_play_and_placeholders_are_flagged(store: Store, history: Path, take: Import) -> None:
    (history / "a.json").write_bytes(make("v0a", 1, names=("LLMPlayer", "LLMPlayer")))

    report = take(history)

    assert [seat.flags for seat in seats(store)] == [{"placeholder": True, "self_play": True}] * 2
    assert report.flags == {"placeholder": 2, "self_play": 2}


def test_turns_drawn_by_chance_are_counted_with_the_flags(history: Path, take: Import) -> None:
    error = "Provider error: Error code: 429 - slow down"
    drawn = {(1, 0): error, (2, 0): error, (1, 1): "This is a random move: UP"}
    (history / "a.json").write_bytes(make("v0c", 1, rationales=drawn))

    assert take(history).flags == {"gateway_error": 1, "no_action": 1}


def test_totals_of_zero_tokens_are_unknown_and_flagged(
    store: Store, history: Path, take: Import
) -> None:
    (history / "a.json").write_bytes(make("v1_migrated", 1))

    take(history)

    assert [(seat.input_tokens, seat.cost, seat.flags) for seat in seats(store)] == [
        (None, None, {"zero_tokens": True})
    ] * 2
