"""Every layout becomes a match that says what its file said, whoever reads it."""

import hashlib
import io
import json
import random
import tarfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import select

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.reading import documents
from arena_pipeline.importers.snakebench.recording import workers
from arena_pipeline.importers.snakebench.recording.workers import LONGEST_REASON
from arena_pipeline.importers.snakebench.telling.report import (
    Counts,
)
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.matches import replay
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


def test_costs_that_add_up_to_what_no_seat_can_have_cost_are_unknown_and_flagged(
    store: Store, history: Path, take: Import
) -> None:
    document = json.loads(make("v1_native", 1))
    moves = [frame["moves"]["1"] for frame in document["frames"] if "1" in frame["moves"]]
    for move in moves:
        move["cost"] = 999.0
    assert len(moves) > 1
    (history / "a.json").write_text(json.dumps(document))

    take(history)

    first, second = seats(store)
    assert (first.cost, first.flags) == (None, {"cost_unknown": "more than 1,000 USD"})
    assert one_match(store).cost == second.cost


def test_a_published_name_longer_than_an_index_takes_breaks_only_its_file(
    store: Store, history: Path, take: Import
) -> None:
    name = random.Random(5).randbytes(2_500).hex()
    totals = {"wins": 1, "losses": 0, "ties": 0, "apples_eaten": 3, "elo": 1516.0}
    (history / "stats_simple.json").write_text(json.dumps({name: totals}))
    (history / "damaged.json").write_text(json.dumps({name: {**totals, "wins": "many"}}))
    (history / "a.json").write_bytes(make("v0a", 1))

    report = take(history)

    assert (report.all_documents.imported, report.all_documents.rejected) == (1, 2)
    assert all(len(one.reason) <= LONGEST_REASON for one in report.rejected)


def test_a_key_is_masked_wherever_a_file_has_text_of_its_own(
    store: Store, history: Path, replay_dir: Path, take: Import
) -> None:
    key = "sk-" + "a1b2c3d4" * 4
    for number, layout in enumerate(("v0b_native", "v1_native")):
        document = json.loads(make(layout, number))
        if layout == "v0b_native":
            document["metadata"]["death_info"] = {"1": {"reason": f"wall {key}", "round": 0}}
            document["rounds"][-1]["move_history"][0]["1"]["move"] = f"UP {key}"
        else:
            document["game"]["game_type"] = f"ladder {key}"
            document["players"]["1"]["death"] = {"reason": f"wall {key}", "round": 0}
            document["frames"][0]["moves"]["1"]["move"] = f"UP {key}"
        (history / f"{number}.json").write_text(json.dumps(document))

    report = take(history)

    assert report.all_documents.imported == 2
    left = everything(store, replay_dir)
    replays = [replay.unpack(content, name) for name, content in left.pop("replays").items()]
    assert key not in str((left, replays, report.to_json()))


def test_what_is_large_and_no_game_is_refused_before_it_fills_the_memory(
    history: Path, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make("v0a", 1)
    monkeypatch.setattr(documents, "LARGEST_MENDED", len(good) - 1)
    (history / "a.json").write_bytes(good)
    filling = b"[" + b"{}," * len(good) + b"{}]"
    (history / "b.json").write_bytes(b'{"metadata": 5, "x": ' + filling + b"}")
    (history / "c.json").write_bytes(b'{"x": ' + filling + b"}")

    report = take(history)

    assert report.all_documents.imported == 1
    assert ["too large to mend" in one.reason for one in report.rejected] == [True, False]


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
