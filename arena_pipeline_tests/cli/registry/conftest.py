"""An arena that knows a catalog of two models, and catalogs to come after it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.cli import main
from arena_pipeline_tests.cli.conftest import MODELS_FILE, Arena, Ran

HOSTILE = "[red]Two[/] \x1b[2J"
"""A name that holds markup and an escape code."""


def row(slug: str, prompt: str = "0.000001", **others: Any) -> dict[str, Any]:
    return {
        "id": slug,
        "name": others.pop("name", slug),
        "created": 1_700_000_000,
        "context_length": 8192,
        "pricing": {"prompt": prompt, "completion": prompt},
        "architecture": {"modality": "text->text"},
        **others,
    }


FREE = row("b/two:free", "0", name=HOSTILE)


def write_catalog(folder: Path) -> Path:
    path = folder / "catalog-2026-11-01.json"
    path.write_text(json.dumps({"data": [row("a/one"), FREE]}))
    return path


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalog of two models, one of them free and of a hostile name."""
    return write_catalog(tmp_path)


@pytest.fixture(scope="session")
def synced_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an arena that knows the catalog, to be copied."""
    folder = tmp_path_factory.mktemp("synced")
    models_file = folder / "models.yaml"
    models_file.write_text(MODELS_FILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARENA_MODELS_FILE", str(models_file))
        patch.setenv("ARENA_DATA_DIR", str(folder / "data"))
        assert main(["sync", "--file", str(write_catalog(folder))]) == 0
    return folder / "data"


@pytest.fixture
def synced(arena: Arena, fresh_dir: Path, catalog: Path, synced_template: Path) -> Arena:
    """The command over an arena that knows the catalog."""
    shutil.copytree(synced_template, fresh_dir)
    return arena


Later = Callable[..., Ran]


@pytest.fixture
def later(synced: Arena, tmp_path: Path) -> Later:
    """Syncs a catalog of these rows, dated a day of November 2026."""

    def sync(day: int, *rows: dict[str, Any], options: tuple[str, ...] = ()) -> Ran:
        file = tmp_path / f"catalog-2026-11-{day:02}.json"
        file.write_text(json.dumps({"data": rows}))
        return synced("sync", "--file", file, *options)

    return sync
