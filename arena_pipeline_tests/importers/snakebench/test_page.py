"""docs/importing.md: its commands run on a small history, and its lists are those of the code."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from arena_pipeline.cli import main
from arena_pipeline.importers.snakebench.facts.costs import LARGEST as LARGEST_COST
from arena_pipeline.importers.snakebench.facts.placeholders import REASONS
from arena_pipeline.importers.snakebench.facts.times import UTC_FROM
from arena_pipeline.importers.snakebench.naming.names import Rule
from arena_pipeline.importers.snakebench.reading.sources import LARGEST
from arena_pipeline.importers.snakebench.replaying.eras import APPLES_DECIDE_FROM, MOVED_BODIES_FROM
from arena_pipeline.matches.explaining import Verdict
from arena_pipeline.matches.ladder_rules import Reason
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.settings import PROJECT_ROOT
from arena_pipeline_tests.importers.snakebench.makers import new_id
from arena_pipeline_tests.importers.snakebench.small_history import NAMES, write_history

PAGE = PROJECT_ROOT / "docs" / "importing.md"
HOME = "~/snakebench"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """Every command of the page, as the shell splits it."""
    lines = "".join(blocks(page, "sh")).splitlines()
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture
def moved(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a history in it, and an arena elsewhere without a network."""
    home = write_history(tmp_path / "snakebench")
    listed = [{"name": NAMES[0], "model_name": "vendor-a/mini-1", "provider": "openrouter"}]
    (home / "model_list.yaml").write_text(yaml.safe_dump({"models": listed}), encoding="utf-8")
    for name, value in {
        "DATA_DIR": tmp_path / "data",
        "MODELS_FILE": shutil.copy(PROJECT_ROOT / "data" / "models.yaml", tmp_path),
        "CATALOG_URL": "http://127.0.0.1:1/models",
        "CATALOG_RETRIES": 0,
    }.items():
        monkeypatch.setenv(f"ARENA_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ids.txt").write_text(f"{new_id(0)}\n{new_id(1)}\n", encoding="utf-8")
    return home


def test_every_command_of_the_page_works_in_its_order(
    page: str, moved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = commands(page)
    assert len(told) >= 10

    for arena, *words in told:
        assert arena == "arena"
        if words[0] == "verify-ratings":
            _publish(moved)
        code = main([word.replace(HOME, str(moved)) for word in words])
        assert code == 0, f"{words}: {capsys.readouterr().err}"


def _publish(home: Path) -> None:
    """Statistics as the other arena publishes them, in the folder that was moved in from."""
    made = home.parent / "published"
    export = ["export", "--ladder", "snakebench", "--format", "legacy", "--out", str(made)]
    assert main(export) == 0
    shutil.copy(made / "stats.json", home)


def test_the_lines_that_join_a_name_are_those_of_a_models_file(page: str, tmp_path: Path) -> None:
    (lines,) = blocks(page, "yaml")
    (tmp_path / "models.yaml").write_text(lines, encoding="utf-8")

    read = read_models_file(tmp_path / "models.yaml")

    assert read.models.names == {"meta-llama/Llama-3-70b-chat-hf": ("Llama-3-70B-chat-hf",)}


@pytest.mark.parametrize(
    "word",
    [*Verdict, *Rule, *REASONS, Reason.GATEWAY_FAULTS, Reason.SELF_PLAY, Reason.PLACEHOLDER],
)
def test_every_word_that_an_import_leaves_is_explained(page: str, word: str) -> None:
    assert f"`{word}`" in page


def test_the_instants_and_bounds_are_those_of_the_code(page: str) -> None:
    for stamp in (UTC_FROM.isoformat(), MOVED_BODIES_FROM, APPLES_DECIDE_FROM):
        assert stamp in page
    assert f"above {LARGEST // 2**20} MB" in page
    assert f"above {LARGEST_COST:,} USD" in page
