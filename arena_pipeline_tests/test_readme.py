"""The README knows every setting and every command."""

from pathlib import Path

import pytest

from arena_pipeline.cli.about import settings_markdown
from arena_pipeline.cli.entry import HELP_ORDER

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", settings_markdown().splitlines())
def test_the_readme_has_every_setting_with_its_default(row: str, readme: str) -> None:
    # `arena settings --markdown` prints the table to put there.
    assert row in readme.splitlines()


@pytest.mark.parametrize("name", HELP_ORDER)
def test_the_readme_tells_of_every_command(name: str, readme: str) -> None:
    assert f"arena {name}" in readme
