"""The settings of a practice arena, and which databases it keeps out of."""

from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.practice.arena import PLAY_MONEY, NotForPractice, check_store, practice_settings
from arena_pipeline.practice.serving import Address
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.settings import Settings, child_environment
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.leaderboard.test_practice_ladder import declare

AT = Address("127.0.0.1", 8400)


def test_a_practice_arena_has_a_folder_a_gateway_and_play_money_of_its_own(tmp_path: Path) -> None:
    settings = practice_settings(Settings.load(data_dir=tmp_path), AT)

    declared = read_models_file(settings.models_path)
    (gateway,) = declared.gateways
    assert settings.root == tmp_path / "practice"
    assert (gateway.name, gateway.base_url) == ("practice", "http://127.0.0.1:8400/api/v1")
    assert (settings.catalog_url, settings.catalog_gateway) == (AT.catalog_url, "practice")
    assert settings.budget == Decimal(10)
    assert len(declared.bots) > 1


def test_what_reaches_the_outside_is_off_for_its_processes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_IMPORT_DIR", str(tmp_path))
    monkeypatch.setenv("ARENA_NOTIFY_URL", "http://127.0.0.1:1/x")

    environment = child_environment(practice_settings(Settings.load(data_dir=tmp_path), AT))

    assert (environment["ARENA_IMPORT_DIR"], environment["ARENA_NOTIFY_URL"]) == ("", "")
    assert environment["ARENA_CATALOG_URL"] == AT.catalog_url


def test_a_command_in_another_terminal_spends_play_money_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised = practice_settings(Settings.load(data_dir=tmp_path), AT)
    monkeypatch.setenv("ARENA_BUDGET", "20")
    monkeypatch.setenv("ARENA_DATABASE_URL", f"sqlite:///{tmp_path / 'in_earnest.sqlite3'}")

    elsewhere = Settings.load(data_dir=tmp_path / "practice")

    assert elsewhere == practised
    assert elsewhere.budget == PLAY_MONEY
    assert elsewhere.store_url == f"sqlite:///{tmp_path / 'practice' / 'arena.sqlite3'}"
    assert elsewhere.sources()["budget"] == "data folder"


def test_an_address_of_postgresql_with_its_password_is_not_kept(tmp_path: Path) -> None:
    address = "postgresql://arena:hidden@127.0.0.1:1/practice"

    settings = practice_settings(Settings.load(data_dir=tmp_path, database_url=address), AT)

    assert settings.store_url == address
    assert "hidden" not in (tmp_path / "practice" / "settings.json").read_text()


def test_a_database_in_earnest_is_refused(
    store: Store, recorder: Recorder, arena_settings: Settings
) -> None:
    recorder.record([finished_match(store, list(add_agents(store, "anna", "bert").values()))])

    with pytest.raises(NotForPractice, match="ARENA_DATABASE_URL"):
        check_store(arena_settings)

    declare(store, "practice")
    check_store(arena_settings)


def test_an_empty_database_is_fit_for_practice(store: Store, arena_settings: Settings) -> None:
    check_store(arena_settings)


def test_where_there_is_no_arena_yet_one_may_practise(tmp_path: Path) -> None:
    check_store(Settings.load(data_dir=tmp_path / "nothing"))
