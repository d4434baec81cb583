"""Gateways that turn bad, models that only fail, and secrets that must not get any further."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.evaluation.flagging import flagged_agents
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.exports import export
from arena_pipeline.leaderboard.ladders import PRACTICE_LADDER
from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.practice.replies import ACCOUNT
from arena_pipeline.store.tables import EvaluationState
from arena_pipeline_tests.drills.practising import (
    DATABASES,
    KEY,
    Practice,
    assert_money_agrees,
    assert_placed_once,
    assert_sound,
    practising,
)
from arena_pipeline_tests.drills.processes import wait

LONGEST_WAIT_S = 120
"""How long a busy machine may take for a call."""


def model(name: str, **terms: object) -> PracticeModel:
    return PracticeModel.model_validate({"slug": f"practice/{name}", "policy": "greedy", **terms})


def ranked(practice: Practice) -> set[str]:
    """The models whose placement is over."""
    return {one for one, state in practice.states().items() if state == EvaluationState.RANKED}


def on_the_board(practice: Practice) -> set[str]:
    with practice.store() as store:
        return {row.competitor for row in board(store, PRACTICE_LADDER).rows}


@pytest.mark.parametrize("database", DATABASES)
def test_a_gateway_that_turns_bad_stops_only_its_own_and_after_it_heals_matches_finish(
    tmp_path: Path, practice_url: str | None
) -> None:
    """Shows that a gateway's failure half-way costs no match: those of another gateway go on, its
    own pause and are finished after it is well again.
    """
    ours, others = [model("a"), model("b")], [model("x"), model("y")]
    with practising(
        tmp_path / "arena",
        practice_url,
        {"practice": ours, "practice-b": others},
        latency_s=0.03,
        ARENA_CIRCUIT_FAILURES="1000",
    ) as practice:
        bad = practice.gateways["practice"]
        placer = practice.start()
        wait(lambda: bad.ledger.most_at_once > 0, "a call", LONGEST_WAIT_S)
        bad.change("*", {"faults": {"server": 1.0}})
        wait(lambda: ranked(practice) >= {"practice/x", "practice/y"}, "others", LONGEST_WAIT_S)
        assert not ranked(practice) & {"practice/a", "practice/b"}
        bad.change("*", {"faults": {}})
        placer.ends_well()

        assert_placed_once(practice, 4)
        assert_sound(practice)
        assert_money_agrees(practice)


@pytest.mark.parametrize("database", DATABASES)
def test_gateway_faults_alone_rate_nobody_and_garbage_alone_is_rated_and_flagged(
    tmp_path: Path, practice_url: str | None
) -> None:
    """Shows whose fault counts: a gateway's never, a model's always."""
    models = [
        model("unreachable", faults={"server": 1.0}),
        model("babbler", faults={"garbage": 1.0}),
    ]
    with practising(
        tmp_path / "arena",
        practice_url,
        {"practice": models},
        ARENA_PLACEMENT_MATCHES="5",
        ARENA_CIRCUIT_OPEN_S="300",
    ) as practice:
        placer = practice.start()
        wait(lambda: "practice/babbler" in ranked(practice), "a place", LONGEST_WAIT_S)
        placer.kill()

        rated = on_the_board(practice)
        assert "practice/babbler" in rated
        assert "practice/unreachable" not in rated
        assert "practice/unreachable" not in ranked(practice)
        with practice.store() as store:
            flagged = flagged_agents(store)
        assert [one.alias for one in flagged] == ["practice/babbler"]
        assert flagged[0].share == 1.0


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.usefixtures("drill_key")
def test_key_and_account_reach_no_log_replay_store_or_export(
    tmp_path: Path, practice_url: str | None
) -> None:
    """Shows that what a gateway repeats of key and account in its errors is kept nowhere."""
    models = [model("a", faults={"server": 0.1, "error_in_200": 0.1}), model("b")]
    with practising(tmp_path / "arena", practice_url, {"practice": models}, key=True) as practice:
        practice.place()
        gateway = practice.gateways["practice"]
        gateway.change("practice/late", {"policy": "greedy", "faults": {"auth": 1.0}})
        practice.sync()
        placer = practice.start()
        wait(lambda: practice.states().get("practice/late") == "waiting", "a wait", LONGEST_WAIT_S)
        placer.kill()
        with practice.store() as store:
            export(store, practice.settings.export_dir, PRACTICE_LADDER)
            stored = dump_of(practice)

        assert "practice/a" in on_the_board(practice)
        for secret in (KEY, ACCOUNT):
            assert secret not in stored
            assert [name for name, text in texts_in(practice.folder) if secret in text] == []


def dump_of(practice: Practice) -> str:
    """Everything in the store, as text."""
    from arena_pipeline.store.tables import Base

    with practice.store() as store, store.read() as connection:
        return "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(table.select())
        )


def texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder, unpacked where it is compressed."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            if file.suffix == ".zst":
                content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
            yield str(file), content.decode("utf-8", "replace")
