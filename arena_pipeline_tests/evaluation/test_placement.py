"""Placing an agent: which matches are played, what the store says of it, what errors do."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from arena_pipeline.errors import NotFound, ReplayError
from arena_pipeline.evaluation.incidents import incidents, record_failure
from arena_pipeline.evaluation.leases import claim
from arena_pipeline.evaluation.placement import (
    NotPlaceable,
    PlacementFailed,
    next_placements,
    place,
)
from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.games.protocol import Result
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.matches.configs import digest_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, EvaluationState, GameConfig, Match
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import (
    BOTS,
    count,
    evaluation,
    history,
    ratings,
    set_agent,
)


def test_the_first_one_plays_everybody_in_turn_and_is_ranked(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    progress: list[tuple[int, int]] = []

    report = place(
        store,
        arena_settings,
        "greedy",
        on_match=lambda done, planned: progress.append((done, planned)),
    )

    others = ["random", "careful_random", "flood"]
    assert [bout.opponent for bout in report.opponents] == [*others * 3, "random"]
    assert (report.state, report.played, report.planned) == ("ranked", 10, 10)
    assert progress == [(done, 10) for done in range(1, 11)]
    assert report.rating_before == 1500
    assert report.rating_after == ratings(store)["greedy"]
    assert evaluation(store, "greedy").state == EvaluationState.RANKED
    assert evaluation(store, "greedy").lease_owner is None
    assert {row[3] for row in history(store)} == {"placement"}
    assert compare(store, "snake") == []


def test_the_seats_alternate(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)
    place(store, arena_settings, "greedy")

    slots = [row[4] for row in history(store) if row[5] == "greedy"]

    assert slots == [0, 1] * 5


def test_later_ones_climb_among_the_ranked(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)
    for alias in BOTS[:3]:
        place(store, arena_settings, alias)
    before = ratings(store)

    report = place(store, arena_settings, "flood")

    first, second, third, *later = report.opponents
    nearest = min(BOTS[:3], key=lambda name: abs(before[name] - before["flood"]))
    assert {first.opponent, second.opponent, third.opponent} == set(BOTS[:3])
    assert first.opponent == nearest
    assert {bout.opponent for bout in later} <= set(BOTS[:3])
    assert all(bout.result in set(Result) for bout in report.opponents)


def test_the_inactive_are_no_opponents(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)
    place(store, arena_settings, "random")
    place(store, arena_settings, "careful_random")
    set_agent(store, "random", active=False)

    report = place(store, arena_settings, "greedy")

    assert {bout.opponent for bout in report.opponents} == {"careful_random"}


def test_whoever_is_ranked_plays_nothing(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)
    first = place(store, arena_settings, "greedy")

    again = place(store, arena_settings, "greedy")

    assert again.notice == "greedy is ranked on snake already; nothing was played"
    assert (again.opponents, again.played) == (first.opponents, 10)
    assert count(store, Match) == 10
    assert count(store, Evaluation) == 1


def test_the_same_queue_gives_the_same_matches_in_every_store(
    store: Store, arena_settings: Settings, undisturbed: Store
) -> None:
    for one in (store, undisturbed):
        add_agents(one, *BOTS)
        enqueue(one, arena_settings, now=NOON)
        for alias in BOTS:
            place(one, arena_settings, alias)

    assert history(store) == history(undisturbed)
    assert ratings(store) == ratings(undisturbed)


def test_an_unknown_agent_and_one_that_may_not_play_are_refused(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    add_agents(store, "gpt", kind="llm")

    with pytest.raises(NotFound, match="greedy"):
        place(store, arena_settings, "gredy")
    with pytest.raises(NotPlaceable, match="no prompt"):
        place(store, arena_settings, "gpt")


def test_an_agent_that_another_process_places_is_refused(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    enqueue(store, arena_settings)
    row = evaluation(store, "greedy")
    claim(store, row.agent_id, row.ladder_id, timedelta(minutes=1), "another run")

    with pytest.raises(NotPlaceable, match="another process"):
        place(store, arena_settings, "greedy", run_id="this run")

    assert count(store, Match) == 0


def test_no_room_for_replays_frees_the_placement_three_times(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    arena_settings.replay_dir.write_text("a file where a folder should be")
    states = []
    for number in range(3):
        with pytest.raises(ReplayError):
            place(store, arena_settings, "greedy", run_id=f"r{number}")
        states.append(evaluation(store, "greedy").state)

    assert states == ["queued", "queued", "failed"]
    assert evaluation(store, "greedy").lease_owner is None
    assert count(store, Match) == 0
    arena_settings.replay_dir.unlink()

    assert place(store, arena_settings, "greedy").attempt == 2


def test_a_failure_told_by_the_placement_and_by_its_run_is_one_incident(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    arena_settings.replay_dir.write_text("a file where a folder should be")
    with pytest.raises(ReplayError):
        place(store, arena_settings, "greedy", run_id="r1")

    record_failure(store, run_id="r1", job="job", step="step", error="the same", agents=["greedy"])

    (incident,) = incidents(store)
    assert (incident.job, incident.step) == ("job", "step")
    assert incident.released == "placement of greedy on snake: queued again"


def test_matches_that_do_not_count_end_the_placement_as_failed(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    ensure_ladder(store, "league_only", "snake", filter={"purposes": ["league"]})

    with pytest.raises(PlacementFailed, match="Only 0 of 20 placement matches"):
        place(store, arena_settings, "greedy", ladder="league_only")

    row = evaluation(store, "greedy")
    assert (row.state, row.lease_owner) == ("failed", None)
    assert "league_only" in row.error


def test_a_game_that_refuses_its_config_ends_the_placement_as_failed(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    add_broken_ladder(store)

    with pytest.raises(PlacementFailed, match="too few"):
        place(store, arena_settings, "greedy", ladder="broken")

    waiting = next_placements(store, arena_settings, 9, ladder="broken").waiting
    assert waiting == {"last placement failed": 1}


def add_broken_ladder(store: Store) -> None:
    """A ladder on a board without room, which no front door lets in."""
    with store.write() as connection:
        connection.execute(
            insert(GameConfig).values(
                name="broken",
                game="snake",
                settings={"width": 2, "height": 2, "apples": 4},
                digest=digest_of("broken"),
                created_at=NOON,
            )
        )
    ensure_ladder(store, "broken", "snake", filter={"configs": ["broken"]})
