import pytest

from arena_pipeline.leaderboard.board import board
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import failures, metadata


def test_the_queue_says_who_waits_and_why(materialize: Materialize) -> None:
    result = materialize("openrouter_catalog", "models", "agents", "evaluation_queue")

    told = metadata(result, "evaluation_queue")
    assert told["open evaluations"] == 5
    assert "no key (set OPENROUTER" in told["waiting, by reason"].replace("&#95;", "_")


@pytest.mark.usefixtures("registered")
def test_a_placement_plays_the_agent_of_its_partition_until_it_is_ranked(
    materialize: Materialize, store: Store
) -> None:
    result = materialize("placement_matches", partition="greedy")

    told = metadata(result, "placement_matches")
    assert (told["state"], told["matches"]) == ("ranked", "2 of 2")
    [row] = [row for row in board(store).rows if row.competitor == "greedy"]
    assert (row.status, round(row.rating, 1)) == ("ranked", told["rating"])


@pytest.mark.usefixtures("registered")
def test_a_placement_that_is_done_plays_nothing_and_says_so(materialize: Materialize) -> None:
    materialize("placement_matches", partition="greedy")

    result = materialize("placement_matches", partition="greedy")

    assert "ranked" in metadata(result, "placement_matches")["notice"]


def test_an_agent_nobody_knows_fails_in_plain_words(materialize: Materialize) -> None:
    result = materialize("placement_matches", partition="nobody")

    assert "'nobody'" in failures(result)["placement_matches"]


@pytest.mark.usefixtures("registered")
def test_the_league_plays_as_many_matches_as_the_settings_say(
    materialize: Materialize, store: Store
) -> None:
    result = materialize("league_matches")

    assert metadata(result, "league_matches")["played"] == 4
    assert board(store).matches == 4
