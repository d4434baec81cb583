"""Macros: what they tell is what the store says."""

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.days import standings_on
from arena_pipeline.matches import replay
from arena_pipeline.registry import history
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Participant, RatingEvent
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.opening import connect
from arena_pipeline.warehouse.query import Asking, QueryError
from arena_pipeline_tests.warehouse.filled import MATCHES, MODEL, OLD_NAME, PLAYERS

TODAY = datetime.now(UTC).date


def dicts(asking: Asking, sql: str, parameters: list[object] | None = None) -> list[dict[str, Any]]:
    """The rows of an answer by column name."""
    answer = asking.ask(sql, parameters)
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


@pytest.mark.parametrize("ladder", ["snake", "apples"])
def test_the_leaderboard_is_the_board(asking: Asking, filled_store: Store, ladder: str) -> None:
    shown = dicts(asking, f"FROM leaderboard('{ladder}')")

    for row in shown:
        assert row.pop("win_rate") == row["wins"] / row["matches"]
        assert row.pop("score_per_match") == row["score_total"] / row["matches"]
        row["rank"] = row.pop("position")
    assert shown == [asdict(row) for row in board(filled_store, ladder).rows]
    assert {row["status"] for row in shown} >= {"untested"}


def test_without_a_name_it_is_the_default_ladder(asking: Asking) -> None:
    assert dicts(asking, "FROM leaderboard()") == dicts(asking, "FROM leaderboard('snake')")
    assert {row["status"] for row in dicts(asking, "FROM leaderboard()")} == {
        "inactive", "ranked", "placing", "untested",
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked", ["leaderboard('x')", "beats('x')", "rating_at('x', now())",
              "standings_on('x', today())", "rating_history('greedy', 'x')"],
)  # fmt: skip
def test_an_unknown_ladder_is_named(asking: Asking, asked: str) -> None:
    with pytest.raises(QueryError, match="No ladder 'x'; there are: apples, snake"):
        asking.ask(f"FROM {asked}")


def events(store: Store, ladder: int = 1) -> list[Any]:
    """The ledger in force, in order."""
    query = text(
        "SELECT e.sequence, e.competitor, e.before, e.after FROM rating_events e "
        "JOIN ladders l ON l.id = e.ladder_id AND l.epoch = e.epoch "
        "WHERE l.id = :ladder ORDER BY e.sequence"
    )
    with store.read() as connection:
        return list(connection.execute(query, {"ladder": ladder}))


def test_the_rating_now_is_the_leaderboard_s(asking: Asking) -> None:
    now = dicts(asking, "FROM rating_at('snake', now())")

    board = dicts(asking, "FROM leaderboard('snake')")
    assert [(row["position"], row["competitor"], row["rating"]) for row in now] == [
        (row["position"], row["competitor"], row["rating"]) for row in board
    ]
    assert [row["matches"] for row in now] == [row["matches"] for row in board]
    assert dicts(asking, "FROM rating_at(NULL, today())") == now


def test_the_rating_at_a_moment_is_the_ledger_s_until_then(
    asking: Asking, filled_store: Store
) -> None:
    half = asking.ask("SELECT ended_at FROM ladder_matches WHERE ladder='snake' AND sequence = 30")
    ((moment,),) = half.rows
    expected = {line.competitor: line.after for line in events(filled_store) if line.sequence <= 30}

    found = dicts(asking, "FROM rating_at('snake', ?)", [moment])
    earlier = dicts(asking, "FROM rating_at('snake', ?)", [moment - timedelta(microseconds=1)])

    assert {row["competitor"]: row["rating"] for row in found} == expected
    assert max(row["sequence"] for row in earlier) == 29
    assert dicts(asking, "FROM rating_at('snake', '2020-01-01')") == []


def test_a_history_is_a_competitor_s_lines_of_the_ledger(
    asking: Asking, filled_store: Store
) -> None:
    expected = [
        (line.sequence, line.before, line.after)
        for line in events(filled_store)
        if line.competitor == "greedy"
    ]

    found = dicts(asking, "FROM rating_history('greedy')")

    assert [(row["sequence"], row["before"], row["after"]) for row in found] == expected
    assert {len(row["opponents"]) for row in found} == {1}
    assert {row["match"] for row in found} <= matches(filled_store, MatchState.FINISHED)
    apples = dicts(asking, "FROM rating_history('greedy', ladder := 'apples')")
    assert [row["sequence"] for row in apples] == [row["sequence"] for row in found]
    assert apples[-1]["after"] != found[-1]["after"]


def matches(store: Store, state: MatchState) -> set[str]:
    """The uuids of the matches in that state."""
    with store.read() as connection:
        return set(connection.scalars(select(Match.uuid).where(Match.state == state)))


def test_two_players_are_compared_by_the_matches_in_which_both_sat(
    asking: Asking, filled_store: Store
) -> None:
    with filled_store.read() as connection:
        seats: dict[int, dict[str, str]] = {}
        query = select(Participant.match_id, Participant.name, Participant.result).join(
            Match, Match.id == Participant.match_id
        )
        for seat in connection.execute(query.where(Match.state == MatchState.FINISHED)):
            seats.setdefault(seat.match_id, {})[seat.name] = seat.result
    met = [one for one in seats.values() if one.keys() == {"greedy", "four-o"}]

    (duel,) = dicts(asking, f"FROM head_to_head('greedy', '{MODEL}')")
    (turned,) = dicts(asking, "FROM head_to_head('four-o', 'greedy')")

    assert duel["matches"] == len(met) > 0
    assert duel["a_wins"] == sum(one["greedy"] == "won" for one in met) == turned["b_wins"]
    assert duel["ties"] == sum(one["greedy"] == "tied" for one in met)
    for how in ("a_points_per_match", "a_points_by_score", "a_points_by_survival"):
        assert duel[how] + turned[how] == pytest.approx(1)
    (nobody,) = dicts(asking, "FROM head_to_head('greedy', 'nobody')")
    assert (nobody["matches"], nobody["a_points_per_match"]) == (0, None)


def test_a_day_s_standings_are_what_was_published(asking: Asking, filled_store: Store) -> None:
    published = standings_on(filled_store, "snake", TODAY())

    found = dicts(asking, "FROM standings_on('snake', today() + 5)")

    assert [(row["position"], row["competitor"], row["rating"]) for row in found] == [
        (row.rank, row.competitor, row.rating) for row in published.rows
    ]
    assert {row["taken_at"] for row in found} == {published.taken_at}
    assert dicts(asking, "FROM standings_on('snake', '2020-01-01')") == []
    with pytest.raises(NotFound):
        standings_on(filled_store, "snake", date(2020, 1, 1))


def test_catalog_changes_are_the_history_s(asking: Asking, filled_store: Store) -> None:
    expected = history.changes(filled_store)

    found = dicts(asking, "FROM catalog_changes('2000-01-01')")

    assert [(row["fetched_at"], row["slug"], row["kind"], row["is_flip"]) for row in found] == [
        (change.at, change.slug, change.kind, change.is_flip) for change in expected
    ]
    last = dicts(asking, "FROM catalog_changes(?)", [expected[0].at])
    assert {row["kind"] for row in last} == {"repriced", "renamed"}


@pytest.mark.parametrize("name", [MODEL, OLD_NAME, "GPT-4o"])
def test_a_price_is_found_by_any_name_and_day(
    asking: Asking, filled_store: Store, name: str
) -> None:
    for days in (0, 1, 2):
        day = TODAY() - timedelta(days=days)
        expected = history.price_on(filled_store, MODEL, day)

        found = dicts(asking, "FROM price_on(?, ?)", [name, day])

        assert [(row["slug"], row["price_prompt"], row["price_completion"]) for row in found] == (
            [(MODEL, expected.price_prompt, expected.price_completion)] if expected else []
        )


def test_a_name_of_several_models_gives_a_row_for_each(asking: Asking) -> None:
    assert [row["slug"] for row in dicts(asking, "FROM price_on('Shared', today())")] == [
        "acme/other0", "acme/other1", "acme/other2",
    ]  # fmt: skip
    assert dicts(asking, "FROM price_on('nobody', today())") == []


def test_the_moves_of_a_match_are_its_replay_s(
    asking: Asking, filled: Settings, filled_store: Store
) -> None:
    with filled_store.read() as connection:
        match = connection.execute(select(Match.__table__).order_by(Match.id)).first()
    assert match is not None
    steps = replay.read(filled.replay_dir, match.replay_path, match.replay_digest)["steps"]
    expected = [
        (step, int(slot), action)
        for step, taken in enumerate(steps)
        for slot, action in sorted(taken["actions"].items())
    ]

    by_uuid = dicts(asking, f"FROM moves_of('{match.uuid}')")

    assert [(row["step"], row["slot"], row["action"]) for row in by_uuid] == expected
    assert dicts(asking, f"FROM moves_of({match.id})") == by_uuid
    assert {row["agent"] for row in by_uuid} <= set(PLAYERS)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_moments_and_days_are_utc_in_any_zone(filled: Settings, zone: str) -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    end = datetime(2026, 11, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    with closing(connect(filled)) as connection:
        connection.execute(f"SET TimeZone = '{zone}'")
        (found,) = connection.execute(
            "SELECT utc_moment('2026-11-01 12:00'), utc_moment(TIMESTAMP '2026-11-01 12:00:00'), "
            "utc_moment('2026-11-01T14:00:00+02:00'), utc_moment('2026-11-01 12:00:00Z'), "
            "utc_end('2026-11-01'), utc_end(DATE '2026-11-01'), utc_end('2026-11-01 12:00'), "
            "utc_moment(now()) = now(), utc_end(now()) = now()"
        ).fetchall()

    assert found == (noon, noon, noon, noon, end, end, noon, True, True)


def test_ratings_are_those_of_the_epoch_in_force(asking: Asking, filled_store: Store) -> None:
    with filled_store.read() as connection:
        total = len(connection.execute(select(RatingEvent.sequence)).all())

    ((kept,),) = asking.ask("SELECT count(*) FROM rating_events").rows

    assert kept == 2 * 2 * (MATCHES - 1) < total


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_match_of_unknown_end_counts_at_any_moment(
    stocked: Store, arena_settings: Settings
) -> None:
    with stocked.write() as connection:
        connection.exec_driver_sql("UPDATE matches SET ended_at = NULL WHERE id = 1")
        connection.exec_driver_sql("UPDATE ladder_matches SET ended_at = NULL WHERE match_id = 1")
    build(stocked, arena_settings)

    with Asking(arena_settings) as asking:
        (early, now) = (
            dicts(asking, "FROM rating_at('snake', ?)", [moment])
            for moment in ("2000-01-01", "2100-01-01")
        )
        board = dicts(asking, "FROM leaderboard('snake')")

    assert [row["matches"] for row in early] == [1, 1]
    assert [row["matches"] for row in now] == [row["matches"] for row in board]
