"""Index and statistics files are known by their shape and read strictly."""

import contextlib
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.recording.published import (
    BadStatistics,
    read_published,
)
from arena_pipeline.leaderboard.published import (
    Figures,
    GameRecord,
    Published,
    PublishedKind,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

TOTALS = {"wins": 1, "losses": 0, "ties": 2, "apples_eaten": 7, "elo": 1516.25}
GAME = {
    "game_id": "g1",
    "my_score": 3,
    "opponent_score": 2,
    "opponent_model": "bert",
    "result": "won",
}
SKILL = {
    "name": "anna",
    "trueskill_mu": 26.5,
    "trueskill_sigma": 7.25,
    "trueskill_exposed": 4.75,
    "display_rating": 237.5,
    "wins": 1,
    "losses": 0,
    "ties": 2,
    "apples_eaten": 7,
    "games_played": 3,
}


def read(document: object, path: str = "folder/file.json") -> Published | None:
    return read_published(json.dumps(document).encode(), path)


def test_statistics_with_games_tell_figures_matches_and_what_each_did() -> None:
    late = {**GAME, "game_id": "g2", "opponent_elo": 1484.5, "end_time": "2025-02-04T20:08:03"}
    dead = {**GAME, "game_id": "g3", "death_info": {"reason": "wall", "round": 4}}

    published = read({"anna": {**TOTALS, "games": [GAME, late, dead]}})

    assert published is not None
    assert published.kind is PublishedKind.STATS
    assert published.games == frozenset({"g1", "g2", "g3"})
    assert published.tells == {"opponent_elo", "end_time", "death_info"}
    assert published.figures == (
        Figures("anna", elo=1516.25, matches=3, wins=1, losses=0, ties=2, score_total=7.0),
    )
    assert published.records[0] == GameRecord("g1", "anna", 3, "won", 2, "bert")
    assert (published.records[1].opponent_elo, published.records[1].end_time) == (
        1484.5, "2025-02-04T20:08:03",
    )  # fmt: skip
    assert published.records[2].death == ("wall", 4)


def test_a_game_of_three_has_no_opponent() -> None:
    nobody = dict.fromkeys(("opponent_score", "opponent_model"))
    record = {**GAME, **nobody, "opponent_elo": 1500}

    published = read({"anna": {**TOTALS, "games": [record]}})

    assert published is not None
    assert published.records[0] == GameRecord("g1", "anna", 3, "won", opponent_elo=1500)


def test_statistics_without_games_tell_figures_and_times() -> None:
    times = {"first_game_time": "2025-02-04T20:07", "last_game_time": "2025-06-13T06:19"}

    published = read({"anna": {**TOTALS, **times, "top_score": 3}, "bert": TOTALS})

    assert published is not None
    assert (published.kind, published.games) == (PublishedKind.STATS_SIMPLE, None)
    assert [figures.competitor for figures in published.figures] == ["anna", "bert"]
    assert published.figures[0].first_game_time == times["first_game_time"]
    assert (published.figures[0].top_score, published.figures[1].top_score) == (3, None)


def test_a_trueskill_list_and_a_state_and_an_index_are_known() -> None:
    skills = read([SKILL])
    state = read({"snapshot": "a", "games": 2, "game_ids": ["x", "y"], "ratings": {"anna": TOTALS}})
    index = read([{"game_id": "x", "filename": "x.json", "model_a": "a", "model_b": "b"}])

    assert skills is not None
    assert state is not None
    assert index is not None
    assert skills.figures[0] == Figures(
        "anna", None, 26.5, 7.25, 4.75, matches=3, wins=1, losses=0, ties=2, score_total=7.0
    )
    assert (state.kind, state.games) == (PublishedKind.STATE, frozenset({"x", "y"}))
    assert state.figures[0].elo == 1516.25
    assert (index.kind, index.games, index.figures) == (PublishedKind.INDEX, frozenset({"x"}), ())


@pytest.mark.parametrize(
    ("name", "empty", "kind"),
    [
        ("stats.json", {}, PublishedKind.STATS),
        ("stats_simple.json", {}, PublishedKind.STATS_SIMPLE),
        ("game_index.json", [], PublishedKind.INDEX),
    ],
)
def test_an_empty_file_is_what_its_name_says(name: str, empty: object, kind: PublishedKind) -> None:
    published = read(empty, f"old.tar.zst::folder/{name}")

    assert published is not None
    assert published.kind is kind


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        7,
        None,
        "stats",
        ["anna"],
        {"a": 1},
        {"a": {"wins": 1}},
        [{"game_id": "x", "file": "x.json"}],
        {"metadata": {"game_id": "x"}, "rounds": []},
        {"version": 1, "game": {}, "players": {"0": {"name": "a"}}, "frames": []},
    ],
)
def test_other_documents_are_nobody_s(document: object) -> None:
    assert read(document) is None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"anna": TOTALS, "bert": 3}, r"'bert'"),
        ({"anna": {**TOTALS, "wins": -1}}, r"'anna'.*wins"),
        ({"anna": {**TOTALS, "wins": True}}, r"'anna'.*wins"),
        ({"anna": {**TOTALS, "wins": 2**31}}, r"'anna'.*wins"),
        ({"anna": {**TOTALS, "elo": "1500"}}, r"'anna'.*elo"),
        ({"anna": {**TOTALS, "elo": 1e300}}, r"'anna'.*elo"),
        ({"anna": {**TOTALS, "games": [GAME]}, "bert": TOTALS}, r"'bert' has no list of games"),
        ({"anna": {**TOTALS, "games": [{"game_id": 1}]}}, r"'anna'.*game_id"),
        ({"ratings": {"anna": TOTALS}, "game_ids": ["x", "x"]}, "not so many different texts"),
        ({"ratings": {"anna": {}}, "game_ids": []}, r"'anna'"),
        ([SKILL, SKILL], "'anna' is in it twice"),
        ([SKILL, {"name": "bert"}], "entry 2"),
        ([{"game_id": "x", "filename": "x.json"}, 3], "entry 2"),
    ],
)
def test_a_damaged_one_is_refused_by_file_and_entry(document: object, told: str) -> None:
    with pytest.raises(BadStatistics, match=rf"folder/file\.json.*damaged statistics.*{told}"):
        read(document)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not one JSON document"),
        (b"{} {}", "Extra data"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"anna": {"wins": 1, "losses": 0, "ties": 0, "apples_eaten": NaN}}', "NaN is no number"),
        (b'{"anna": ' + b"9" * 5_000 + b"}", "damaged"),
    ],
)
def test_bytes_that_are_no_document_are_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadStatistics, match=told):
        read_published(content, "x.json")


def test_names_come_as_the_store_keeps_them_and_bytes_as_windows_writes_them() -> None:
    crlf = json.dumps({"a\0b": TOTALS, "Zoë ": TOTALS}, indent=1).replace("\n", "\r\n").encode()

    published = read_published(b"\xef\xbb\xbf" + crlf, "x.json")

    assert published is not None
    assert [figures.competitor for figures in published.figures] == ["a\ufffdb", "Zoë "]


def test_names_that_the_store_could_not_tell_apart_are_refused() -> None:
    with pytest.raises(BadStatistics, match="twice"):
        read({"a\0": TOTALS, "a\ufffd": TOTALS})


@pytest.mark.shared
def test_every_published_file_is_known_for_what_it_is(shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    states = sorted((folder / "oracles").glob("*.json"))
    kinds = {
        "stats.json": (PublishedKind.STATS, 73),
        "stats_simple.json": (PublishedKind.STATS_SIMPLE, 73),
        "trueskill_3577.json": (PublishedKind.TRUESKILL, 73),
        "game_index.json": (PublishedKind.INDEX, 0),
    }

    for name, (kind, competitors) in kinds.items():
        found = read_published((folder / "expected" / name).read_bytes(), name)
        assert found is not None
        assert (found.kind, len(found.figures)) == (kind, competitors)
    for state in states:
        found = read_published(state.read_bytes(), state.name)
        assert found is not None
        assert found.games is not None
        assert (found.kind, len(found.games)) == (
            PublishedKind.STATE, json.loads(state.read_bytes())["games"],
        )  # fmt: skip
    mapping = folder / "expected" / "legacy_name_mapping.json"
    assert read_published(mapping.read_bytes(), mapping.name) is None


WORDS = st.sampled_from(
    ["wins", "losses", "ties", "apples_eaten", "elo", "games", "game_id", "filename", "name",
     "trueskill_mu", "ratings", "game_ids", "anna"]
)  # fmt: skip
"""Keys by which files are known, so that halves of them come up."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=30,
)


@given(JSON)
def test_no_document_breaks_the_reading(document: object) -> None:
    content = json.dumps(document).encode()

    with contextlib.suppress(BadStatistics):
        read_published(content, "stats.json")


def test_what_was_read_goes_from_process_to_process() -> None:
    published = read({"anna": {**TOTALS, "games": [GAME]}})

    assert pickle.loads(pickle.dumps(published)) == published
