"""What SnakeBench really published is held against our ratings of the same games."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.importers.snakebench.recording.published import read_published
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.leaderboard.published import Published
from arena_pipeline.leaderboard.published.agreement import Agreement, agreement
from arena_pipeline.store import Store
from arena_pipeline_tests.importers.snakebench.headers import insert_headers, shared_headers


def compared(store: Store, published: Published, games: list[str] | None = None) -> Agreement:
    with store.read() as connection:
        return agreement(connection, ladder_row(connection, AS_PUBLISHED), published, games)


@pytest.mark.shared
@pytest.mark.parametrize("database", ["sqlite"])
def test_all_published_ratings_come_out(store: Store, shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    ensure_ladder_as_published(store)
    insert_headers(store, shared_headers(shared_data))
    expected = folder / "expected"
    covered = [one["game_id"] for one in json.loads((expected / "game_index.json").read_text())]
    names = ("stats.json", "stats_simple.json", "game_index.json", "trueskill_3577.json")

    paths = [*(expected / name for name in names), *sorted((folder / "oracles").glob("*.json"))]

    assert len(paths) == 15
    for path in paths:
        published = read_published(path.read_bytes(), path.name)
        assert published is not None
        found = compared(store, published, covered)
        assert found.is_equal, path.name
        if path.stem not in ("2c4e3fa2", "trueskill_3577"):
            assert found.rounded == 0, path.name


@pytest.mark.shared
def test_one_flipped_result_among_thousands_is_found(store: Store, shared_data: Path) -> None:
    ensure_ladder_as_published(store)
    insert_headers(store, shared_headers(shared_data))
    content = (shared_data / "snakebench" / "expected" / "stats.json").read_bytes()
    published = read_published(content, "stats.json")
    assert published is not None
    flipped = published.records[2_000]
    records = [
        replace(one, result="won" if one.result == "lost" else "lost") if one is flipped else one
        for one in published.records
    ]

    found = compared(store, replace(published, records=records))

    assert found.first is not None
    assert found.first.uuid == flipped.game_id
    assert flipped.competitor in found.first.competitors
    assert [one.field for one in found.first.differences] == ["result"]
