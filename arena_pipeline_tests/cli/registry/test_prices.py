"""`arena prices`: the history as table, chart, document and picture."""

import os
from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, Later, row


@pytest.fixture
def flipped(synced: Arena, later: Later, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """An arena in which a price went up and back, and its model was away for two days then."""
    monkeypatch.setenv("ARENA_CATALOG_MAX_DROP", "0.5")
    later(2, row("a/one", "0.000002"), FREE)
    later(3, row("a/one"), FREE)
    later(4, FREE)
    later(6, row("a/one"), FREE)
    return synced


def test_every_price_is_shown_with_flips_and_absences(flipped: Arena) -> None:
    out = flipped("prices", "a/one").out

    lines = [line.split(maxsplit=4) for line in out.splitlines() if line.startswith(" 2026-")]
    assert [line[:4] for line in lines] == [
        ["2026-11-01", "00:00", "1", "1"],
        ["2026-11-02", "00:00", "2", "2"],
        ["2026-11-03", "00:00", "1", "1"],
    ]
    assert lines[2][4].strip() == "back to what it had been (flip)"
    assert "Not listed from 2026-11-04 00:00 until 2026-11-06 00:00" in out


def test_the_document_has_prices_as_decimals_flips_and_absences(flipped: Arena) -> None:
    document = flipped("prices", "a/one", "--json").document

    assert document["slug"] == "a/one"
    assert [(one["price_prompt"], one["is_flip"]) for one in document["prices"]] == [
        ("1", False),
        ("2", False),
        ("1", True),
    ]
    assert [one["until"][:10] for one in document["away"]] == ["2026-11-06"]


def test_a_chart_is_drawn_as_wide_as_the_screen(
    flipped: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")

    out = flipped("prices", "a/one").out

    assert "USD per million tokens: # completion, o prompt" in out
    assert max(map(len, out.splitlines())) == 70


def test_a_change_of_other_prices_is_called_that(later: Later, synced: Arena) -> None:
    pricing = {"prompt": "0.000001", "completion": "0.000001", "image": "0.5"}
    later(2, row("a/one", pricing=pricing), FREE)

    assert "other prices changed" in synced("prices", "a/one").out


def test_prices_that_count_instead_of_the_catalog_s_are_told(
    synced: Arena, later: Later, models_file: Path
) -> None:
    models_file.write_text("models: {prices: {a/one: {prompt: 3, completion: 4}}}")
    later(2, row("a/one"), FREE)

    assert (
        "What counts instead: prompt 3, completion 4 (set by models.yaml)"
        in synced("prices", "a/one").out
    )
    assert synced("prices", "a/one", "--json").document["counts"] == {
        "prompt": "3",
        "completion": "4",
        "set_by": "yaml",
    }


def test_only_what_held_lately_can_be_asked_for(synced: Arena, later: Later) -> None:
    later(2, row("a/one", "0.000002"), FREE)

    document = synced("prices", "a/one", "--days", "1", "--json").document

    assert [one["price_prompt"] for one in document["prices"]] in (["2"], ["1", "2"])


def test_the_chart_can_be_written_as_a_picture_again_and_again(
    flipped: Arena, tmp_path: Path
) -> None:
    picture = tmp_path / "prices.svg"

    assert flipped("prices", "a/one", "--svg", picture).code == 0
    assert flipped("prices", "a/one", "--svg", picture).code == 0

    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert [file.name for file in tmp_path.glob("*.svg")] == ["prices.svg"]
    assert list(tmp_path.glob(".*.svg")) == []


def test_a_file_that_is_no_picture_is_left_alone(flipped: Arena, tmp_path: Path) -> None:
    precious = tmp_path / "notes.txt"
    precious.write_text("mine")

    ran = flipped("prices", "a/one", "--svg", precious)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert precious.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(flipped: Arena, tmp_path: Path) -> None:
    ran = flipped("prices", "a/one", "--svg", tmp_path / "none" / "x.svg")

    told = f"arena: There is no folder {tmp_path / 'none'}; make it or name another file\n"
    assert (ran.code, ran.err) == (1, told)


def test_a_pipe_in_the_place_of_the_picture_is_left_alone(flipped: Arena, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)

    ran = flipped("prices", "a/one", "--svg", pipe)

    assert (ran.code, ran.err) == (
        1,
        f"arena: {pipe} is no SVG picture and is left alone; name another file\n",
    )


def test_a_picture_is_written_where_a_link_leads_to_and_over_an_empty_file(
    flipped: Arena, tmp_path: Path
) -> None:
    there, link = tmp_path / "there.svg", tmp_path / "link.svg"
    there.touch()
    link.symlink_to(there)

    ran = flipped("prices", "a/one", "--svg", link)

    assert (ran.code, ran.err) == (0, f"Chart written to {link}\n")
    assert link.is_symlink()
    assert there.read_text(encoding="utf-8").startswith("<svg")


def test_a_model_of_the_sample_says_why_its_price_has_no_history(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_CATALOG_URL", "http://127.0.0.1:9/models")
    monkeypatch.setenv("ARENA_CATALOG_RETRIES", "0")
    arena("sync")

    assert "the prices of the sample catalog are not" in arena("prices", "openai/gpt-4o").out


def test_an_unknown_model_names_the_nearest(synced: Arena) -> None:
    ran = synced("prices", "a/on")

    assert (ran.code, ran.err) == (1, "arena: No model goes by 'a/on'; did you mean 'a/one'?\n")


def test_a_name_that_acts_on_terminals_finds_its_model(synced: Arena) -> None:
    ran = synced("prices", "b/two:free")

    assert "b/two:free" in ran.out
    assert "\x1b" not in ran.out
