"""What every arena starts with."""

from pathlib import Path

import pytest

from arena_pipeline.evaluation.setup import (
    BUILT_IN_PROMPTS,
    known_placeholders,
    own_prompts,
    prepare_arena,
    take_prompts,
)
from arena_pipeline.registry.prompts import newest_active
from arena_pipeline.registry.prompts.files import read_prompt_file
from arena_pipeline.registry.prompts.rows import prompt_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.registry.prompts.prompt_files import content, put


def test_a_new_arena_has_a_prompt_for_its_main_game(tmp_path: Path) -> None:
    for _ in range(2):
        store = prepare_arena(Settings.load(data_dir=tmp_path)).store
        with store.read() as connection:
            found = newest_active(connection, "snake")
            assert len(prompt_rows(connection)) == len(list(BUILT_IN_PROMPTS.glob("*.md")))
        store.close()
    assert found is not None


@pytest.mark.parametrize("path", sorted(BUILT_IN_PROMPTS.glob("*.md")), ids=lambda path: path.stem)
def test_every_prompt_that_is_built_in_is_a_good_one(path: Path) -> None:
    assert read_prompt_file(path, known_placeholders()).name == path.stem


def test_prompts_of_ones_own_come_from_the_data_folder_or_where_the_setting_says(
    store: Store, arena_settings: Settings, tmp_path: Path
) -> None:
    assert own_prompts(arena_settings) == arena_settings.root / "prompts"
    elsewhere = arena_settings.model_copy(update={"prompts_dir": tmp_path / "elsewhere"})
    put(own_prompts(elsewhere), "mine.md", content("mine"))
    bad = put(own_prompts(elsewhere), "bad.md", "x")

    report = take_prompts(store, elsewhere)

    assert "mine@1" in report.added
    assert [file for file, _ in report.rejected] == [str(bad)]
