"""Placements and leagues on a ladder of models: agents play, their models are ranked."""

import pytest
from sqlalchemy import insert, update

from arena_pipeline.evaluation.grounds import NoGround, ground
from arena_pipeline.evaluation.league import play_league
from arena_pipeline.evaluation.placement import PlacementFailed, place
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, CompetitorKind, Model
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import set_agent
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers

SLUG = "vendor/thinker"


@pytest.fixture
def arena(store: Store) -> Store:
    """Two bots, and two agents of one model that play like bots."""
    add_agents(store, "random", "greedy", "flood", "careful_random")
    with store.write() as connection:
        model = connection.execute(
            insert(Model)
            .returning(Model.id)
            .values(
                slug=SLUG, source="yaml", display_name="Vendor: Thinker", vendor="vendor",
                client_name=SLUG, discovered_at=NOON, is_active=True,
            )
        ).scalar_one()  # fmt: skip
        connection.execute(
            update(Agent)
            .where(Agent.alias.in_(["flood", "careful_random"]))
            .values(model_id=model, model_version=1)
        )
    set_agent(store, "flood", is_default=True)
    return store


def test_an_agent_is_placed_as_its_model(arena: Store, arena_settings: Settings) -> None:
    report = place(arena, arena_settings, "flood")

    shown = {row.competitor: row for row in board(arena).rows}
    assert shown.keys() == {SLUG, "random", "greedy"}
    assert (shown[SLUG].kind, shown[SLUG].status) == ("model", "ranked")
    assert report.played == shown[SLUG].matches == 10
    assert report.rating_after == shown[SLUG].rating
    assert compare(arena, "snake") == []


def test_another_agent_of_the_same_model_is_no_opponent(
    arena: Store, arena_settings: Settings
) -> None:
    report = place(arena, arena_settings, "flood")

    assert {bout.opponent for bout in report.opponents} == {"random", "greedy"}


def test_whoever_shares_a_model_goes_on_from_its_rating(
    arena: Store, arena_settings: Settings
) -> None:
    first = place(arena, arena_settings, "flood")

    second = place(arena, arena_settings, "careful_random")

    assert second.rating_before == first.rating_after
    assert {row.competitor for row in board(arena).rows} == {SLUG, "random", "greedy"}


def test_alone_with_agents_of_its_own_model_nobody_is_placed(
    arena: Store, arena_settings: Settings
) -> None:
    for alias in ("random", "greedy"):
        set_agent(arena, alias, active=False)

    with pytest.raises(PlacementFailed, match="nobody 'flood' could play against"):
        place(arena, arena_settings, "flood")
    report = play_league(arena, arena_settings, matches=4)
    assert (report.played, report.notice) == (0, "A league needs two agents; snake has 1")


def test_in_a_league_agents_of_one_model_do_not_meet(
    arena: Store, arena_settings: Settings
) -> None:
    report = play_league(arena, arena_settings, matches=20)

    assert report.played == 20
    assert "careful_random - flood" not in report.per_pair
    assert len(report.per_pair) == 5
    assert board(arena).not_rated == {}


def test_what_a_model_earned_elsewhere_counts_where_its_agent_begins(
    arena: Store, arena_settings: Settings
) -> None:
    with arena.read() as connection:
        known = ground(connection, "snake")
        assert known.numbers(connection) == {}
        stands_for = known.competitors(connection, ["flood", "greedy"])
    assert stands_for == {"flood": SLUG, "greedy": "greedy"}

    place(arena, arena_settings, "flood")

    with arena.read() as connection:
        numbers = known.numbers(connection)
    assert numbers["flood"] == numbers["careful_random"]
    assert numbers.keys() == {"flood", "careful_random", "random", "greedy"}


def test_a_ladder_of_names_can_t_be_played_for(store: Store) -> None:
    ensure_ladder(store, "names", "snake", competitor=CompetitorKind.NAME)

    with store.read() as connection, pytest.raises(NoGround, match="ranks names"):
        ground(connection, "names")


def test_imported_matches_and_own_ones_are_on_one_ladder(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "random", "greedy")
    given = [header(1, ("o3", "won", 1), ("sonnet", "lost", 0))]
    insert_headers(store, given, slugs={"o3": "v/o3", "sonnet": "v/sonnet"})

    play_league(store, arena_settings, matches=2)
    catch_up(store, "snake")

    shown = {row.competitor: row for row in board(store).rows}
    assert shown.keys() == {"random", "greedy", "v/o3", "v/sonnet"}
    assert (shown["v/o3"].kind, shown["greedy"].kind) == ("model", "bot")
    assert compare(store, "snake") == []
