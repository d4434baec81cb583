"""Every match, seat and decision is a row of the dataset, with all that is known of it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.dataset import parts
from arena_pipeline.operations.dataset.columns import TABLES
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.importers.snakebench.makers import new_id
from arena_pipeline_tests.importers.snakebench.small_history import (
    GATEWAY_FAULT,
    HEADER_ONLY,
    REPLAYS,
    write_history,
)
from arena_pipeline_tests.operations.dataset.history import (
    COST,
    RATIONALE,
    export,
    rows,
    thinking,
)

UNKNOWN = "year=0/month=00/part-0.parquet"


def test_every_match_and_seat_of_the_store_is_in_it(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    export(store, arena_settings, folder)

    matches = {row["uuid"]: row for row in rows(folder, "matches")}
    assert matches.keys() == {match.uuid for match in played}
    seats = rows(folder, "participants")
    with store.read() as connection:
        stored = connection.execute(
            select(Match.uuid, Participant.__table__).join_from(Participant, Match)
        ).all()
        whole = connection.execute(select(Match.__table__)).all()
    same = ("slot", "name", "score", "reward", "result", "placement", "death_round", "cost",
            "input_tokens", "gateway_faults", "agent_faults")  # fmt: skip
    of_store = {(row.uuid, row.slot): {name: getattr(row, name) for name in same} for row in stored}
    assert {
        (seat["uuid"], seat["slot"]): {name: seat[name] for name in same} for seat in seats
    } == of_store
    of_match = ("started_at", "ended_at", "rounds", "seed", "cost", "state", "total_score",
                "replay_digest", "verification", "started_at_text", "void_reason")  # fmt: skip
    for row in whole:
        for name in of_match:
            assert matches[row.uuid][name] == getattr(row, name), name


def test_every_decision_stands_with_the_position_it_was_made_in(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    export(store, arena_settings, folder)

    turns = rows(folder, "turns")
    expected = []
    for match in played[:-1]:
        before = match.initial
        for number, step in enumerate(match.steps):
            expected += [(match.uuid, number, t.slot, t.action, before) for t in step.turns]
            before = step.state
    assert [
        (t["uuid"], t["step"], t["slot"], t["action"], json.loads(t["state"])) for t in turns
    ] == expected


def test_what_is_known_of_a_decision_comes_whole(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    export(store, arena_settings, folder)

    turns = [row for row in rows(folder, "turns") if row["uuid"] == played[1].uuid]
    assert turns[0] | {"state": "", "action": ""} == {
        "uuid": played[1].uuid,
        "step": 0,
        "slot": 0,
        "state": "",
        "action": "",
        "fault": "gateway_error",
        "rationale": RATIONALE,
        "input_tokens": 700,
        "output_tokens": 9,
        "cost": COST,
        "decided_at": played[1].started_at,
        "duration_ms": 12.5,
        "extra": '{"why":"429"}',
    }
    assert {turns[1][name] for name in ("fault", "rationale", "cost", "decided_at")} == {None}
    (seat, _) = [row for row in rows(folder, "participants") if row["uuid"] == played[1].uuid]
    assert (seat["cost"], seat["gateway_faults"]) == (Decimal("0.000000000123"), 1)


def test_months_are_those_of_the_end_in_utc_and_the_unknown_one_is_apart(
    store: Store, arena_settings: Settings, played: list[FinishedMatch], folder: Path
) -> None:
    report = export(store, arena_settings, folder)

    parts = {
        "year=2025/month=01/part-0.parquet",
        "year=2025/month=02/part-0.parquet",
        "year=2026/month=02/part-0.parquet",
    }
    of_tables = {
        table: {
            file.relative_to(folder / table).as_posix()
            for file in (folder / table).rglob("*.parquet")
        }
        for table in TABLES
    }
    assert of_tables == {
        "matches": parts | {UNKNOWN},
        "participants": parts | {UNKNOWN},
        "turns": parts,
    }
    assert (report.matches, report.participants, report.months) == (6, 12, 4)
    assert report.turns == sum(len(s.turns) for match in played[:-1] for s in match.steps)
    assert [row["uuid"] for row in rows(folder, "matches")][1:4] == [m.uuid for m in played[:3]]


def test_long_texts_go_to_the_file_in_groups(
    store: Store,
    recorder: Recorder,
    arena_settings: Settings,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(parts, "_CHARACTERS", 100_000)
    agents = list(add_agents(store, "anna", "bert").values())
    recorder.record(
        [thinking(finished_match(store, agents, seed=seed), "why " * 10_000) for seed in range(5)]
    )

    export(store, arena_settings, folder)

    (file,) = (folder / "turns").rglob("*.parquet")
    assert pq.ParquetFile(file).num_row_groups > 1
    assert sum(len(row["rationale"] or "") for row in rows(folder, "turns")) == 200_000


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_imported_history_is_in_it_with_its_flags_and_verdicts(
    store: Store, arena_settings: Settings, folder: Path, tmp_path: Path
) -> None:
    import_history(
        store, arena_settings.replay_dir, [write_history(tmp_path / "history")], workers=1
    )

    report = export(store, arena_settings, folder)

    matches = {row["uuid"]: row for row in rows(folder, "matches")}
    verdicts = {uuid: row["verification"] for uuid, row in matches.items()}
    assert verdicts == {
        **{new_id(number): "verified" for number in range(REPLAYS)},
        new_id(HEADER_ONLY): "header_only",
    }
    assert json.loads(matches[new_id(0)]["info"])["layout"] == "v0a"
    assert report.missing_replays == 0
    turns = rows(folder, "turns")
    assert {row["uuid"] for row in turns} == {new_id(number) for number in range(REPLAYS)}
    (fault,) = [row for row in turns if row["fault"] is not None]
    assert (fault["uuid"], fault["fault"]) == (new_id(GATEWAY_FAULT), "gateway_error")
    assert "429" in fault["rationale"]
