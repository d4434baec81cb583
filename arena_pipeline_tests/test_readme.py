"""The README knows every setting and every command."""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.cli import main
from arena_pipeline.cli.about import settings_markdown
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import open_store
from arena_pipeline_tests.cli.tree import LEAVES

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", settings_markdown().splitlines())
def test_the_readme_has_every_setting_with_its_default(row: str, readme: str) -> None:
    # `arena settings --markdown` prints the table to put there.
    assert row in readme.splitlines()


@pytest.mark.parametrize("path", LEAVES)
def test_the_readme_tells_of_every_command(path: tuple[str, ...], readme: str) -> None:
    group, *rest = path
    lines = [line for line in readme.splitlines() if f"arena {group}" in line]
    words = set() if LEAVES[path].hidden else set(rest)

    assert any(words <= set(re.findall(r"[a-z]+", line)) for line in lines)


def python_blocks(text: str) -> list[str]:
    return [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]


def test_the_match_loop_in_the_readme_plays_and_records_a_match(
    readme: str, tmp_path: Path
) -> None:
    (loop,) = (block for block in python_blocks(readme) if "recorder.finish" in block)

    subprocess.run(
        [sys.executable, "-c", loop],
        env={**os.environ, "ARENA_DATA_DIR": str(tmp_path)},
        check=True,
    )

    with closing(open_store(f"sqlite:///{tmp_path / 'arena.sqlite3'}")) as store:
        (found,) = verify_matches(store, tmp_path / "replays")
    assert found.status == "verified"


def test_the_registry_commands_in_the_readme_work_without_a_network(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```sh\n(arena models --why.*?)```", readme, re.DOTALL)
    monkeypatch.setenv("ARENA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ARENA_MODELS_FILE", str(README.parent / "data" / "models.yaml"))
    monkeypatch.setenv("ARENA_CATALOG_URL", "http://127.0.0.1:9/models")
    monkeypatch.setenv("ARENA_CATALOG_RETRIES", "0")
    monkeypatch.chdir(tmp_path)
    commands = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]

    codes = [main(command) for command in (["sync"], *commands)]

    assert codes == [0] * len(codes), capsys.readouterr().err


def test_the_bot_in_the_readme_is_one(readme: str, tmp_path: Path) -> None:
    (bot,) = (block for block in python_blocks(readme) if "@bot" in block)
    ask = "from arena_pipeline.players import bots; print(bots.policy('northward').description)"

    said = subprocess.run(
        [sys.executable, "-c", f"{bot}\n{ask}"], capture_output=True, text=True, check=True
    )

    assert said.stdout == "Up, come what may.\n"
