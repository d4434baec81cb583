from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.prompts import (
    newest_active,
    prompt_named,
    prompt_of,
    register_prompts,
)
from arena_pipeline.registry.prompts.rows import prompt_rows, prompts
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Prompt
from arena_pipeline_tests.registry.asking import queries
from arena_pipeline_tests.registry.days import count, everything
from arena_pipeline_tests.registry.prompts.prompt_files import KNOWN, WORDS, content, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one prompt."""
    put(tmp_path / "prompts", "plain.md", content())
    return tmp_path / "prompts"


def test_a_file_makes_a_prompt_that_new_agents_get(store: Store, folder: Path) -> None:
    report = register_prompts(store, [folder, folder / "none"], known=KNOWN)

    assert (report.added, report.resting, report.rejected) == (("plain@1",), (), ())
    with store.read() as connection:
        found = newest_active(connection, "snake")
        assert found is not None
        assert found == prompt_of(connection, found.id) == prompt_named(connection, "plain@1")
        assert newest_active(connection, "hexes") is None
    assert (found.text, found.reference, found.title) == (WORDS, "plain@1", "plain")


def test_the_same_again_changes_nothing_and_writes_nothing(store: Store, folder: Path) -> None:
    register_prompts(store, [folder])
    before = everything(store, Prompt)
    with queries(store) as sent:
        report = register_prompts(store, [folder])

    assert (report.unchanged, report.added) == (("plain@1",), ())
    assert everything(store, Prompt) == before
    assert not any("INSERT" in sql for sql, _ in sent)


def test_a_changed_text_is_the_next_version_and_the_old_one_stays(
    store: Store, folder: Path
) -> None:
    register_prompts(store, [folder])
    put(folder, "plain.md", content("plain", "Play better.\n{position}"))

    report = register_prompts(store, [folder])

    assert report.added == ("plain@2",)
    with store.read() as connection:
        assert [one.text for one in prompt_rows(connection)] == [
            WORDS,
            "Play better.\n{position}",
        ]
        assert prompt_named(connection, "plain").version == 2


def test_a_text_that_was_there_before_is_the_same_prompt(store: Store, folder: Path) -> None:
    register_prompts(store, [folder])
    put(folder, "other.md", content("other"))

    report = register_prompts(store, [folder])

    assert report.known_as == ((str(folder / "other.md"), "plain@1"),)
    assert count(store, Prompt) == 1


def test_a_fork_knows_its_origin_and_rests_until_somebody_wants_it(
    store: Store, folder: Path
) -> None:
    put(folder, "a.md", content("a", "A {position}", "forked_from: plain@1"))

    report = register_prompts(store, [folder])

    assert (report.added, report.resting) == (("plain@1", "a@1"), ("a@1",))
    with store.read() as connection:
        assert prompt_named(connection, "a").forked_from == "plain@1"
        newest = newest_active(connection, "snake")
        assert newest is not None
        assert newest.reference == "plain@1"


def test_bad_files_are_told_and_stop_no_other(store: Store, folder: Path) -> None:
    bad = put(folder, "bad.md", content("bad", "{nothing}"))
    orphan = put(folder, "orphan.md", content("orphan", "O {position}", "forked_from: nobody"))
    stranger = put(folder, "plain2.md", content("plain", "P {position}", game="hexes"))
    put(folder, ".hidden.md", "x")
    put(folder, "read.txt", "x")

    report = register_prompts(store, [folder], known=KNOWN)

    assert report.added == ("plain@1",)
    told = dict(report.rejected)
    assert told.keys() == {str(bad), str(orphan), str(stranger)}
    assert f"{bad}:5:1: unknown placeholder" in told[str(bad)]
    assert "no prompt 'nobody'" in told[str(orphan)]
    assert "for 'snake'" in told[str(stranger)]


def test_many_at_once_make_one_prompt(store_url: str, folder: Path) -> None:
    def register(_: int) -> tuple[str, ...]:
        store = open_store(store_url)
        try:
            return register_prompts(store, [folder]).added
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(register, range(4)))

    assert sorted(added) == [(), (), (), ("plain@1",)]


def test_a_prompt_that_is_not_there_is_told_with_those_there_are(
    store: Store, folder: Path
) -> None:
    register_prompts(store, [folder])
    with store.read() as connection:
        with pytest.raises(NotFound, match="did you mean 'plain'"):
            prompt_named(connection, "plan")
        with pytest.raises(NotFound, match=r"there are plain@1"):
            prompt_named(connection, "plain@2")
        with pytest.raises(NotFound):
            prompt_of(connection, 77)


def test_prompts_are_listed_with_their_use(store: Store, folder: Path) -> None:
    register_prompts(store, [folder])

    (use,) = prompts(store)

    assert (use.prompt.reference, use.agents, use.matches) == ("plain@1", 0, 0)
