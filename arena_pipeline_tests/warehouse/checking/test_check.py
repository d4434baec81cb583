"""The warehouse against the store: alike after a build, behind after a match, wrong if altered."""

import re

import duckdb  # noqa: TID253 - the file under test is altered with it
import pytest
from sqlalchemy import func, select, update

from arena_pipeline.leaderboard.voiding import void
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.agents import agent
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Match, Participant, Standing
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.building.files import Layout
from arena_pipeline.warehouse.checking import WarehouseCheck, behind, check
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline_tests.leaderboard.deciding import LOST, WON, decided
from arena_pipeline_tests.warehouse.auditing.published import fill, forge


def play_one(store: Store, settings: Settings, seed: int = 999) -> str:
    """Record one more match; returns its uuid."""
    pair = [Entrant(name, agent_id=agent(store, name).id) for name in ("anna", "bert")]
    match = decided(store, pair, [WON, LOST], seed=seed)
    Recorder(store, settings.replay_dir).record([match])
    return match.uuid


def alter(settings: Settings, statement: str) -> None:
    """Change the DuckDB file in place."""
    with duckdb.connect(str(Layout(settings.warehouse_dir).database)) as connection:
        connection.execute(statement)


def test_a_fresh_warehouse_is_what_either_store_says(
    store: Store, recorder: Recorder, arena_settings: Settings
) -> None:
    fill(store, recorder)
    with store.write() as connection:
        connection.execute(update(Participant).values(cost=func.abs(Participant.slot)))
    build(store, arena_settings)

    found = check(store, arena_settings)

    assert found == WarehouseCheck(found.compared)
    assert found.compared > 20
    assert behind(store, arena_settings) is None


def test_a_match_since_the_build_is_newer_and_no_fault(built_store: Store, built: Settings) -> None:
    play_one(built_store, built)

    found = check(built_store, built)

    assert found.differences == ()
    assert {table for table, _ in found.newer} == {
        "matches", "participants", "ladder_matches", "rating_events",
    }  # fmt: skip


def test_it_is_behind_after_a_match_and_not_after_the_next_build(
    built_store: Store, built: Settings
) -> None:
    play_one(built_store, built, seed=998)
    first = behind(built_store, built)
    play_one(built_store, built)
    second = behind(built_store, built)
    build(built_store, built)

    assert first is not None
    assert first != second
    assert "behind: the store is at" in str(second)
    assert behind(built_store, built) is None
    assert check(built_store, built).newer == ()


def test_a_voided_match_is_newer_until_the_next_build(built_store: Store, built: Settings) -> None:
    with built_store.read() as connection:
        uuid = connection.scalars(select(Match.uuid).order_by(Match.id)).first()
    void(built_store, [str(uuid)], actor="ann", reason="a test")

    found = check(built_store, built)

    assert found.differences == ()
    assert "matches" in {table for table, _ in found.newer}
    assert "snake 3:" in str(behind(built_store, built))


def test_no_warehouse_is_a_sentence(built_store: Store, built: Settings) -> None:
    Layout(built.warehouse_dir).parquet.unlink()

    with pytest.raises(WarehouseError, match="run: arena warehouse"):
        check(built_store, built)
    assert "run: arena warehouse" in str(behind(built_store, built))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE rating_events SET after = after + 1e-9 WHERE sequence = 5", "rating_events of"),
        ("UPDATE participants SET result = 'won' WHERE result = 'lost'", "participants of"),
        ("UPDATE participants SET score = score + 1", "score is"),
        ("DELETE FROM matches WHERE id = 3", "matches of"),
        ("UPDATE matches SET month = '1999-01' WHERE id = 3", "matches of 1999-01"),
        ("UPDATE standings SET wins = wins + 1", "standings: wins is"),
        ("UPDATE agents SET title = 'x'", "agents: DuckDB and Parquet"),
        ("UPDATE ladders SET chain_head = 'x' WHERE name = 'snake'", "ladders: snake"),
        ("INSERT INTO moves (match_id) VALUES (1)", "moves"),
        ("DROP TABLE prompts CASCADE", "prompts can't be read"),
    ],
)
def test_an_altered_duckdb_file_is_told(
    built_store: Store, built: Settings, statement: str, said: str
) -> None:
    alter(built, statement)

    found = check(built_store, built).differences

    assert any(re.search(said, one) for one in found), found


def test_an_altered_parquet_file_is_told(built_store: Store, built: Settings) -> None:
    folder = Layout(built.warehouse_dir).parquet.resolve()
    forge(folder, "participants", lambda row: {**row, "score": 1.0}, reseal=True)

    [difference] = check(built_store, built).differences

    assert "participants of 2026-11: DuckDB and Parquet hold different rows" in difference


def test_rows_of_a_month_that_are_gone_from_all_of_the_warehouse_are_missed(
    built_store: Store, built: Settings
) -> None:
    folder = Layout(built.warehouse_dir).parquet.resolve()
    forge(folder, "matches", lambda row: row if row["id"] != 3 else None, reseal=True)
    alter(built, "DELETE FROM matches WHERE id = 3")

    found = check(built_store, built).differences

    assert any("the manifest says" in one for one in found)
    assert any("rows is" in one and "in the store" in one for one in found)


def test_a_store_altered_behind_everybodys_back_is_told(
    built_store: Store, built: Settings
) -> None:
    with built_store.write() as connection:
        connection.execute(update(Participant).values(score=Participant.score + 1))
        connection.execute(update(Standing).values(elo=0.0))
        connection.execute(update(Ladder).where(Ladder.name == "snake").values(chain_head="0" * 64))

    found = check(built_store, built).differences

    assert any(one.startswith("participants of 2026-11: score is") for one in found)
    assert any(one.startswith("ladders: the head of snake") for one in found)


def test_files_of_two_builds_are_told(built_store: Store, built: Settings) -> None:
    alter(built, "UPDATE build SET id = 'another'")

    [difference] = check(built_store, built).differences

    assert "another" in difference
