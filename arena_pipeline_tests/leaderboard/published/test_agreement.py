"""Published numbers are held against ours: what is equal, what differs, and from which match on."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED
from arena_pipeline.importers.snakebench.recording.published import read_published
from arena_pipeline.leaderboard.exports import LEGACY, export
from arena_pipeline.leaderboard.ladders import ensure_ladder, ladder_row
from arena_pipeline.leaderboard.published import Figures, Published, PublishedKind
from arena_pipeline.leaderboard.published.agreement import Agreement, agreement
from arena_pipeline.leaderboard.published.parting import Disparity
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Match, Ordering, Participant
from arena_pipeline_tests.leaderboard.exports.small_history import (
    DUEL,
    ENDLESS,
    HISTORY,
    INDEX,
    LATE,
    SELF_PLAY,
    SIMPLE,
    STATS,
    THREE,
    UPSET,
    insert_history,
)

Compare = Callable[..., Agreement]


@pytest.fixture
def compare(store: Store) -> Compare:
    """Compares a published document with the small history."""
    insert_history(store)

    def run(document: Any, games: list[str] | None = None) -> Agreement:
        published = read_published(json.dumps(document).encode(), "stats.json")
        assert published is not None
        return compared(store, published, games)

    return run


def compared(store: Store, published: Published, games: list[str] | None = None) -> Agreement:
    with store.read() as connection:
        return agreement(connection, ladder_row(connection, AS_PUBLISHED), published, games)


def altered(competitor: str, number: int, **changes: Any) -> Any:
    """The statistics with another word in one competitor's record of one game."""
    stats = deepcopy(STATS)
    stats[competitor]["games"][number].update(changes)
    return stats


@pytest.mark.parametrize("document", [STATS, SIMPLE], ids=["stats", "simple"])
def test_what_was_published_of_these_matches_is_equal(compare: Compare, document: Any) -> None:
    found = compare(document)

    assert found.is_equal
    assert (found.matches, found.competitors, found.equal) == (7, 9, 9)
    assert (found.largest, found.first, found.differences) == (None, None, ())


def test_an_index_is_equal_if_all_its_matches_are_there(compare: Compare) -> None:
    stranger = {**INDEX[0], "game_id": "not-here"}

    assert compare(INDEX).is_equal
    found = compare([*INDEX, stranger])

    assert (found.is_equal, found.unknown) == (False, ("not-here",))


@pytest.mark.parametrize(
    ("competitor", "number", "change", "where"),
    [
        ("anna", 0, {"result": "lost"}, DUEL),
        ("anna", 1, {"my_score": 8}, UPSET),
        ("bert", 1, {"opponent_elo": 1498.6}, UPSET),
        ("ivy", 0, {"opponent_model": "anna"}, ENDLESS),
        ("ivy", 1, {"end_time": "2025-03-01T10:08:30.5"}, LATE),
        ("hal", 1, {"death_info": {"reason": "wall", "round": 4}}, LATE),
        ("eva", 0, {"result": "tied"}, THREE),
        ("cleo", 2, {"result": "lost"}, SELF_PLAY),
        ("fred", 0, {"opponent_elo": None}, THREE),
    ],
)
def test_one_altered_word_names_its_match(
    compare: Compare, competitor: str, number: int, change: dict[str, Any], where: dict[str, Any]
) -> None:
    found = compare(altered(competitor, number, **change))

    assert found.first is not None
    assert not found.is_equal
    assert found.first.uuid == where["game_id"]
    [field] = change
    assert {(one.competitor, one.field) for one in found.first.differences} == {(competitor, field)}


def test_the_first_of_several_is_named_with_its_place_and_both_competitors(
    compare: Compare,
) -> None:
    stats = altered("hal", 1, result="won")
    stats["bert"]["games"][0]["result"] = "won"

    first = compare(stats).first

    assert first is not None
    assert (first.uuid, first.sequence, first.ended) == (DUEL["game_id"], 2, DUEL["end_time"])
    assert first.competitors == ("anna", "bert")
    assert first.differences == (Disparity("bert", "result", "won", "lost"),)


def test_ratings_of_another_history_part_where_that_history_does(
    store: Store, compare: Compare, tmp_path: Path
) -> None:
    upset = select(Match.id).where(Match.uuid == UPSET["game_id"])
    bert = (Participant.name == "bert") & Participant.match_id.in_(upset)
    with store.write() as connection:
        connection.execute(update(Participant).where(bert).values(result="lost"))
    export(store, tmp_path / "other", AS_PUBLISHED, [LEGACY], [one["game_id"] for one in HISTORY])
    with store.write() as connection:
        connection.execute(update(Participant).where(bert).values(result="won"))

    found = compare(json.loads((tmp_path / "other" / "stats.json").read_text()))

    assert found.first is not None
    assert found.first.uuid == UPSET["game_id"]
    assert {one.field for one in found.first.differences} == {"result", "opponent_elo"}
    assert (found.different, found.equal) == (2, 7)


def test_a_record_left_out_and_one_too_many_are_told(compare: Compare) -> None:
    without = deepcopy(STATS)
    del without["bert"]["games"][0]
    twice = deepcopy(STATS)
    twice["bert"]["games"].append(twice["bert"]["games"][0])

    missing, extra = compare(without).first, compare(twice).first

    assert missing is not None
    assert missing.differences == (Disparity("bert", "match", None, DUEL["game_id"]),)
    assert extra is not None
    assert extra.differences == (Disparity("bert", "match", DUEL["game_id"], None),)


@pytest.mark.parametrize(
    ("ended", "parted"), [("2025-03-01T10:05:00", "lost"), ("2025-03-01T10:06:59", UPSET)]
)
def test_a_match_that_is_not_here_is_where_they_part_unless_they_had_before(
    compare: Compare, ended: str, parted: Any
) -> None:
    stats = altered("anna", 1, result="won")
    lost = {**stats["eva"]["games"][0], "game_id": "lost", "end_time": ended}
    stats["eva"]["games"].append(lost)

    found = compare(stats)

    assert found.unknown == ("lost",)
    assert found.first is not None
    expected = parted if isinstance(parted, str) else parted["game_id"]
    assert (found.first.uuid, found.first.sequence is None) == (expected, expected == "lost")


def test_a_match_that_the_ladder_does_not_rate_is_where_they_part(
    store: Store, compare: Compare
) -> None:
    ensure_ladder(
        store, "clean", "snake", competitor=CompetitorKind.NAME, ordering=Ordering.ENDED_AT
    )
    published = read_published(json.dumps(STATS).encode(), "stats.json")
    assert published is not None

    with store.read() as connection:
        found = agreement(connection, ladder_row(connection, "clean"), published)

    assert found.unknown == ()
    assert found.first is not None
    assert (found.first.uuid, found.first.sequence) == (SELF_PLAY["game_id"], None)
    assert found.first.competitors == ("cleo", "cleo")


def test_totals_alone_may_differ(compare: Compare) -> None:
    stats = deepcopy(STATS)
    stats["anna"]["elo"] += 1e-9
    stats["bert"]["wins"] += 1

    found = compare(stats)

    assert found.first is None
    assert (found.equal, found.rounded, found.different) == (7, 0, 2)
    assert [(one.competitor, one.field) for one in found.differences] == [
        ("anna", "elo"), ("bert", "wins"),
    ]  # fmt: skip
    assert found.largest is not None
    assert found.largest.gap == pytest.approx(1e-9, rel=1e-3)


def test_the_last_bits_are_rounding_and_counted_apart(compare: Compare) -> None:
    simple = deepcopy(SIMPLE)
    simple["anna"]["elo"] += 4.6e-13

    found = compare(simple)

    assert found.is_equal
    assert (found.equal, found.rounded) == (8, 1)


def test_who_is_only_on_one_side_is_named(compare: Compare) -> None:
    simple = deepcopy(SIMPLE)
    simple["zack"] = simple.pop("gus")

    found = compare(simple)

    assert (found.missing, found.extra, found.is_equal) == (("zack",), ("gus",), False)


def test_a_file_is_compared_over_the_matches_it_covers(compare: Compare) -> None:
    totals = {"wins": 1, "losses": 0, "ties": 0, "apples_eaten": 5, "elo": 1516.0}
    loser = {**totals, "wins": 0, "losses": 1, "apples_eaten": 2, "elo": 1484.0}
    ratings = {"anna": totals, "bert": loser}

    state = compare({"game_ids": [DUEL["game_id"]], "ratings": ratings})
    told = compare(ratings, [DUEL["game_id"]])
    untold = compare(ratings)

    assert (state.is_equal, state.matches) == (True, 1)
    assert told.is_equal
    assert (untold.is_equal, untold.matches, untold.tells_matches) == (False, 7, False)


def test_trueskill_is_compared_to_a_billionth(store: Store) -> None:
    insert_history(store)
    with store.read() as connection:
        row = ladder_row(connection, AS_PUBLISHED)
        nothing = Published(PublishedKind.TRUESKILL, (Figures("anna", trueskill_mu=0.0),))
        first = agreement(connection, row, nothing)
    [ours] = [one.ours for one in first.differences]
    near = Published(PublishedKind.TRUESKILL, (Figures("anna", trueskill_mu=ours + 9e-10),))
    far = Published(PublishedKind.TRUESKILL, (Figures("anna", trueskill_mu=ours + 2e-9),))

    assert (compared(store, near).rounded, compared(store, near).different) == (1, 0)
    assert (compared(store, far).rounded, compared(store, far).different) == (0, 1)


def test_what_ours_does_not_have_at_all_is_infinitely_far(store: Store) -> None:
    insert_history(store)
    times = Figures("ivy", first_game_time="2025-01-01", top_score=2.0)

    found = compared(store, Published(PublishedKind.STATS_SIMPLE, (times,)))

    assert [(one.field, one.gap) for one in found.differences] == [
        ("first_game_time", float("inf"))
    ]
