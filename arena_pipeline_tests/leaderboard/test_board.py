"""The board: who is on it, in which order, with which totals and status."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.board import BoardRow, board
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.ratings import elo
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    CompetitorKind,
    Evaluation,
    Ladder,
    Model,
    ModelSource,
    Purpose,
)
from arena_pipeline_tests.agents import NOON, add_agents, finished_match
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers
from arena_pipeline_tests.leaderboard.deciding import LOST, TIED, WON, decided


@pytest.fixture
def agents(store: Store) -> dict[str, Entrant]:
    return add_agents(store, "anna", "bert", "cleo", "dora")


def rows(store: Store, ladder: str = "snake") -> dict[str, BoardRow]:
    return {row.competitor: row for row in board(store, ladder).rows}


def evaluate(store: Store, agent: str, state: str, attempt: int = 1) -> None:
    with store.write() as connection:
        agent_id = connection.scalar(select(Agent.id).where(Agent.alias == agent))
        ladder_id = connection.scalar(select(Ladder.id).where(Ladder.name == "snake"))
        row = {"agent_id": agent_id, "ladder_id": ladder_id, "state": state, "attempt": attempt}
        connection.execute(insert(Evaluation), [{**row, "planned": 10, "queued_at": NOON}])


def test_the_winner_stands_above_the_loser_with_the_elo_of_the_kernel(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [LOST, WON])])

    best, last = board(store).rows

    expected = elo.rate([1500.0, 1500.0], [0, 1], [elo.LOST, elo.WON])
    assert (best.rank, best.competitor, best.rating) == (1, "bert", expected[1])
    assert (last.rank, last.competitor, last.rating) == (2, "anna", expected[0])


def test_a_row_holds_the_totals_of_all_its_matches(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    ends = [((WON, LOST), (5.0, 1.0)), ((TIED, TIED), (8.0, 2.0)), ((LOST, WON), (0.0, 3.0))]
    recorder.record(
        [
            decided(store, duel, results, scores=scores, seed=seed)
            for seed, (results, scores) in enumerate(ends, 1)
        ]
    )

    anna = rows(store)["anna"]

    assert (anna.matches, anna.wins, anna.losses, anna.ties) == (3, 1, 1, 1)
    assert (anna.score_total, anna.top_score) == (13.0, 8.0)
    assert anna.first_match_at == NOON + timedelta(minutes=1)
    assert anna.last_match_at == NOON + timedelta(minutes=3)
    assert (anna.title, anna.kind) == ("anna", "bot")


def test_equal_ratings_share_a_rank_and_the_next_is_left_out(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    pairs = [("anna", "bert"), ("cleo", "dora")]
    recorder.record([decided(store, [agents[a], agents[b]], [WON, LOST]) for a, b in pairs])

    assert [(row.rank, row.competitor) for row in board(store).rows] == [
        (1, "anna"), (1, "cleo"), (3, "bert"), (3, "dora"),
    ]  # fmt: skip


def test_who_has_not_played_is_not_on_the_board(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])

    assert rows(store).keys() == {"anna", "bert"}


def test_the_board_of_an_empty_ladder_is_empty(store: Store) -> None:
    empty = board(store)

    assert (empty.rows, empty.matches, empty.updated_at, empty.title) == ((), 0, None, "Snake")


def test_the_board_is_as_new_as_its_last_rated_match(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    matches = [decided(store, duel, [WON, LOST], seed=seed) for seed in (5, 6)]
    recorder.record(matches)

    assert board(store).matches == 2
    assert board(store).updated_at == matches[-1].ended_at


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", "placing"),
        ("running", "placing"),
        ("waiting", "placing"),
        ("ranked", "ranked"),
        ("failed", "failed"),
        ("retired", "retired"),
    ],
)
def test_the_status_is_what_the_evaluation_says(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], state: str, status: str
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])
    evaluate(store, "anna", state)

    assert rows(store)["anna"].status == status
    assert rows(store)["bert"].status == "untested"


def test_the_newest_attempt_decides_the_status(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])
    evaluate(store, "anna", "ranked", attempt=2)
    evaluate(store, "anna", "failed", attempt=1)

    assert rows(store)["anna"].status == "ranked"


def test_a_ladder_of_models_shows_their_names_and_the_status_of_their_default_agent(
    store: Store, recorder: Recorder
) -> None:
    ensure_ladder(store, "models", "snake", competitor=CompetitorKind.MODEL)
    agents = add_agents(store, "sonnet", "flash", kind="llm")
    entrants = []
    with store.write() as connection:
        for alias, entrant in agents.items():
            (model,) = connection.scalars(
                insert(Model).returning(Model.id),
                [
                    {
                        "slug": f"vendor/{alias}",
                        "source": ModelSource.YAML,
                        "display_name": f"Vendor: {alias.title()}",
                        "vendor": "vendor",
                        "discovered_at": NOON,
                    }
                ],
            )
            connection.execute(
                update(Agent)
                .where(Agent.id == entrant.agent_id)
                .values(model_id=model, is_default=True)
            )
            entrants.append(Entrant(alias, entrant.agent_id, model))
    recorder.record([decided(store, entrants, [WON, LOST])])
    with store.write() as connection:
        ladder = connection.scalar(select(Ladder.id).where(Ladder.name == "models"))
        agent = entrants[0].agent_id
        row = {"agent_id": agent, "ladder_id": ladder, "state": "ranked", "planned": 10}
        connection.execute(insert(Evaluation), [{**row, "queued_at": NOON}])

    best, last = board(store, "models").rows

    assert (best.competitor, best.title, best.kind) == ("vendor/sonnet", "Vendor: Sonnet", "model")
    assert (best.status, last.status) == ("ranked", "untested")


def test_a_ladder_of_names_ranks_who_no_registry_knows(store: Store, recorder: Recorder) -> None:
    ensure_ladder(store, "names", "snake", competitor=CompetitorKind.NAME)
    recorder.record([decided(store, [Entrant("old one"), Entrant("new one")], [LOST, WON])])

    assert [(row.competitor, row.kind) for row in board(store, "names").rows] == [
        ("new one", "name"), ("old one", "name"),
    ]  # fmt: skip


def test_a_score_ladder_ranks_by_mean_score(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    ensure_ladder(store, "scores", "snake", policy={"system": "mean_score"})
    recorder.record(
        [
            decided(store, [agents["anna"]], [LOST], scores=[4.0]),
            decided(store, [agents["anna"]], [LOST], scores=[1.0], seed=2),
            decided(store, [agents["bert"]], [WON], scores=[3.0]),
        ]
    )

    scores = board(store, "scores")

    assert [(row.competitor, row.rating) for row in scores.rows] == [("bert", 3.0), ("anna", 2.5)]
    assert scores.baseline == 0.0


def test_an_unknown_ladder_is_named_with_those_there_are(store: Store) -> None:
    with pytest.raises(NotFound, match=r"No ladder 'chess'; there are: snake"):
        board(store, "chess")


def test_as_json_the_board_keeps_every_bit_and_its_times(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    recorder.record([decided(store, duel, [WON, LOST], seed=seed) for seed in range(1, 5)])
    shown = board(store)

    read_back = json.loads(json.dumps(shown.to_json()))

    assert [row["rating"] for row in read_back["rows"]] == [row.rating for row in shown.rows]
    assert read_back["rows"][0]["first_match_at"] == "2026-11-01T12:01:00+00:00"
    assert (read_back["ladder"], read_back["system"], read_back["matches"]) == ("snake", "elo", 4)


def test_a_placement_counts_on_the_board_like_a_league_match(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    recorder.record([decided(store, duel, [WON, LOST], purpose=Purpose.PLACEMENT)])

    assert board(store).matches == 1


def test_an_agent_that_plays_no_more_is_inactive(store: Store, recorder: Recorder) -> None:
    agents = add_agents(store, "anna", "bert")
    recorder.record([finished_match(store, list(agents.values()))])
    with store.write() as connection:
        connection.execute(update(Agent).where(Agent.alias == "bert").values(active=False))

    statuses = {row.competitor: row.status for row in board(store).rows}

    assert statuses == {"anna": "untested", "bert": "inactive"}


def test_a_model_that_somebody_switched_off_is_inactive_and_one_nobody_decided_about_is_not(
    store: Store,
) -> None:
    given = [header(1, ("off", "won", 1), ("open", "lost", 0))]
    insert_headers(store, given, slugs={"off": "v/off", "open": "v/open"})
    with store.write() as connection:
        connection.execute(
            update(Model).where(Model.slug == "v/off").values(is_active_set_by="person")
        )

    catch_up(store, "snake")

    statuses = {row.competitor: row.status for row in board(store).rows}
    assert statuses == {"v/off": "inactive", "v/open": "untested"}


def test_matches_that_do_not_count_are_counted_by_why_the_commonest_first(store: Store) -> None:
    given = [
        header(1, ("one", "won", 1), ("two", "lost", 0)),
        header(2, ("one", "won", 1), ("one", "lost", 0)),
        header(3, ("one", "won", 1), ("name", "lost", 0)),
        header(4, ("two", "won", 1), ("name", "lost", 0)),
        header(5, ("two", "won", 1), ("nobody", "lost", 0)),
        header(6, ("one", "won", 1), ("two", "lost", 0)),
    ]
    insert_headers(
        store,
        given,
        slugs={"one": "v/one", "two": "v/two", "name": "x/name"},
        faults={given[5]["game_id"]: 1},
        placeholders=["name"],
    )

    catch_up(store, "snake")

    shown = board(store)
    assert shown.matches == 1
    assert list(shown.not_rated.items()) == [
        ("placeholder", 2), ("gateway_faults", 1), ("no_competitor", 1), ("self_play", 1),
    ]  # fmt: skip
    assert shown.to_json()["not_rated"] == shown.not_rated
