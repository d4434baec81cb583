"""What is told of a new model once a practice arena is calm."""

import socket
from collections.abc import Sequence
from pathlib import Path

from arena_pipeline.practice.following import Follower, sentence_of
from arena_pipeline.practice.line_up import LINE_UP, NEWCOMER, PracticeModel
from arena_pipeline.practice.standing import Finished, Standing
from arena_pipeline_tests.drills.practising import practising
from arena_pipeline_tests.drills.processes import wait

PATIENCE_S = 120


def test_a_match_is_told_in_one_line() -> None:
    match = Finished("0123456789", (("practice/a", 3.0, 2), ("greedy", 1.0, 0)), None)

    assert sentence_of(match) == "Match 01234567: practice/a 3 (2 faulty turns) : greedy 1"


def test_a_new_model_appears_once_all_is_calm_and_its_way_is_told(tmp_path: Path) -> None:
    model = PracticeModel(slug="practice/a", policy="greedy", blunders=0.5)
    told: list[str] = []
    shown: list[Sequence[Standing]] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as ui,
        practising(tmp_path / "arena", None, {"practice": [model]}) as practice,
    ):
        practice.place()
        gateway = practice.gateways["practice"]
        settings = practice.settings.model_copy(update={"port": ui.getsockname()[1]})
        with Follower(settings, gateway, 0.0, told.append, shown.append):
            wait(lambda: NEWCOMER.slug in gateway.models, "the new model", PATIENCE_S)
            practice.sync()
            practice.place()
            wait(lambda: bool(shown), "its place", PATIENCE_S)

    assert told[0].startswith(f"{NEWCOMER.slug} has appeared")
    assert f"{NEWCOMER.slug}: placement ranked" in told
    assert NEWCOMER.slug in {row.competitor for row in shown[0]}
    assert NEWCOMER.slug not in {one.slug for one in LINE_UP}
