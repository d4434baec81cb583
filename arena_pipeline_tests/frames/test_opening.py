"""Opening an arena by what people have: a folder, a file, an address, nothing."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.errors import ArenaError, StoreError
from arena_pipeline.frames import open_arena
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import downgrade
from arena_pipeline.store.opening import prepare_store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with an arena that knows one model."""
    folder = tmp_path / "data"
    with closing(prepare_store(Settings.load(data_dir=folder)).store) as store:
        Days(store, folder / "catalog").next(row("acme/one"))
    return folder


def listing(folder: Path) -> set[Path]:
    """Every file and folder in a folder, at any depth."""
    return set(folder.rglob("*"))


@pytest.mark.parametrize("given", ["{}", "{}/arena.sqlite3", "sqlite:///{}/arena.sqlite3"])
def test_an_arena_is_a_folder_a_file_or_an_address(folder: Path, given: str) -> None:
    with open_arena(given.format(folder)) as arena:
        assert arena.models()["slug"].tolist() == ["acme/one"]


def test_an_arena_is_opened_by_its_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)

    with open_arena(Path("data")) as arena:
        assert len(arena.models()) == 1


def test_nothing_means_the_arena_of_the_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATA_DIR", str(folder))

    with open_arena() as arena:
        assert len(arena.models()) == 1


def test_a_folder_wins_over_the_address_in_the_settings(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATABASE_URL", store_url)

    with open_arena(folder) as arena, open_arena() as of_settings:
        assert (len(arena.models()), len(of_settings.models())) == (1, 0)


def test_opening_leaves_no_file_behind_that_was_not_there(folder: Path) -> None:
    before = listing(folder)

    with open_arena(folder) as arena:
        arena.models()

    assert listing(folder) == before


@pytest.mark.parametrize(
    "missing", ["nowhere", "nowhere.sqlite3", "sqlite:///{}/nowhere/x.sqlite3", "sqlite://"]
)
def test_where_nothing_is_nothing_is_made(tmp_path: Path, missing: str) -> None:
    place = missing.format(tmp_path) if "://" in missing else tmp_path / missing

    with pytest.raises(StoreError, match=r"There is no arena at .*give a data folder"):
        open_arena(place)

    assert listing(tmp_path) == set()


def test_a_folder_without_a_store_is_no_arena(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"no arena at {tmp_path}/arena.sqlite3"):
        open_arena(tmp_path)

    assert listing(tmp_path) == set()


def test_a_database_of_something_else_is_not_made_an_arena(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (name TEXT)")
        connection.commit()

    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"places\.sqlite holds no arena"):
        open_arena(path)

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("milk, eggs\n" * 100)

    with pytest.raises(StoreError, match=r"notes\.txt"):
        open_arena(path)

    assert path.read_text().startswith("milk, eggs\n")


def test_an_empty_database_holds_no_arena(empty_store: Store, empty_store_url: str) -> None:
    with empty_store.read():
        pass  # SQLite makes the file when somebody first connects

    with pytest.raises(StoreError, match="holds no arena"):
        open_arena(empty_store_url)


def test_an_arena_of_another_version_is_neither_read_nor_migrated(
    store: Store, store_url: str
) -> None:
    downgrade(store, "0001")

    for _ in range(2):
        with pytest.raises(StoreError, match="is at version 0001, this program needs"):
            open_arena(store_url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hunter2@host/arena",
        "postgresql://me:hunter2@host:port/arena",
        "https://me:hunter2@host/arena?token=hunter2",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ArenaError, match="is no arena; give a data folder") as caught:
        open_arena(url)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("host", ["127.0.0.1:1", "[127.0.0.1:1"])
def test_a_server_that_is_not_there_is_named_without_the_password(host: str) -> None:
    with pytest.raises(StoreError, match=r"The store .* failed: ") as caught:
        open_arena(f"postgresql://me:hunter2@{host}/arena")

    assert "hunter2" not in str(caught.value)


def test_an_arena_says_where_it_is_without_the_password(store_url: str) -> None:
    with open_arena(store_url) as arena, closing(open_store(store_url)) as store:
        assert repr(arena) == f"<Arena {store.address}>"


def test_importing_the_package_brings_in_no_library_until_a_frame_is_wanted(folder: Path) -> None:
    program = f"""
import sys
import arena_pipeline
print([name for name in ("sqlalchemy", "pydantic", "pandas") if name in sys.modules])
arena = arena_pipeline.open_arena({str(folder)!r})
print("pandas" in sys.modules)
print(len(arena.models()))
print("open_arena" in dir(arena_pipeline), hasattr(arena_pipeline, "closed_arena"))
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.splitlines() == ["[]", "False", "1", "True False"]


def test_the_notebook_in_the_readme_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (notebook,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
        if "arena.prices()" in block
    )
    monkeypatch.setenv("ARENA_DATA_DIR", str(folder))

    said = subprocess.run(
        [sys.executable, "-c", f"{notebook}\nprint(by_vendor.to_dict(), len(repriced))"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "{'acme': 2.0} 0\n"
