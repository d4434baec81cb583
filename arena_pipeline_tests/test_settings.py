"""Settings: where they come from, what is refused, and what is never shown."""

from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.cron import check_cron
from arena_pipeline.masking import mask_secrets
from arena_pipeline.settings import BadSettings, Settings, child_environment, fix_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without a settings file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_defaults_are_a_data_folder_here_with_sqlite_in_it(elsewhere: Path) -> None:
    settings = Settings.load()

    assert settings.root == elsewhere / "data"
    assert settings.store_url == f"sqlite:///{elsewhere / 'data' / 'arena.sqlite3'}"
    assert settings.host == "127.0.0.1"
    assert set(settings.sources().values()) == {"default"}


def test_the_environment_wins_over_the_file_and_that_over_the_default(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "arena.toml").write_text("port = 4000\nleague_matches = 7\n")
    monkeypatch.setenv("ARENA_PORT", "5000")

    settings = Settings.load()

    assert (settings.port, settings.league_matches, settings.placement_matches) == (5000, 7, 10)
    sources = settings.sources()
    assert sources["port"] == "environment"
    assert sources["league_matches"] == "arena.toml"
    assert sources["placement_matches"] == "default"


def test_what_the_data_folder_fixes_wins_over_the_environment(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_BUDGET", "20")
    monkeypatch.setenv("ARENA_NOTIFY_URL", "http://127.0.0.1:1/x")
    monkeypatch.setenv("ARENA_DATA_DIR", "kept")
    (elsewhere / "kept").mkdir()
    fix_settings(elsewhere / "kept", {"budget": Decimal("0.10"), "notify_url": None})

    settings = Settings.load()

    assert (settings.budget, settings.notify_url) == (Decimal("0.10"), None)
    assert settings.sources()["notify_url"] == "data folder"
    assert Settings.load(data_dir="other").budget == 20
    assert child_environment(settings)["ARENA_BUDGET"] == "0.10"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", r"Can't read .*settings\.json"),
        ("[]", r"settings\.json should hold"),
        ('{"prot": 3}', r"settings\.json of the data folder: prot is no setting"),
        ('{"port": "many"}', r"settings\.json of the data folder: port: "),
    ],
)
def test_a_mistake_in_what_the_folder_fixes_is_named(
    elsewhere: Path, text: str, complaint: str
) -> None:
    (elsewhere / "data").mkdir()
    (elsewhere / "data" / "settings.json").write_text(text)

    with pytest.raises(BadSettings, match=complaint):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("ARENA_PORT", "many", "ARENA_PORT: Input should be a valid integer"),
        ("ARENA_PORT", "70000", "ARENA_PORT: .*less than or equal to 65535"),
        ("ARENA_TIME_ZONE", "Mars/Olympus", "ARENA_TIME_ZONE: .*no time zone named 'Mars/Olympus'"),
        ("ARENA_CATALOG_CRON", "garbage", "ARENA_CATALOG_CRON: .*needs five fields"),
        ("ARENA_LEAGUE_CRON", "99 * * * *", "ARENA_LEAGUE_CRON: .*'99' is no minute"),
        ("ARENA_CATALOG_MAX_DROP", "2", "ARENA_CATALOG_MAX_DROP"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=complaint):
        Settings.load()


def test_an_unknown_key_of_the_file_is_named_with_the_nearest(elsewhere: Path) -> None:
    (elsewhere / "arena.toml").write_text("prot = 3\n")

    with pytest.raises(BadSettings, match=r"arena.toml: prot is no setting; did you mean port\?"):
        Settings.load()


def test_a_broken_file_is_named(elsewhere: Path) -> None:
    (elsewhere / "arena.toml").write_text("port = = 3\n")

    with pytest.raises(BadSettings, match=r"Can't read arena\.toml"):
        Settings.load()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:hidden@h:5/d", "postgresql://u:***@h:5/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://h/d?user=u&password=hidden", "postgresql://h/d?user=u&password=***"),
        ("postgresql://h/d?sslmode=require", "postgresql://h/d?sslmode=require"),
        ("https://u:hidden@h/x?api_key=hidden&limit=3", "https://u:***@h/x?api_key=***&limit=3"),
        ("sqlite:////a/b c.sqlite3", "sqlite:////a/b c.sqlite3"),
        ("postgresql://u:hidden@[h/d", "***"),
    ],
)
def test_nothing_secret_is_shown(address: str, shown: str) -> None:
    assert mask_secrets(address) == shown


def test_shown_settings_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_DATABASE_URL", "postgresql://u:hidden@h/d?password=hidden")
    monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", "postgresql://u:hidden@h/d")
    monkeypatch.setenv("ARENA_CATALOG_URL", "https://u:hidden@h/models?key=hidden")

    settings = Settings.load()

    assert "hidden" not in str(settings.shown())
    assert "hidden" not in repr(settings.database_url)


def test_dagster_keeps_its_runs_where_the_store_is_if_that_is_postgresql(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings.load().dagster_storage_url is None

    monkeypatch.setenv("ARENA_DATABASE_URL", "postgresql://h/d")
    assert Settings.load().dagster_storage_url == "postgresql://h/d"

    monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", "postgresql://h/other")
    assert Settings.load().dagster_storage_url == "postgresql://h/other"


def test_where_a_history_lies_is_nowhere_until_somebody_says_so(elsewhere: Path) -> None:
    unset, named = Settings.load(), Settings.load(import_dir="old", import_models="list.yaml")

    assert (unset.history_dir, unset.history_models) == (None, None)
    assert named.history_dir == elsewhere / "old"
    assert named.history_models == elsewhere / "list.yaml"


def test_a_child_process_sees_the_same_settings(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "arena.toml").write_text("port = 4000\n")

    environment = child_environment(Settings.load(data_dir="here"))

    assert environment["ARENA_PORT"] == "4000"
    assert environment["ARENA_DATA_DIR"] == str(elsewhere / "here")
    assert environment["DAGSTER_HOME"] == str(elsewhere / "here" / "dagster")


@pytest.mark.parametrize(
    "text",
    ["0 6 * * *", "*/15 * * * *", "0 0 1,15 * mon-fri", "5-10/2 8 * jan 7", "@daily"],
)
def test_cron_schedules_are_accepted(text: str) -> None:
    assert check_cron(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * foo *", "*/0 * * * *",
     "9-5 * * * *", "1- * * * *", "@never", "a b c d e"],
)  # fmt: skip
def test_what_is_no_cron_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no cron schedule"):
        check_cron(text)
