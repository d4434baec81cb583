"""SQL from notebooks: the newest warehouse as frames."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.errors import ArenaError
from arena_pipeline.frames import open_arena
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store, prepare_store
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.query import QueryError
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def built(store: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An arena that knows one model and has a warehouse; it is the one in force."""
    Days(store, arena_settings.catalog_dir).next(row("acme/one", prompt="0.0000001"))
    build(store, arena_settings)
    monkeypatch.setenv("ARENA_DATA_DIR", str(arena_settings.root))
    monkeypatch.setenv("ARENA_DATABASE_URL", arena_settings.store_url)
    return arena_settings


def test_an_answer_is_a_frame_with_types_to_reckon_with(built: Settings) -> None:
    with open_arena() as arena:
        found = arena.query("SELECT slug, price_prompt, discovered_at, removed_at FROM models")
        named = arena.query("SELECT slug FROM models WHERE slug = $slug", {"slug": "acme/one"})

    assert found["slug"].tolist() == named["slug"].tolist() == ["acme/one"]
    assert found["price_prompt"].tolist() == [0.1]
    assert str(found["discovered_at"].dt.tz) == "UTC"
    assert found["removed_at"].isna().all()


def test_a_newer_warehouse_is_asked_without_opening_anew(built: Settings) -> None:
    with open_arena() as arena, closing(open_ready_store(built)) as store:
        before = arena.query("SELECT count(*) AS n FROM catalog_snapshots")["n"].item()
        Days(store, built.catalog_dir).next(row("acme/one"), row("acme/two"))
        build(store, built)

        assert arena.query("SELECT count(*) AS n FROM catalog_snapshots")["n"].item() == before + 1


def test_threads_may_ask_at_once(built: Settings) -> None:
    found: dict[int, int] = {}
    with open_arena() as arena:

        def ask(number: int) -> None:
            found[number] = arena.query("SELECT ? AS n", [number])["n"].item()

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == {number: number for number in range(6)}


def test_a_wrong_question_is_said_in_words(built: Settings) -> None:
    with open_arena() as arena:
        with pytest.raises(QueryError, match='Did you mean "models"'):
            arena.query("FROM modles")
        with pytest.raises(QueryError, match="no question"):
            arena.query("DROP TABLE models")


@pytest.mark.parametrize("given", ["{}", "{}/arena.sqlite3", "sqlite:///{}/arena.sqlite3"])
def test_the_warehouse_of_a_folder_or_file_is_in_its_folder(tmp_path: Path, given: str) -> None:
    settings = Settings.load(data_dir=tmp_path / "data")
    with closing(prepare_store(settings).store) as store:
        build(store, settings)

    with open_arena(given.format(settings.root)) as arena:
        assert len(arena.query("FROM build")) == 1


def test_an_address_of_somewhere_else_does_not_tell_where_its_warehouse_is(
    built: Settings, empty_store_url: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_arena(built.store_url) as arena:
        assert len(arena.query("FROM build")) == 1
    if database == "postgresql":
        monkeypatch.setenv("ARENA_DATABASE_URL", empty_store_url)
        with (
            open_arena(built.store_url) as arena,
            pytest.raises(ArenaError, match="does not say where the warehouse lies"),
        ):
            arena.query("FROM build")


def test_without_a_warehouse_the_command_is_named(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    prepare_store(settings).store.close()

    with open_arena(tmp_path) as arena, pytest.raises(WarehouseError, match="arena warehouse"):
        arena.query("FROM guide")
