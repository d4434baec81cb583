from pathlib import Path

import pytest

from arena_pipeline.registry.acts.audit import ActRefused, audit
from arena_pipeline.registry.prompts import newest_active, prompt_named, register_prompts
from arena_pipeline.registry.prompts.acts import fork_prompt, switch_prompts
from arena_pipeline.registry.prompts.comparing import differences
from arena_pipeline.registry.prompts.files import read_prompt_file
from arena_pipeline.store import Store
from arena_pipeline_tests.registry.prompts.prompt_files import KNOWN, content, put


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    """A folder with one prompt, which is registered in two versions."""
    put(tmp_path, "plain.md", content())
    register_prompts(store, [tmp_path])
    put(tmp_path, "plain.md", content("plain", "Better.\n{position}"))
    register_prompts(store, [tmp_path])
    return tmp_path


def test_a_fork_is_a_file_that_becomes_a_prompt_once_it_is_edited(
    store: Store, folder: Path
) -> None:
    path = fork_prompt(store, "plain@1", "mine", folder=folder)

    assert read_prompt_file(path, KNOWN).forked_from == "plain@1"
    assert register_prompts(store, [folder]).known_as == ((str(path), "plain@1"),)

    path.write_text(path.read_text().replace("well", "badly"))
    assert register_prompts(store, [folder]).added == ("mine@1",)


def test_a_fork_overwrites_nothing_and_takes_nobodys_name(store: Store, folder: Path) -> None:
    fork_prompt(store, "plain", "mine", folder=folder)

    for name in ("mine", "plain", "Not A Name", "../x"):
        with pytest.raises(ActRefused):
            fork_prompt(store, "plain", name, folder=folder)
    with pytest.raises(ActRefused, match="can't be written"):
        fork_prompt(store, "plain", "other", folder=folder / "plain.md")


def test_a_switched_off_version_is_no_longer_what_new_agents_get(
    store: Store, folder: Path
) -> None:
    report = switch_prompts(store, ["plain", "nobody"], on=False, actor="me", reason="worse")

    assert (report.done, [name for name, _ in report.failed]) == (("plain@2",), ["nobody"])
    with store.read() as connection:
        assert newest_active(connection, "snake") == prompt_named(connection, "plain")
        assert prompt_named(connection, "plain").version == 1
    assert switch_prompts(store, ["plain@2"], on=False, actor="me").unchanged == ("plain@2",)
    (entry,) = audit(store, subject="plain@2")
    assert (entry.action, entry.subject_kind, entry.reason) == ("deactivate", "prompt", "worse")


def test_a_prompt_that_was_switched_off_can_come_back(store: Store, folder: Path) -> None:
    switch_prompts(store, ["plain"], on=False, actor="me")

    assert switch_prompts(store, ["plain"], on=True, actor="me").done == ("plain@2",)


def test_what_two_prompts_differ_in(store: Store, folder: Path) -> None:
    with store.read() as connection:
        one, two = prompt_named(connection, "plain@1"), prompt_named(connection, "plain@2")

    assert differences(one, one) == ()
    assert differences(one, two)[:2] == ("--- plain@1", "+++ plain@2")
    assert "+Better." in differences(one, two)
