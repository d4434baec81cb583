"""Auditing a ladder as an import makes it: by the published texts of the times, with TrueSkill."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Match, Ordering, Participant
from arena_pipeline.warehouse.auditing import LadderAudit, audit
from arena_pipeline.warehouse.build import build
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import record_duels
from arena_pipeline_tests.warehouse.auditing.published import Row, forge, rows

LADDER = "as published"
DUELS = 12
NOBODY = 3
"""Which match is one of nobody's, from 0."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("imported"))
    store = prepare_arena(settings).store
    recorder = Recorder(store, settings.replay_dir)
    record_duels(store, recorder, list(add_agents(store, "anna", "bert", "cleo").values()), DUELS)
    _import_like(store)
    for name in (LADDER, "snake"):
        recompute(store, name)
    built = build(store, settings)
    store.close()
    return built.parquet


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A copy of the published files."""
    return Path(shutil.copytree(template, tmp_path / "copy"))


def _import_like(store: Store) -> None:
    """Texts of times in an order of their own, one of them unknown, and a placeholder's match."""
    with store.write() as connection:
        for number, match in enumerate(connection.scalars(select(Match.id).order_by(Match.id))):
            text = f"2025-02-{1 + number * 7 % DUELS:02d}T10:00:00.000001"
            texts: dict[str, Any] = {"started_at_text": text, "ended_at_text": text}
            if number == 0:
                texts = dict.fromkeys(texts)
            connection.execute(update(Match).where(Match.id == match).values(**texts))
            if number == NOBODY:
                flagged = update(Participant).where(Participant.match_id == match)
                connection.execute(flagged.values(flags={"placeholder": True}))
    ensure_ladder(
        store, LADDER, "snake", competitor=CompetitorKind.NAME, ordering=Ordering.ENDED_AT,
        filter={"placeholders": True}, policy={"clock": "published", "trueskill": "started_at"},
    )  # fmt: skip


def ladders(folder: Path) -> dict[str, LadderAudit]:
    return {one.ladder: one for one in audit(folder).ladders}


def test_it_is_computed_again_from_the_published_files_alone(folder: Path) -> None:
    found = ladders(folder)

    assert [one.parted for one in found.values()] == [0, 0]
    assert (found[LADDER].matches, found["snake"].matches) == (DUELS, DUELS - 1)
    order = [row["uuid"] for row in _places(folder)]
    assert order != [
        row["uuid"] for row in sorted(_places(folder), key=lambda row: row["match_id"])
    ]
    assert all(row["live_mu"] for row in rows(folder, "standings") if row["ladder"] == LADDER)


def test_a_text_of_a_time_that_was_altered_parts(folder: Path) -> None:
    forge(folder, "matches", lambda row: {**row, "ended_at_text": "2020"}, reseal=True)

    found = ladders(folder)

    assert found[LADDER].partings[0].field in {"position", "sequence"}
    assert found["snake"].parted == 0


def test_a_flag_that_was_taken_off_parts(folder: Path) -> None:
    forge(folder, "participants", lambda row: {**row, "flags": "{}"}, reseal=True)

    found = ladders(folder)

    assert found["snake"].partings[0].field == "sequence"
    assert found[LADDER].parted == 0


def test_files_of_before_there_were_flags_are_audited_as_having_none(folder: Path) -> None:
    def without(row: Row) -> Row:
        return {name: value for name, value in row.items() if name != "flags"}

    forge(folder, "participants", without, reseal=True)

    found = ladders(folder)

    assert found["snake"].partings[0].field == "sequence"
    assert found[LADDER].parted == 0


def test_a_forged_trueskill_names_the_competitor(folder: Path) -> None:
    def forged(row: Row) -> Row:
        mu = row["live_mu"] and row["live_mu"] + 1e-9
        return {**row, "live_mu": mu} if row["competitor"] == "bert" else row

    forge(folder, "standings", forged, reseal=True)

    [parting] = ladders(folder)[LADDER].partings

    assert (parting.competitor, parting.field) == ("bert", "live_mu")


def _places(folder: Path) -> list[Row]:
    places = [row for row in rows(folder, "ladder_matches") if row["ladder"] == LADDER]
    return sorted(places, key=lambda row: row["position"])
