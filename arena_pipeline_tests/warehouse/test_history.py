"""A history that came in, as the warehouse tells it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.leaderboard.board import board
from arena_pipeline.matches import replay
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import Match
from arena_pipeline.warehouse.auditing import audit
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.building.files import Layout
from arena_pipeline.warehouse.checking import check
from arena_pipeline.warehouse.query import Asking
from arena_pipeline_tests.importers.snakebench.makers import new_id
from arena_pipeline_tests.importers.snakebench.small_history import (
    GATEWAY_FAULT,
    HEADER_ONLY,
    NAMES,
    REPLAYS,
    write_history,
)
from arena_pipeline_tests.warehouse.asked import questions
from arena_pipeline_tests.warehouse.test_macros import dicts

MATCHES = REPLAYS + 1


@pytest.fixture
def history_store(moved_in: Settings) -> Iterator[Store]:
    """The store of `moved_in`."""
    with closing(open_ready_store(moved_in)) as store:
        yield store


def test_the_warehouse_says_what_the_store_says_and_can_be_audited(
    moved_in: Settings, history_store: Store
) -> None:
    assert check(history_store, moved_in).differences == ()

    found = audit(Layout(moved_in.warehouse_dir).parquet)

    assert found.is_sound, found.sentences
    assert {one.ladder: one.matches for one in found.ladders} == {
        "snake": MATCHES - 1, "snakebench": MATCHES,
    }  # fmt: skip


def test_either_database_s_history_is_taken_over_whole(
    store: Store, arena_settings: Settings, tmp_path: Path
) -> None:
    folder = write_history(tmp_path / "history")
    import_history(store, arena_settings.replay_dir, [folder])

    built = build(store, arena_settings, moves=True)

    assert built.problems == ()
    assert check(store, arena_settings).differences == ()
    assert audit(built.parquet).is_sound
    with Asking(arena_settings) as asking:
        assert asking.ask("SELECT count(*) FROM beats('snakebench')").rows == [(6,)]


@pytest.mark.parametrize("ladder", ["snakebench", "snake"])
def test_who_beats_whom_counts_what_the_ladder_counts(
    asking_history: Asking, history_store: Store, ladder: str
) -> None:
    standings = {row.competitor: row for row in board(history_store, ladder).rows}

    found = dicts(asking_history, f"FROM beats('{ladder}')")

    for name, row in standings.items():
        own = [one for one in found if one["competitor"] == name]
        assert sum(one["matches"] for one in own) == row.matches
        assert sum(one["wins"] for one in own) == row.wins
        eaten = sum(one["score_per_match"] * one["matches"] for one in own)
        assert eaten == pytest.approx(row.score_total)
    if ladder == "snakebench":
        assert standings.keys() == set(NAMES)


def test_the_table_of_wins_has_a_column_for_each_of_the_best(asking_history: Asking) -> None:
    (question,) = (one for one in questions() if one.number == 25)

    answer = asking_history.ask(question.sql)

    assert [column.name for column in answer.columns] == ["competitor", *sorted(NAMES)]
    assert [row[0] for row in answer.rows] == sorted(NAMES)
    for at, row in enumerate(answer.rows):
        assert row[at + 1] is None
        others = [value for place, value in enumerate(row[1:]) if place != at]
        assert all(isinstance(value, float) and 0 <= value <= 1 for value in others)


def test_what_is_known_of_an_import_can_be_asked(asking_history: Asking) -> None:
    rows = dicts(
        asking_history,
        "SELECT uuid, verification, info ->> 'layout' AS layout, info ->> 'import' AS system, "
        "source_path, ended_at_text, replay_missing, seed FROM matches ORDER BY ended_at",
    )

    assert {row["system"] for row in rows} == {"snakebench"}
    assert {row["uuid"]: row["verification"] for row in rows} == {
        new_id(number): "header_only" if number == HEADER_ONLY else "verified"
        for number in range(MATCHES)
    }
    assert {row["layout"] for row in rows} >= {"v0a", "v0c", "v1_native", "header"}
    assert all(row["seed"] is None and row["ended_at_text"] for row in rows)
    (lined,) = (row for row in rows if row["replay_missing"])
    assert lined["source_path"].endswith("headers.jsonl:1")


def test_the_moves_of_imported_replays_are_told_with_their_words_and_faults(
    asking_history: Asking, history_store: Store, moved_in: Settings
) -> None:
    uuid = new_id(GATEWAY_FAULT)
    with history_store.read() as connection:
        match = connection.execute(select(Match.__table__).where(Match.uuid == uuid)).one()
    steps = replay.read(moved_in.replay_dir, match.replay_path, match.replay_digest)["steps"]

    found = dicts(asking_history, f"FROM moves_of('{uuid}')")

    assert [(row["step"], row["slot"], row["action"]) for row in found] == [
        (number, int(slot), action)
        for number, step in enumerate(steps)
        for slot, action in sorted(step["actions"].items())
    ]
    assert [(row["step"], row["slot"]) for row in found if row["fault"]] == [(1, 0)]
    assert all(row["rationale"] for row in found)
    told = asking_history.ask("SELECT count(DISTINCT uuid) FROM moves").rows
    assert told == [(REPLAYS,)]


def test_published_ratings_stand_beside_ours(asking_history: Asking) -> None:
    (question,) = (one for one in questions() if one.number == 28)

    rows = asking_history.ask(question.sql).rows

    assert {row[1] for row in rows} == set(NAMES)
