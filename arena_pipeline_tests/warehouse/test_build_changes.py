"""What a later build takes over from the one before, and what it reads anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.leaderboard.voiding import unvoid, void
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LadderMatch, Match
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.building.files import Layout
from arena_pipeline.warehouse.columns import quoted
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.opening import connect
from arena_pipeline.warehouse.tables import TABLES
from arena_pipeline_tests.warehouse.stocked import MONTHS, files_of, record

Rows = list[tuple[Any, ...]]


def asked(settings: Settings, sql: str) -> Rows:
    with connect(settings) as connection:
        return connection.execute(sql).fetchall()


def everything(settings: Settings) -> dict[str, Rows]:
    return {name: asked(settings, f"SELECT * FROM {quoted(name)} ORDER BY ALL") for name in TABLES}


def test_nothing_new_takes_everything_over(stocked: Store, arena_settings: Settings) -> None:
    first = build(stocked, arena_settings)
    before = everything(arena_settings)

    second = build(stocked, arena_settings)

    assert (second.kind, second.rebuilt, second.kept) == ("incremental", 0, first.rebuilt)
    assert second.notes == ()
    assert everything(arena_settings) == before


def test_steps_lead_to_the_same_files_as_one_build(
    stocked: Store, arena_settings: Settings
) -> None:
    def voided(act: Any) -> None:
        with stocked.read() as connection:
            uuid = connection.scalar(select(Match.uuid).order_by(Match.id).limit(1))
        act(stocked, [uuid], actor="eve", reason="a test")

    def mended() -> None:
        with stocked.write() as connection:
            connection.execute(update(LadderMatch).values(digest="0" * 64))
        assert recompute(stocked, "snake").epoch > 1

    def everything_else() -> None:
        voided(unvoid)
        record(stocked, arena_settings, 14, 15, [datetime(2025, 1, 1, tzinfo=UTC)])
        mended()

    build(stocked, arena_settings)
    steps: list[Callable[[], object]] = [
        lambda: record(stocked, arena_settings, 12, 14, [MONTHS[2]]),
        lambda: voided(void),
        everything_else,
    ]
    for step in steps:
        step()
        built = build(stocked, arena_settings)
        rows, files = everything(arena_settings), files_of(built.parquet)
        whole = build(stocked, arena_settings, full=True)

        assert (built.notes, whole.kind, whole.kept) == ((), "full", 0)
        assert rows == everything(arena_settings)
        assert files == files_of(whole.parquet)
        assert rows["matches"]
        assert len(rows["matches"]) == built.tables["matches"]


def test_only_the_months_that_changed_are_read(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)
    record(stocked, arena_settings, 12, 13, [MONTHS[2]])

    built = build(stocked, arena_settings)

    # Matches, participants, places and events of November; the month of the calls is August.
    assert (built.kind, built.rebuilt) == ("incremental", 4)


def test_another_store_in_the_place_of_the_first_is_read_anew(
    stocked: Store, arena_settings: Settings
) -> None:
    build(stocked, arena_settings)
    later = timedelta(microseconds=1)
    with stocked.write() as connection:
        for match in connection.execute(select(Match.id, Match.ended_at)).all():
            moved = update(Match).where(Match.id == match.id)
            connection.execute(moved.values(ended_at=match.ended_at + later, rounds=7))

    build(stocked, arena_settings)

    assert asked(arena_settings, "SELECT DISTINCT rounds FROM matches") == [(7,)]


def test_matches_still_being_played_are_left_out(stocked: Store, arena_settings: Settings) -> None:
    with stocked.write() as connection:
        newest = connection.scalar(select(Match.id).order_by(Match.id.desc()).limit(1))
        connection.execute(
            update(Match).where(Match.id == newest).values(state="running", ended_at=None)
        )

    built = build(stocked, arena_settings)

    assert built.tables["matches"] == 11
    assert asked(arena_settings, f"SELECT uuid FROM ladder_matches WHERE match_id = {newest}") == [
        (None,)
    ]


def test_a_match_of_unknown_end_has_a_month_of_its_own(
    stocked: Store, arena_settings: Settings
) -> None:
    with stocked.write() as connection:
        newest = connection.scalar(select(Match.id).order_by(Match.id.desc()).limit(1))
        connection.execute(update(Match).where(Match.id == newest).values(ended_at=None))

    build(stocked, arena_settings)

    assert asked(arena_settings, "SELECT id FROM matches WHERE month = 'unknown'") == [(newest,)]


def test_an_arena_without_matches_has_all_tables(store: Store, arena_settings: Settings) -> None:
    build(store, arena_settings)

    assert asked(arena_settings, "SELECT count(*) FROM matches") == [(0,)]
    assert asked(arena_settings, "SELECT name FROM ladders") == [("snake",)]


def test_moves_come_when_asked_for_and_stay(stocked: Store, arena_settings: Settings) -> None:
    without = build(stocked, arena_settings)
    with_moves = build(stocked, arena_settings, moves=True)
    record(stocked, arena_settings, 12, 13, [MONTHS[2]])
    later = build(stocked, arena_settings)

    assert (without.tables["moves"], with_moves.problems) == (0, ())
    assert with_moves.tables["moves"] == later.tables["moves"] > 0
    assert asked(
        arena_settings,
        "SELECT count(*) FROM moves v JOIN participants p USING (match_id, slot) "
        "JOIN matches m ON m.id = v.match_id WHERE v.agent = p.agent AND v.uuid = m.uuid",
    ) == [(later.tables["moves"],)]


def test_a_damaged_replay_is_reported_and_the_others_are_read(
    stocked: Store, arena_settings: Settings
) -> None:
    replay = next(arena_settings.replay_dir.rglob("*.zst"))
    replay.write_bytes(b"not a replay")

    built = build(stocked, arena_settings, moves=True)

    (problem,) = built.problems
    assert replay.name.partition(".")[0] in problem
    assert asked(arena_settings, "SELECT count(DISTINCT match_id) FROM moves") == [(11,)]


@pytest.mark.parametrize("database", ["sqlite"])  # PostgreSQL keeps no such time
def test_an_end_that_is_no_time_never_becomes_a_folder(
    stocked: Store, arena_settings: Settings
) -> None:
    before = build(stocked, arena_settings)
    with stocked.write() as connection:
        connection.exec_driver_sql("UPDATE matches SET ended_at = '../../../evil' WHERE id = 1")

    with pytest.raises(WarehouseError, match=r"'\.\./\.\./\.', which is no month"):
        build(stocked, arena_settings)

    assert Layout(arena_settings.warehouse_dir).current() == before.parquet.resolve().parent
