"""Two ladders side by side: who moved, by how much, and why."""

from typing import Any

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.side_by_side import Moved, NotComparable, side_by_side
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers
from arena_pipeline_tests.leaderboard.deciding import record_duels

SLUGS = {
    "o3": "v/o3",
    "O3": "v/o3",
    "sonnet": "v/sonnet",
    "flash": "v/flash",
    "name": "snakebench/name",
    "alone": "v/alone",
}


def games() -> list[dict[str, Any]]:
    return [
        header(1, ("o3", "won", 3), ("sonnet", "lost", 1)),
        header(2, ("O3", "lost", 2), ("sonnet", "won", 4)),
        header(3, ("flash", "won", 1), ("sonnet", "lost", 0)),
        header(4, ("o3", "won", 1), ("o3", "lost", 0)),
        header(5, ("o3", "won", 1), ("O3", "lost", 0)),
        header(6, ("name", "won", 1), ("o3", "lost", 0)),
        header(7, ("flash", "won", 9), ("o3", "lost", 0)),
        header(8, ("alone", "won", 9), ("alone", "lost", 0)),
    ]


@pytest.fixture
def filled(store: Store, recorder: Recorder) -> Store:
    """Both ladders over these games; on `snake` two bots have played as well."""
    given = games()
    insert_headers(
        store, given, slugs=SLUGS, faults={given[6]["game_id"]: 2}, placeholders=["name"]
    )
    ensure_ladder_as_published(store)
    catch_up(store, AS_PUBLISHED)
    record_duels(store, recorder, list(add_agents(store, "greedy", "flood").values()), 4)
    catch_up(store, "snake")
    return store


def compared(store: Store) -> dict[str, Moved]:
    rows = side_by_side(store, AS_PUBLISHED, "snake").rows
    return {(row.one or row.other).competitor: row for row in rows}  # type: ignore[union-attr]


def test_names_are_joined_to_their_models(filled: Store) -> None:
    rows = compared(filled)

    assert rows.keys() == {*SLUGS, "greedy", "flood"}
    for name in ("o3", "O3", "sonnet", "flash"):
        other = rows[name].other
        assert other is not None
        assert other.competitor == SLUGS[name]


def test_who_moved_and_by_how_much_is_what_the_boards_say(filled: Store) -> None:
    published = {row.competitor: row for row in board(filled, AS_PUBLISHED).rows}
    clean = {row.competitor: row for row in board(filled, "snake").rows}

    row = compared(filled)["sonnet"]

    assert row.change == clean["v/sonnet"].rating - published["sonnet"].rating
    assert row.climbed == published["sonnet"].rank - clean["v/sonnet"].rank
    assert row.one is not None
    assert (row.one.matches, row.one.rating) == (3, published["sonnet"].rating)


def test_why_is_each_reason_with_its_seats(filled: Store) -> None:
    rows = compared(filled)

    assert rows["o3"].not_counted == {"self_play": 3, "placeholder": 1, "gateway_faults": 1}
    assert rows["O3"].not_counted == {"self_play": 1}
    assert rows["flash"].not_counted == {"gateway_faults": 1}
    assert rows["sonnet"].not_counted == {}


def test_names_joined_to_one_model_are_named(filled: Store) -> None:
    rows = compared(filled)

    assert rows["o3"].joined_with == ("O3",)
    assert rows["O3"].joined_with == ("o3",)
    assert rows["sonnet"].joined_with == ()


def test_who_stands_on_one_side_only_is_there_with_the_reason(filled: Store) -> None:
    rows = compared(filled)

    assert rows["name"].other is None
    assert rows["name"].not_counted == {"placeholder": 1}
    assert rows["alone"].not_counted == {"self_play": 2}
    assert rows["alone"].change is rows["alone"].climbed is None
    greedy = rows["greedy"]
    assert greedy.one is None
    assert greedy.other is not None
    assert greedy.more == greedy.other.matches == 4


def test_the_seats_of_both_sides_add_up(filled: Store) -> None:
    rows = list(compared(filled).values())

    for row in rows:
        if row.other is None or row.one is None:
            continue
        joined = [one for one in rows if one.other == row.other and one.one is not None]
        kept = sum(one.one.matches - sum(one.not_counted.values()) for one in joined if one.one)
        assert row.other.matches == kept + row.more


def test_a_ladder_beside_itself_has_not_moved(filled: Store) -> None:
    rows = side_by_side(filled, "snake", "snake").rows

    assert {(row.change, row.climbed, row.more) for row in rows} == {(0.0, 0, 0)}
    assert all(row.one == row.other and not row.not_counted for row in rows)


def test_a_match_that_a_ladder_never_judged_is_out_of_its_scope(filled: Store) -> None:
    rows = side_by_side(filled, "snake", AS_PUBLISHED).rows

    (greedy,) = (row for row in rows if row.one and row.one.competitor == "greedy")
    assert greedy.not_counted == {"out_of_scope": 4}
    assert greedy.other is None


def test_as_json_both_sides_and_the_change_are_there(filled: Store) -> None:
    shown = side_by_side(filled, AS_PUBLISHED, "snake").to_json()

    assert (shown["one"]["ladder"], shown["one"]["matches"]) == (AS_PUBLISHED, 8)
    assert (shown["other"]["ladder"], shown["other"]["matches"]) == ("snake", 7)
    first = shown["rows"][0]
    assert first["change"] == first["other"]["rating"] - first["one"]["rating"]


def test_ladders_of_different_numbers_or_games_are_refused(store: Store) -> None:
    ensure_ladder(store, "scores", "snake", policy={"system": "mean_score"})
    ensure_ladder(store, "nim", "nim")

    with pytest.raises(NotComparable, match="their systems are elo and mean_score"):
        side_by_side(store, "snake", "scores")
    with pytest.raises(NotComparable, match="their games are snake and nim"):
        side_by_side(store, "snake", "nim")
    with pytest.raises(NotFound, match="No ladder 'chess'"):
        side_by_side(store, "snake", "chess")
