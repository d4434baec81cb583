"""Rules of the house that import-linter can't see, since they are about names and not modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import arena_pipeline

PACKAGE = Path(arena_pipeline.__file__).parent
TESTS = Path(__file__).parent
MOST_LINES = 300
MIGRATIONS = PACKAGE / "store" / "migrations" / "versions"
"""A migration is one long list of facts, and is never edited."""

ENGINE_BUILDERS = {"create_engine", "create_async_engine", "engine_from_config"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def sources(*roots: Path) -> list[Path]:
    return sorted(path for root in roots for path in root.rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE.parent))


def uses(source: str, modules: set[str], names: set[str]) -> Iterator[str]:
    """Each of `names` that the source takes from one of `modules`, imported or as `module.name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            found = names & {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = names & {node.attr} if node.value.id in modules else set()
        else:
            continue
        yield from (f"line {node.lineno}: {one}" for one in sorted(found))


def offences(paths: list[Path], modules: set[str], names: set[str]) -> list[str]:
    return [
        f"{name(path)} {use}"
        for path in paths
        for use in uses(path.read_text(encoding="utf-8"), modules, names)
    ]


def test_only_the_store_builds_an_engine() -> None:
    elsewhere = [path for path in sources(PACKAGE) if PACKAGE / "store" not in path.parents]
    modules = {"sqlalchemy", "sqlalchemy.engine", "sqlalchemy.ext.asyncio", "sa"}

    assert offences(elsewhere, modules, ENGINE_BUILDERS) == []


def test_only_settings_reads_the_environment() -> None:
    elsewhere = [path for path in sources(PACKAGE) if path.parent != PACKAGE / "settings"]

    assert offences(elsewhere, {"os"}, ENVIRONMENT) == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    files = [path for path in sources(PACKAGE, TESTS) if MIGRATIONS not in path.parents]
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_says_what_belongs_in_it() -> None:
    def is_silent(path: Path) -> bool:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return bool(tree.body) and ast.get_docstring(tree) is None

    assert [name(path) for path in sources(PACKAGE) if is_silent(path)] == []


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['X']", "from os import getenv", "import os\nprint(os.getenv('X'))"],
)
def test_the_rule_sees_each_way_of_reading_the_environment(source: str) -> None:
    assert len(list(uses(source, {"os"}, ENVIRONMENT))) == 1
