"""One log line per match that was recorded."""

import logging

import pytest

from arena_pipeline.evaluation.batches import Batch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match


def test_each_match_is_told_once_and_only_when_it_was_recorded(
    store: Store, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    entrants = list(add_agents(store, "random", "greedy").values())
    matches = [finished_match(store, entrants, seed=seed) for seed in (1, 2)]
    recorder.record(matches[:1])
    batch = Batch(recorder)

    with caplog.at_level(logging.DEBUG, logger="arena_pipeline"):
        for match in matches:
            batch.add(match)
        batch.flush()

    [line] = [record for record in caplog.records if record.message == "match finished"]
    told = line.__dict__["arena_fields"]
    assert (told["uuid"], told["agents"]) == (matches[1].uuid, ["random", "greedy"])
    assert told["rounds"] == len(matches[1].steps)


def test_at_the_usual_level_matches_are_not_told(
    store: Store, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    entrants = list(add_agents(store, "random", "greedy").values())
    batch = Batch(recorder)

    with caplog.at_level(logging.INFO, logger="arena_pipeline"):
        batch.add(finished_match(store, entrants, seed=1))
        batch.flush()

    assert caplog.messages == []
