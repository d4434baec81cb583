"""The README's chapters on asking and operating: every command in them works as written."""

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.cli.conftest import MATCHES, Arena

README = Path(__file__).parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    text = README.read_text(encoding="utf-8")
    chapters = text[text.index("## Ask questions") : text.index("## Settings")]
    return re.findall(rf"```{language}\n(.*?)```", chapters, re.DOTALL)


def commands() -> list[list[str]]:
    lines = "".join(blocks("sh")).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [rest for first, *rest in words if first == "arena"]


def test_the_commands_work_in_their_order(
    arena: Arena,
    played_dir: Path,
    played_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(played_dir.parent)
    assert played_dir.name == "data"
    monkeypatch.setattr(sys, "stdin", io.StringIO("FROM build;"))
    with played_store.read() as connection:
        match = connection.scalar(select(Match.uuid).limit(1))

    failed = {}
    for command in commands():
        ran = arena(*(match if word == "MATCH" else word for word in command))
        if ran.code:
            failed[shlex.join(command)] = ran.err

    assert len(commands()) > 12
    assert failed == {}
    assert (played_dir.parent / "restored" / "arena.sqlite3").is_file()
    (notebook,) = blocks("python")
    asked = "print(len(board), results['seats'].sum())"
    said = subprocess.run(
        [sys.executable, "-c", f"{notebook}\n{asked}"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"3 {2 * MATCHES}\n"
