"""`arena prompts`: listed, shown, compared, forked, added, switched."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.registry.prompts.prompt_files import content, put


def references(arena: Arena) -> list[tuple[str, bool]]:
    listed = arena("prompts", "--json").document["prompts"]
    return [(one["reference"], one["active"]) for one in listed]


def edited(path: Path) -> None:
    path.write_text(path.read_text().replace("{position}", "Beware.\n{position}"))


def test_the_prompts_that_are_built_in_are_listed(synced: Arena) -> None:
    assert ("snake@1", True) in references(synced)
    assert "snake@1" in synced("prompts").out


def test_a_prompt_is_shown_with_its_words_and_as_it_is_sent(synced: Arena) -> None:
    words, sent = (
        synced("prompts", "show", "snake"),
        synced("prompts", "show", "snake@1", "--rendered"),
    )

    assert (words.code, sent.code) == (0, 0)
    assert "{position}" in words.out
    assert "{position}" not in sent.out
    assert (
        "{position}"
        not in synced("prompts", "show", "snake", "--rendered", "--json").document["rendered"]
    )


def test_a_prompt_that_is_not_there_is_one_sentence(synced: Arena) -> None:
    ran = synced("prompts", "show", "snak")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "did you mean 'snake'" in ran.err


def test_a_fork_becomes_a_prompt_once_it_is_edited_and_is_compared(
    synced: Arena, fresh_dir: Path
) -> None:
    assert synced("prompts", "fork", "snake", "mine").code == 0
    assert [name for name, _ in references(synced)] == ["snake@1"]

    edited(fresh_dir / "prompts" / "mine.md")

    assert "Prompts added: mine@1" in synced("prompts").err
    assert ("mine@1", False) in references(synced)
    assert "+Beware." in synced("prompts", "diff", "snake", "mine").out
    assert synced("prompts", "diff", "mine", "mine").out == "mine@1 and mine@1 say the same.\n"


def test_a_fork_is_edited_at_once(
    synced: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "sed -i s/{position}/Beware.{position}/")
    file = tmp_path / "mine.md"

    ran = synced("prompts", "fork", "snake", "mine", "--edit", "-o", file)

    assert (ran.code, file.exists()) == (0, True)
    assert "mine@1 is a prompt now" in ran.out
    monkeypatch.setenv("EDITOR", "false")
    assert synced("prompts", "fork", "snake", "yours", "--edit").code == 1


def test_files_are_added_and_bad_ones_told(synced: Arena, tmp_path: Path) -> None:
    good = put(tmp_path, "good.md", content("good", "Play. {position}"))
    bad = put(tmp_path, "bad.md", content("bad", "Play. {positon}"))

    ran = synced("prompts", "add", good, bad)

    assert ran.code == 1
    assert "good@1 is a prompt now" in ran.out
    assert f"{bad}:5:7: unknown placeholder {{positon}}; did you mean 'position'?" in ran.err
    assert synced("prompts", "add", good).out == "good@1 was a prompt already\n"
    assert synced("prompts", "add", good, "--json").document["unchanged"] == ["good@1"]


def test_a_prompt_is_switched_off_and_on(synced: Arena) -> None:
    assert synced("prompts", "deactivate", "snake", "--reason", "bad").code == 0
    assert references(synced) == [("snake@1", False)]

    assert synced("prompts", "activate", "snake", "nobody").code == 1
    assert references(synced) == [("snake@1", True)]


def test_an_agent_is_told_a_prompt(synced: Arena) -> None:
    ran = synced("agents", "add", "one", "--model", "a/one", "--prompt", "snake")

    assert ran.out == "Agent one plays by a/one, told by prompt snake@1.\n"
    assert "snake@1" in synced("agents").out


def test_an_agent_no_call_can_be_made_for_is_refused(synced: Arena) -> None:
    ran = synced("agents", "add", "one", "--model", "a/one", "--setting", "temperature=9")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "temperature" in ran.err
