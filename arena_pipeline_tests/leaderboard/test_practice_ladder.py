"""The ladder for practice: made once a practice gateway is declared, apart from all others."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.ladders import (
    DEFAULT_LADDER,
    PRACTICE_CONFIG,
    PRACTICE_LADDER,
    ensure_practice,
    ladder_names,
)
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.gateways import GatewayRow, write_gateways
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder
from arena_pipeline_tests.agents import add_agents, finished_match, plan, play_out


def declare(store: Store, *names: str) -> None:
    with registry_write(store) as connection:
        rows = [GatewayRow(name, "http://127.0.0.1:1/v1") for name in names]
        write_gateways(connection, rows, datetime.now(UTC))


def test_without_a_practice_gateway_there_is_no_practice_ladder(store: Store) -> None:
    declare(store, "local", "practical")

    assert not ensure_practice(store)
    assert ladder_names(store) == [DEFAULT_LADDER]


@pytest.mark.parametrize("name", ["practice", "practice-slow"])
def test_a_practice_gateway_brings_the_ladder_once(store: Store, name: str) -> None:
    declare(store, name)

    assert ensure_practice(store)
    assert ensure_practice(store)

    with store.read() as connection:
        (row,) = connection.execute(select(Ladder.__table__).where(Ladder.name == PRACTICE_LADDER))
    assert (row.title.startswith("Practice"), row.is_default) == (True, False)


def test_practice_matches_stand_on_their_own_ladder_alone_before_and_after_a_rebuild(
    store: Store, recorder: Recorder
) -> None:
    declare(store, "practice")
    ensure_practice(store)
    both = list(add_agents(store, "anna", "bert").values())
    practised = play_out(plan(store, both, seed=3, config_name=PRACTICE_CONFIG))

    recorder.record([finished_match(store, both, seed=4), practised])

    def matches() -> tuple[int, int]:
        return board(store, DEFAULT_LADDER).matches, board(store, PRACTICE_LADDER).matches

    assert matches() == (1, 1)
    for ladder in (DEFAULT_LADDER, PRACTICE_LADDER):
        recompute(store, ladder)
    assert matches() == (1, 1)
