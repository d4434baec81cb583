"""`arena void`, `arena unvoid`."""

import pytest
from sqlalchemy import select

from arena_pipeline.leaderboard.board import board
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.cli.conftest import MATCHES, Arena


@pytest.fixture
def uuid(played_store: Store) -> str:
    """A rated match."""
    with played_store.read() as connection:
        return str(connection.scalar(select(Match.uuid).order_by(Match.id).limit(1)))


def test_a_match_is_voided_and_taken_back(arena: Arena, played_store: Store, uuid: str) -> None:
    before = board(played_store, "snake").to_json()["rows"]

    voided = arena("void", uuid[:8], "--reason", "wrong board")

    assert voided.code == 0
    assert f"{uuid} is void now" in voided.out
    assert f"Ladder snake: {MATCHES - 1} matches rated again as epoch 2" in voided.out
    assert board(played_store, "snake").matches == MATCHES - 1
    assert "wrong board" in arena("audit").out

    back = arena("unvoid", uuid, "--json").document

    assert (back["changed"], back["refused"]) == ([uuid], [])
    assert board(played_store, "snake").to_json()["rows"] == before


def test_a_reason_must_be_given(arena: Arena, uuid: str) -> None:
    ran = arena("void", uuid)

    assert ran.code == 2
    assert "--reason" in ran.err


def test_what_can_t_be_found_is_said_and_fails(arena: Arena, uuid: str) -> None:
    ran = arena("void", "ffffffff-dead", uuid, "--reason", "wrong board")

    assert ran.code == 1
    assert "ffffffff-dead: there is no such match" in ran.err
    assert f"{uuid} is void now" in ran.out
