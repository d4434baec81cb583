"""The legacy files are the ones SnakeBench published: every key, every digit, the same bytes."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.exports import LEGACY, export
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind
from arena_pipeline_tests.agents import NOON
from arena_pipeline_tests.importers.snakebench.headers import insert_headers, shared_headers
from arena_pipeline_tests.leaderboard.deciding import LOST, WON, decided
from arena_pipeline_tests.leaderboard.exports.published import read
from arena_pipeline_tests.leaderboard.exports.small_history import (
    DUEL,
    ENDLESS,
    HISTORY,
    PUBLISHED,
    TIE,
    insert_history,
    published_bytes,
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_small_history_comes_out_as_it_was_worked_out_by_hand(
    store: Store, out: Path, name: str
) -> None:
    ladder = insert_history(store)

    export(store, out, ladder, [LEGACY])

    assert (out / name).read_bytes() == published_bytes(PUBLISHED[name])


@pytest.mark.parametrize("name", PUBLISHED)
def test_all_games_named_give_the_same_files_as_the_stored_ratings(
    store: Store, out: Path, name: str
) -> None:
    ladder = insert_history(store)

    export(store, out, ladder, [LEGACY], [one["game_id"] for one in HISTORY])

    assert (out / name).read_bytes() == published_bytes(PUBLISHED[name])


def test_some_games_are_rated_as_if_there_were_no_others(store: Store, out: Path) -> None:
    ladder = insert_history(store)

    report = export(store, out, ladder, [LEGACY], [DUEL["game_id"], TIE["game_id"]])

    stats = read(out / "stats.json")
    assert {name: entry["elo"] for name, entry in stats.items()} == {
        "anna": 1516.0, "bert": 1484.0, **dict.fromkeys(list(stats)[2:], 1500.0),
    }  # fmt: skip
    assert [entry["game_id"] for entry in read(out / "game_index.json")] == [
        DUEL["game_id"],
        TIE["game_id"],
    ]
    assert (report.matches, report.missing) == (2, ())


def test_a_ladder_without_a_match_is_published_as_empty_files(store: Store, out: Path) -> None:
    ensure_ladder_as_published(store)

    export(store, out, AS_PUBLISHED, [LEGACY])

    written = {name: (out / name).read_bytes() for name in PUBLISHED}
    assert written == {"stats.json": b"{}", "stats_simple.json": b"{}", "game_index.json": b"[]"}


def test_a_ladder_numbered_as_matches_came_in_has_an_index_by_ending(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    duel = [agents["anna"], agents["bert"]]
    slow = decided(store, duel, [WON, LOST], seed=1, started_at=NOON, lasting=timedelta(hours=1))
    quick = decided(store, duel, [LOST, WON], seed=2, started_at=NOON)
    recorder.record([slow])
    recorder.record([quick])

    export(store, out, formats=[LEGACY])

    index = read(out / "game_index.json")
    assert [entry["game_id"] for entry in index] == [quick.uuid, slow.uuid]
    assert index[0]["actual_rounds"] == len(quick.steps)


def test_bots_on_a_ladder_of_models_go_by_their_own_names(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])
    ensure_ladder(store, "models", "snake", competitor=CompetitorKind.MODEL)
    recompute(store, "models")

    export(store, out, "models", [LEGACY])
    whole = (out / "stats.json").read_bytes()
    uuids = [entry["game_id"] for entry in read(out / "game_index.json")]
    export(store, out, "models", [LEGACY], uuids)

    assert set(json.loads(whole)) == {"anna", "bert"}
    assert (out / "stats.json").read_bytes() == whole


@pytest.mark.shared
def test_the_published_files_come_out_byte_for_byte(
    store: Store, out: Path, shared_data: Path
) -> None:
    expected = shared_data / "snakebench" / "expected"
    ensure_ladder_as_published(store)
    insert_headers(store, shared_headers(shared_data))
    covered = [entry["game_id"] for entry in read(expected / "game_index.json")]

    report = export(store, out, AS_PUBLISHED, [LEGACY], [*covered, ENDLESS["game_id"]])

    assert (report.matches, report.missing) == (len(covered), (ENDLESS["game_id"],))
    for name in PUBLISHED:
        assert (out / name).read_bytes() == (expected / name).read_bytes(), name
