"""The steps of a pass on screen: what is remembered of them, and what goes on now."""

import pytest

from arena_pipeline.cli.screen import Screen
from arena_pipeline.cli.steps import Steps


def started(asset: str, partition: str | None = None) -> dict[str, object]:
    return {"event": "step_started", "asset": asset, "group": "matches", "partition": partition}


def test_a_step_that_counts_nothing_shows_no_count_of_the_one_before() -> None:
    steps = Steps(Screen(as_json=False))

    steps.follow(started("league_matches"))
    assert steps.now == "league_matches"
    steps.follow({"event": "progress", "asset": "league_matches", "done": 7, "total": 20})
    assert steps.now == "league_matches 7/20"
    steps.follow(started("matches"))
    assert steps.now == "matches"


def test_a_placement_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(Screen(as_json=False))

    steps.follow(started("placement_matches", "greedy"))
    assert steps.now == "placement_matches [greedy]"
    steps.follow(started("placement_matches", "greedy") | {"event": "step_succeeded", "seconds": 1})

    assert "placement_matches [greedy]" in capsys.readouterr().err


def test_failures_and_notices_are_remembered() -> None:
    steps = Steps(Screen(as_json=False))

    steps.follow({"event": "notice", "message": "sample catalog"})
    steps.follow({"event": "check_failed", "asset": "matches", "message": "whole: one is gone"})
    steps.follow({"event": "finished"})

    assert steps.done.notices == ["sample catalog"]
    assert steps.done.failures == ["matches: whole: one is gone"]
    assert steps.done.finished
