"""`arena aliases`: names that were seen, whose they are, and which are several models'."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import Later, row


@pytest.fixture
def shared_name(synced: Arena, later: Later) -> Arena:
    """An arena in which both models have been called Uno."""
    later(2, row("a/one", name="Uno"), row("b/two:free", "0", name="Due"))
    later(3, row("a/one", name="One"), row("b/two:free", "0", name="Uno"))
    return synced


def test_every_name_is_listed_with_its_model_and_when_it_was_seen(shared_name: Arena) -> None:
    names = shared_name("aliases", "--json").document["aliases"]

    seen = {(one["alias"], one["model"]): one for one in names}
    assert {("Uno", "a/one"), ("Uno", "b/two:free"), ("One", "a/one")} <= seen.keys()
    assert seen["Uno", "a/one"]["first_seen_at"].startswith("2026-11-02")


def test_a_slug_asks_for_its_names_and_a_name_for_its_models(shared_name: Arena) -> None:
    of_slug = shared_name("aliases", "a/one", "--json").document["aliases"]
    of_name = shared_name("aliases", "Uno", "--json").document["aliases"]

    assert {one["alias"] for one in of_slug} == {"Uno", "One"}
    assert {one["model"] for one in of_name} == {"a/one", "b/two:free"}


def test_names_of_several_models_can_be_asked_for(shared_name: Arena) -> None:
    names = shared_name("aliases", "--ambiguous", "--json").document["aliases"]

    assert [one["alias"] for one in names] == ["Uno", "Uno"]


def test_names_do_not_act_on_the_terminal(synced: Arena) -> None:
    ran = synced("aliases")

    assert "[red]Two[/]" in ran.out
    assert "\x1b" not in ran.out
    assert "1 name" in ran.out


def test_a_name_nobody_bore_is_one_sentence_with_the_nearest(synced: Arena) -> None:
    ran = synced("aliases", "a/on")

    assert (ran.code, ran.out) == (1, "")
    assert "did you mean 'a/one'?" in ran.err


def test_an_arena_without_models_has_no_names(arena: Arena, played_dir: Path) -> None:
    assert arena("aliases").out == "No names to show.\n"
