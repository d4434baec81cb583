"""Auditing a sound folder, on both databases, and what a noted head says."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.ladders import ladder_names
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.warehouse.auditing import AuditError, audit
from arena_pipeline.warehouse.build import build
from arena_pipeline_tests.warehouse.auditing.published import fill, forge, rows


def test_every_ladder_comes_out_as_published_from_either_database(
    store: Store, recorder: Recorder, arena_settings: Settings
) -> None:
    fill(store, recorder)
    parquet = build(store, arena_settings).parquet

    found = audit(parquet)

    assert found.sentences == []
    assert found.is_sound
    assert found.folder == parquet.resolve()
    assert [one.ladder for one in found.ladders] == sorted(ladder_names(store))
    for one in found.ladders:
        shown = board(store, one.ladder)
        assert (one.epoch, one.matches, one.head) == (
            shown.epoch, shown.matches, shown.chain.head,
        )  # fmt: skip
        assert one.competitors == len(shown.rows)
        assert one.matches > 0


def test_a_copy_needs_nothing_else(folder: Path) -> None:
    found = audit(folder)

    assert found.is_sound
    assert found.built_at is not None
    assert found.files == len(list(folder.glob("**/*.parquet")))
    assert found.notes == ()


def test_progress_counts_the_matches_of_all_ladders(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena_pipeline.warehouse.auditing.ladder.SEEN_EVERY", 10)
    seen: list[tuple[int, int | None]] = []

    audit(folder, progress=lambda done, total: seen.append((done, total)))

    places = len(rows(folder, "ladder_matches"))
    assert {total for _, total in seen} == {places}
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1][0] <= places


def test_a_noted_head_says_what_it_seals(folder: Path) -> None:
    links = {
        row["sequence"]: row["digest"]
        for row in rows(folder, "ladder_matches")
        if row["ladder"] == "snake" and row["sequence"] is not None
    }
    rated = len(links)

    newest = audit(folder, head=links[rated].upper())
    earlier = audit(folder, head=f" {links[5]}\n")

    assert newest.is_sound
    [note] = newest.notes
    assert note == f"The head {links[rated]} seals ladder snake up to match {rated} of {rated}."
    assert f"up to match 5 of {rated}" in earlier.notes[0]


@pytest.mark.parametrize("head", ["", "no digest", "0" * 63, "'; DROP TABLE matches"])
def test_what_is_no_whole_head_is_refused(folder: Path, head: str) -> None:
    with pytest.raises(AuditError, match="no whole head"):
        audit(folder, head=head)


def test_a_head_that_seals_nothing_is_a_fault(folder: Path) -> None:
    found = audit(folder, head="0" * 64)

    assert not found.is_sound
    assert "seals nothing here" in found.faults[0]


def test_a_forger_who_makes_everything_fit_is_found_by_a_noted_head(
    folder: Path, tmp_path: Path
) -> None:
    noted = next(one.head for one in audit(folder).ladders if one.ladder == "snake")
    settings = Settings.load(data_dir=tmp_path / "forged")
    with closing(prepare_arena(settings).store) as store:
        fill(store, Recorder(store, settings.replay_dir))
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE participants SET score = score + 1 WHERE slot = 0")
        for ladder in ladder_names(store):
            recompute(store, ladder)
        forged = build(store, settings).parquet

    assert audit(forged).is_sound
    assert not audit(forged, head=noted).is_sound


def test_without_a_manifest_it_says_what_could_not_be_checked(folder: Path) -> None:
    (folder / "manifest.json").unlink()

    found = audit(folder)

    assert found.is_sound
    assert (found.files, found.built_at) == (0, None)
    assert "manifest.json is missing" in found.notes[0]


def test_a_ladder_whose_chain_was_taken_out_is_no_sound_one(folder: Path) -> None:
    forge(folder, "ladders", lambda row: {**row, "chain_head": None}, reseal=False)
    forge(folder, "ladder_matches", lambda row: {**row, "digest": None}, reseal=False)
    (folder / "manifest.json").unlink()

    found = audit(folder)

    assert not found.is_sound
    assert "Ladder snake has rated matches and no head of a chain" in " ".join(found.faults)
    assert all(one.parted == 0 for one in found.ladders)


def test_the_link_is_followed_once(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "parquet"
    link.symlink_to(folder)

    assert audit(link).folder == folder.resolve()


def test_another_chain_in_the_manifest_is_a_parting(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["chains"][0]["head"] = "0" * 64
    del manifest["chains"][1]
    (folder / "manifest.json").write_text(json.dumps(manifest))

    sentences = audit(folder).sentences

    assert any("head of the chain in the manifest is 0000" in one for one in sentences)
    assert any("is not in the manifest" in one for one in sentences)


def test_an_arena_without_a_match_is_sound(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    with closing(prepare_arena(settings).store) as store:
        parquet = build(store, settings).parquet

    found = audit(parquet)

    assert found.is_sound
    assert [(one.matches, one.head) for one in found.ladders] == [(0, None)]
