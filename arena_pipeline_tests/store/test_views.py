"""The flat rows of older clients, from a store in which something happened."""

from decimal import Decimal

from sqlalchemy import insert, select, text, update

from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, Model, ModelSource, Standing
from arena_pipeline_tests.agents import NOON, add_agents, finished_match


def rows(store: Store, query: str) -> list[dict[str, object]]:
    with store.read() as connection:
        return [dict(row._mapping) for row in connection.execute(text(query))]


def test_a_match_is_one_game_with_its_participants(store: Store, recorder: Recorder) -> None:
    agents = list(add_agents(store, "anna", "bert").values())
    match = finished_match(store, agents)
    recorder.record([match])

    (game,) = rows(store, "SELECT * FROM games")
    seats = rows(store, "SELECT * FROM game_participants ORDER BY player_slot")

    assert game["id"] == match.uuid
    assert (game["board_width"], game["board_height"], game["num_apples"]) == (10, 10, 5)
    assert game["rounds"] == len(match.steps)
    assert game["total_cost"] is None
    assert [seat["game_id"] for seat in seats] == [match.uuid] * 2
    assert [seat["model_name"] for seat in seats] == ["anna", "bert"]
    assert [seat["result"] for seat in seats] == [
        player.result.value for player in match.outcome.players
    ]


def test_models_show_their_standing_on_the_default_ladder_of_snake(
    store: Store, recorder: Recorder
) -> None:
    ensure_ladder(store, "nim", "nim", is_default=True)
    agents = add_agents(store, "anna", "bert", "cleo")
    recorder.record([finished_match(store, [agents["anna"], agents["bert"]])])
    with store.read() as connection:
        elo = {row.competitor: row.elo for row in connection.execute(select(Standing.__table__))}

    shown = {str(row["name"]): row for row in rows(store, "SELECT * FROM flat_models")}

    assert shown.keys() == {"anna", "bert", "cleo"}
    assert {name: shown[name]["elo_rating"] for name in elo} == elo
    assert (shown["cleo"]["elo_rating"], shown["cleo"]["games_played"]) == (1500.0, 0)
    assert shown["anna"]["games_played"] == 1


def test_all_agents_of_a_model_show_the_rating_of_their_model(
    store: Store, recorder: Recorder
) -> None:
    agents = add_agents(store, "low", "high", "bert")
    with store.write() as connection:
        model = connection.execute(
            insert(Model)
            .returning(Model.id)
            .values(slug="v/one", source="yaml", display_name="One", vendor="v", discovered_at=NOON)
        ).scalar_one()
        connection.execute(
            update(Agent).where(Agent.alias.in_(["low", "high"])).values(model_id=model)
        )
    low = Entrant("low", agents["low"].agent_id, model)
    recorder.record([finished_match(store, [low, agents["bert"]])])
    with store.read() as connection:
        elo = {row.competitor: row.elo for row in connection.execute(select(Standing.__table__))}

    shown = {str(row["name"]): row for row in rows(store, "SELECT * FROM flat_models")}

    assert elo.keys() == {"v/one", "bert"}
    assert shown["low"]["elo_rating"] == shown["high"]["elo_rating"] == elo["v/one"]
    assert shown["bert"]["elo_rating"] == elo["bert"]


def test_the_test_status_is_one_of_the_older_words(store: Store) -> None:
    agents = add_agents(store, "anna", "bert", "cleo", "dora")
    states = {"anna": "queued", "bert": "ranked", "cleo": "failed"}
    with store.write() as connection:
        connection.execute(
            insert(Evaluation),
            [
                {
                    "agent_id": agents[alias].agent_id,
                    "ladder_id": 1,
                    "state": state,
                    "planned": 10,
                    "queued_at": NOON,
                }
                for alias, state in states.items()
            ],
        )

    shown = {
        row["name"]: row["test_status"]
        for row in rows(store, "SELECT name, test_status FROM flat_models")
    }

    assert shown == {
        "anna": "testing", "bert": "ranked", "cleo": "untested", "dora": "untested",
    }  # fmt: skip


def test_a_model_without_an_agent_is_listed_untested(store: Store) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Model),
            [
                {
                    "slug": "acme/one",
                    "source": ModelSource.OPENROUTER.value,
                    "display_name": "One",
                    "vendor": "acme",
                    "discovered_at": NOON,
                }
            ],
        )

    (row,) = rows(store, "SELECT * FROM flat_models")

    assert (row["name"], row["provider"], row["test_status"]) == ("acme/one", "acme", "untested")


def test_the_price_that_counts_is_the_one_that_somebody_set(store: Store) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Model).values(
                slug="v/one", source="yaml", display_name="One", vendor="v", discovered_at=NOON,
                price_prompt=Decimal(1), price_completion=Decimal(2), override_set_by="yaml",
                override_prompt=Decimal(3), override_completion=Decimal(4),
            )
        )  # fmt: skip

    (shown,) = rows(store, "SELECT * FROM flat_models")

    prices = (shown["pricing_input_per_m"], shown["pricing_output_per_m"])
    assert tuple(map(str, prices)) == ("3", "4")
