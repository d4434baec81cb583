"""`arena verify-ratings`: a table for people, a document for programs, and the exit code."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.leaderboard.exports.small_history import (
    DUEL,
    HISTORY,
    LATE,
    PUBLISHED,
    SIMPLE,
    STATS,
    insert_history,
    published_bytes,
)


@pytest.fixture
def history(played_dir: Path) -> Iterator[Store]:
    """The arena's store, with the small history in it."""
    store = open_ready_store(Settings.load(data_dir=played_dir))
    insert_history(store)
    yield store
    store.close()


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with what was published of it."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name, value in PUBLISHED.items():
        (folder / name).write_bytes(published_bytes(value))
    return folder


def test_what_agrees_is_a_line_for_each_file_and_exit_code_0(
    arena: Arena, history: Store, published: Path
) -> None:
    ran = arena("verify-ratings", *sorted(published.iterdir()))

    assert (ran.code, ran.err) == (0, "")
    lines = {line.split()[0]: line.split() for line in ran.out.splitlines() if ".json" in line}
    assert lines["stats.json"] == ["stats.json", "7", "9", "0", "0", "0", "0", "0", "equal"]
    assert " ".join(lines.pop("game_index.json")).endswith("0 no ratings")
    assert {line[-1] for line in lines.values()} == {"equal"}


def test_the_match_where_they_part_is_named_with_both_sides_numbers(
    arena: Arena, history: Store, published: Path
) -> None:
    stats = deepcopy(STATS)
    stats["bert"]["games"][0]["result"] = "won"
    (published / "stats.json").write_bytes(published_bytes(stats))

    ran = arena("verify-ratings", published / "stats.json")

    assert ran.code == 1
    assert f"They part at match {DUEL['game_id']} (no. 2), 'anna' and 'bert'." in ran.out
    assert ["bert", "result", "won", "lost"] in [line.split() for line in ran.out.splitlines()]


def test_where_a_file_tells_no_match_the_numbers_that_differ_are_shown(
    arena: Arena, history: Store, published: Path
) -> None:
    simple = deepcopy(SIMPLE)
    simple["anna"]["elo"] = 1600.5
    simple["\x1b[31mzack"] = simple["anna"]
    (published / "stats_simple.json").write_bytes(published_bytes(simple))

    ran = arena("verify-ratings", published / "stats_simple.json")

    assert ran.code == 1
    assert "where they part can't be named" in ran.out
    assert "say which with --games" in ran.out
    assert "1 of its competitors have no match here" in ran.out
    assert "\x1b" not in ran.out
    row = next(line.split() for line in ran.out.splitlines() if line.startswith(" anna "))
    assert row[:3] == ["anna", "elo", "1600.5"]


def test_the_document_has_every_difference(arena: Arena, history: Store, published: Path) -> None:
    stats = deepcopy(STATS)
    stats["hal"]["games"][1]["my_score"] = 3
    (published / "stats.json").write_bytes(published_bytes(stats))

    document = arena(
        "verify-ratings", published / "stats.json", published / "game_index.json", "--json"
    ).document

    assert (document["ladder"], document["agrees"]) == ("snakebench", False)
    first, index = document["files"]
    assert (first["agrees"], first["matches"], first["tells_matches"]) == (False, 7, True)
    assert first["first"]["uuid"] == LATE["game_id"]
    assert first["first"]["differences"] == [
        {"competitor": "hal", "field": "my_score", "published": 3.0, "ours": 2}
    ]
    assert (index["agrees"], index["kind"]) == (True, "index")


def test_the_widest_gap_between_two_ratings_is_a_number_or_unknown(
    arena: Arena, history: Store, published: Path, tmp_path: Path
) -> None:
    simple = deepcopy(SIMPLE)
    simple["anna"]["elo"] += 0.25
    (published / "stats_simple.json").write_bytes(published_bytes(simple))
    skill = [{"name": "random", "trueskill_mu": 25.0, "trueskill_sigma": 8.0}]
    (tmp_path / "skill.json").write_bytes(published_bytes(skill))

    wide = arena("verify-ratings", published / "stats_simple.json", "--json").document
    unkept = arena(
        "verify-ratings", tmp_path / "skill.json", "--ladder", "snake", "--json"
    ).document

    assert wide["files"][0]["largest_gap"] == 0.25
    assert unkept["files"][0]["largest_gap"] is None


def test_the_matches_of_a_file_that_names_none_are_given(
    arena: Arena, history: Store, published: Path, tmp_path: Path
) -> None:
    others = tmp_path / "games.txt"
    others.write_text("\n".join(one["game_id"] for one in HISTORY[1:]))

    whole = arena("verify-ratings", published / "stats_simple.json")
    part = arena("verify-ratings", published / "stats_simple.json", "--games", others)

    assert (whole.code, part.code) == (0, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "is no index or statistics file"),
        ("{", "is not one JSON document"),
        ('{"a": {"wins": -1, "losses": 0, "ties": 0}}', "damaged statistics file"),
        (None, "No such file"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    arena: Arena, history: Store, tmp_path: Path, content: str | None, told: str
) -> None:
    path = tmp_path / "given.json"
    if content is not None:
        path.write_text(content)

    ran = arena("verify-ratings", path)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "given.json" in ran.err
    assert told in ran.err


def test_a_ladder_that_is_not_there_is_named(
    arena: Arena, played_dir: Path, published: Path
) -> None:
    ran = arena("verify-ratings", published / "stats.json")

    assert (ran.code, ran.err) == (1, "arena: No ladder 'snakebench'; there are: snake\n")


def test_own_matches_can_be_verified_too(arena: Arena, played_dir: Path, tmp_path: Path) -> None:
    arena("export", "--format", "legacy", "--out", tmp_path / "own")

    ran = arena("verify-ratings", tmp_path / "own" / "stats.json", "--ladder", "snake", "--json")

    assert ran.document["agrees"]
    assert json.loads((tmp_path / "own" / "manifest.json").read_text())["ladder"] == "snake"
