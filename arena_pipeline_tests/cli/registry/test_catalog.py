"""`arena catalog`: catalogs accepted and refused, and everything they changed."""

from pathlib import Path
from typing import get_args

import pytest

from arena_pipeline.catalog.diff import ChangeKind
from arena_pipeline.cli.registry.catalog import Kind
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, HOSTILE, Later, row


@pytest.fixture
def eventful(synced: Arena, later: Later) -> Arena:
    """An arena with a renaming, a flip and a catalog that was refused."""
    later(2, row("a/one", "0.000002"), FREE)
    assert later(3).code == 1
    later(4, row("a/one", name=HOSTILE + "!"), FREE)
    return synced


def test_the_last_catalogs_are_listed_with_what_they_changed(eventful: Arena) -> None:
    shown = eventful("catalog", "--json").document["snapshots"]

    assert [(one["accepted"], one["added"], one["repriced"]) for one in shown] == [
        (True, 0, 1),
        (False, 0, 0),
        (True, 0, 1),
        (True, 2, 0),
    ]


def test_a_refused_catalog_is_listed_with_its_reason(eventful: Arena) -> None:
    out = eventful("catalog").out

    assert out.count("accepted") == 3
    assert "Refused 2026-11-03 00:00 The catalog" in out


def test_every_change_is_listed_newest_first_and_flips_are_marked(eventful: Arena) -> None:
    out = eventful("catalog", "log").out

    lines = [line.split() for line in out.splitlines() if line.startswith(" 2026-")]
    assert [(line[0], line[2]) for line in lines] == [
        ("2026-11-04", "repriced"),
        ("2026-11-04", "renamed"),
        ("2026-11-03", "refused"),
        ("2026-11-02", "repriced"),
        ("2026-11-01", "added"),
        ("2026-11-01", "added"),
    ]
    assert lines[0][3] == "(flip)"
    assert "prompt 2 -> 1, completion 2 -> 1" in out
    assert "\x1b" not in out


def test_the_log_as_a_document_has_before_and_after(eventful: Arena) -> None:
    document = eventful("catalog", "log", "--kind", "repriced", "--json").document

    assert [one["is_flip"] for one in document["changes"]] == [True, False]
    assert document["changes"][0]["after"] == {"prompt": "1", "completion": "1"}
    assert (document["more"], document["refused"]) == (False, [])


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--since", "2026-11-02"), 3),
        (("--model", "b/two:free"), 1),
        (("--kind", "added"), 2),
        (("--limit", "1"), 1),
    ],
)
def test_changes_are_filtered(eventful: Arena, options: tuple[str, ...], count: int) -> None:
    assert len(eventful("catalog", "log", *options, "--json").document["changes"]) == count


def test_more_changes_than_asked_for_are_spoken_of(eventful: Arena) -> None:
    assert (
        "... and older ones; --limit shows more than 1"
        in eventful("catalog", "log", "--limit", "1").out
    )


def test_every_kind_of_change_can_be_asked_for() -> None:
    assert get_args(Kind) == tuple(ChangeKind)


def test_a_time_that_is_none_is_a_wrong_call(synced: Arena) -> None:
    ran = synced("catalog", "log", "--since", "yesterday")

    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("command", [("catalog", "log"), ("audit",)])
def test_a_wrong_call_is_told_before_the_arena_is_looked_for(
    arena: Arena, fresh_dir: Path, command: tuple[str, ...]
) -> None:
    assert arena(*command, "--since", "yesterday").code == 2


def test_an_arena_without_a_catalog_says_how_to_get_one(arena: Arena, played_dir: Path) -> None:
    assert arena("catalog").out == "No catalog yet. arena sync fetches it.\n"
    assert arena("catalog", "log").out == "No changes to show.\n"
