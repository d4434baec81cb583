"""What the checks of an imported history find."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from arena_pipeline.defs.resources import Arena
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED
from arena_pipeline.importers.snakebench.telling.report import report_file
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Match, Participant, Standing
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import checks
from arena_pipeline_tests.importers.snakebench.small_history import write_history

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def looked(
    materialize: Materialize, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Materialize:
    """An arena with a history, whose folder is named no more: what materializes now only looks."""
    monkeypatch.setenv("ARENA_IMPORT_DIR", str(write_history(tmp_path / "history")))
    assert materialize("imported_history").success
    monkeypatch.delenv("ARENA_IMPORT_DIR")
    return materialize


def bad(looked: Materialize) -> dict[str, str]:
    """The checks that fail now, and what they say."""
    found = checks(looked("imported_history"))
    return {name: str(said) for name, (passed, said) in found.items() if not passed}


def first_match(store: Store) -> tuple[int, str]:
    with store.read() as connection:
        match = connection.execute(select(Match.id, Match.uuid).order_by(Match.id)).first()
    assert match is not None
    return match.id, match.uuid


def test_nothing_is_wrong_with_a_sound_one(looked: Materialize) -> None:
    assert bad(looked) == {}


def test_an_unexplained_match_is_named_with_where_it_does_not_fit(
    looked: Materialize, store: Store
) -> None:
    number, uuid = first_match(store)
    with store.write() as connection:
        broken = update(Match).where(Match.id == number)
        connection.execute(
            broken.values(verification="unexplained", info={"detail": "turn 3: a snake jumps"})
        )

    assert bad(looked) == {
        "imported_matches_verified": f"Match {uuid} does not fit the rules: turn 3: a snake jumps"
    }


def test_an_explained_match_is_no_fault_and_is_shown(looked: Materialize, store: Store) -> None:
    number, uuid = first_match(store)
    with store.write() as connection:
        broken = update(Match).where(Match.id == number)
        connection.execute(broken.values(verification="same_turn_apple_respawn"))

    [check] = [
        check
        for check in looked("imported_history").get_asset_check_evaluations()
        if check.check_name == "imported_matches_verified"
    ]

    assert check.passed
    assert uuid in str(check.metadata["explained"].value)


def test_a_match_that_lost_a_participant_is_named(looked: Materialize, store: Store) -> None:
    number, uuid = first_match(store)
    with store.write() as connection:
        connection.execute(
            delete(Participant).where(Participant.match_id == number, Participant.slot == 1)
        )

    said = bad(looked)["every_document_accounted"]

    assert said == f"Match {uuid} has fewer than two participants"


def test_a_report_that_does_not_add_up_says_so(looked: Materialize, arena: Arena) -> None:
    file = report_file(arena.settings.replay_dir)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"rejected": 2', '"rejected": 1'), encoding="utf-8")

    said = bad(looked)["every_document_accounted"]

    assert said.startswith("Documents of layout unknown: 2 found, but 0 imported")


def test_a_standing_off_by_a_bit_fails_the_ladder_s_check(
    looked: Materialize, store: Store
) -> None:
    with store.write() as connection:
        ladder = select(Ladder.id).where(Ladder.name == AS_PUBLISHED).scalar_subquery()
        connection.execute(
            update(Standing)
            .where(Standing.ladder_id == ladder)
            .values(elo=Standing.elo * (1 + 2.0**-52))
        )

    assert "a rebuild gives" in bad(looked)["published_ladder_equals_recomputed"]
