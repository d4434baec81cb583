"""What happens to a placement while it is being played: the ladder rebuilt, it stopped, rivals
broken.
"""

import pytest
from sqlalchemy import update

from arena_pipeline.evaluation.league import play_league
from arena_pipeline.evaluation.placement import (
    NotPlaceable,
    PlacementFailed,
    next_placements,
    place,
)
from arena_pipeline.evaluation.queue import enqueue, resume
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import EvaluationState, Match, Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.evaluation.arenas import BOTS, count, evaluation, set_agent

TOO_DEEP = {"policy": "search", "depth": 9}


def stop_at_four(done: int, planned: int) -> None:
    """Somebody presses Ctrl-C."""
    if done == 4:
        raise KeyboardInterrupt


def test_a_ladder_rebuilt_meanwhile_does_not_disturb_it(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    epochs = []

    def mend_at_four(done: int, planned: int) -> None:
        if done == 4:
            with store.write() as connection:
                connection.execute(update(Standing).values(top_score=77))
            epochs.append(recompute(store, "snake").epoch)

    report = place(store, arena_settings, "greedy", on_match=mend_at_four)

    assert epochs == [2]
    assert (report.state, report.played, count(store, Match)) == ("ranked", 10, 10)
    assert compare(store, "snake") == []


def test_one_that_somebody_stopped_is_not_started_by_itself(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    with pytest.raises(KeyboardInterrupt):
        place(store, arena_settings, "greedy", run_id="r1", on_match=stop_at_four)

    found = next_placements(store, arena_settings, limit=9)

    assert evaluation(store, "greedy").state == EvaluationState.WAITING
    assert "greedy" not in {one.agent for one in found.ready}
    assert "1 wait: 1 stopped until arena up or somebody asks again" in found.explain()


def test_one_that_somebody_stopped_goes_on_where_it_was_when_asked_for(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    with pytest.raises(KeyboardInterrupt):
        place(store, arena_settings, "greedy", run_id="r1", on_match=stop_at_four)

    report = place(store, arena_settings, "greedy", run_id="r2")

    assert (report.resumed, report.played, report.attempt) == (True, 10, 1)
    assert count(store, Match) == 10


def test_all_that_were_stopped_are_resumed_under_new_run_keys(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    before = {one.agent: one.run_key for one in next_placements(store, arena_settings, 9).ready}
    with pytest.raises(KeyboardInterrupt):
        place(store, arena_settings, "greedy", run_id="r1", on_match=stop_at_four)

    assert resume(store, "snake") == ("greedy",)
    assert resume(store, "snake") == ()

    after = {one.agent: one.run_key for one in next_placements(store, arena_settings, 9).ready}
    assert before.keys() == after.keys()
    assert {name for name in after if before[name] != after[name]} == {"greedy"}


def test_a_rival_that_cant_be_seated_is_played_by_nobody_and_harms_nobody(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS, "broken")
    set_agent(store, "broken", settings=TOO_DEEP)

    report = place(store, arena_settings, "greedy")
    league = play_league(store, arena_settings, matches=12)

    assert (report.state, report.played) == ("ranked", 10)
    assert "broken" not in {bout.opponent for bout in report.opponents}
    assert (league.played, league.failed) == (12, ())
    assert not [pair for pair in league.per_pair if "broken" in pair]


def test_an_agent_whose_policy_refuses_its_settings_waits_with_the_reason(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS, "broken")
    set_agent(store, "broken", settings=TOO_DEEP)

    assert enqueue(store, arena_settings).waiting == {"settings its bot can't take": 1}
    with pytest.raises(NotPlaceable, match="settings its bot can't take"):
        place(store, arena_settings, "broken")


def test_settings_that_go_bad_under_a_placement_end_it_for_good(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "flood")
    with pytest.raises(KeyboardInterrupt):
        place(store, arena_settings, "greedy", on_match=stop_at_four)

    def spoil(done: int, planned: int) -> None:
        set_agent(store, "greedy", settings={"policy": "greedy", "depth": 9})

    with pytest.raises(PlacementFailed, match="can't take the setting 'depth'"):
        place(store, arena_settings, "greedy", on_match=spoil)

    assert evaluation(store, "greedy").state == EvaluationState.FAILED
