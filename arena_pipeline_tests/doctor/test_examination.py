"""The examination as a whole: complete, harmless, and not stopped by what is broken."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from arena_pipeline.doctor import Finding, Health, examine
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.settings import Settings
from arena_pipeline.store.migrate import downgrade

AROUND = [
    "data folder", "disk", "port", "leftovers", "models file", "backups", "dagster", "logs",
]  # fmt: skip
INSIDE = [
    "store", "migrations", "catalog", "rows", "ratings", "replays", "strays", "leases", "money",
    "faults", "incidents", "chain", "days", "warehouse", "notices", "room",
]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an arena that was prepared and has played nothing."""
    models = tmp_path / "models.yaml"
    models.write_text("bots: [{alias: random, policy: random}]")
    settings = Settings.load(data_dir=tmp_path / "data", models_file=models)
    prepare_arena(settings).store.close()
    return settings


def by_subject(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(settings)}


def test_every_subject_is_examined(settings: Settings) -> None:
    found = by_subject(settings)

    assert list(found) == AROUND + INSIDE
    assert Health.FAIL not in {finding.health for finding in found.values()}


def test_whatever_is_not_well_comes_with_advice(settings: Settings) -> None:
    found = by_subject(settings)

    assert found["catalog"].health is Health.WARN
    assert all(finding.advice for finding in found.values() if finding.health is Health.WARN)


def test_without_a_store_the_rest_is_still_examined(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "none")

    found = by_subject(settings)

    assert list(found) == [*AROUND, "store"]
    assert "arena up" in found["store"].what
    assert not settings.root.exists()


def test_an_examination_leaves_every_file_as_it_is(settings: Settings) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in settings.root.rglob("*") if path.is_file()}

    before = files()

    by_subject(settings)

    assert files() == before


def test_a_store_that_is_not_there_is_not_made(settings: Settings, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite3"
    named = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{elsewhere}")})

    assert by_subject(named)["store"].health is Health.FAIL
    assert not elsewhere.exists()


def test_a_broken_check_keeps_none_of_the_others_from_being_made(settings: Settings) -> None:
    settings.models_path.write_text("bots: [")

    found = by_subject(settings)

    assert list(found) == AROUND + INSIDE
    assert found["models file"].health is Health.FAIL


def test_a_file_that_is_no_store_is_a_finding(settings: Settings) -> None:
    (settings.root / "arena.sqlite3").write_bytes(b"something else" * 100)

    assert by_subject(settings)["store"].health is Health.FAIL


def test_a_store_of_an_older_version_says_what_brings_it_up_to_date(settings: Settings) -> None:
    store = prepare_arena(settings).store
    downgrade(store)
    store.close()

    finding = by_subject(settings)["store"]

    assert finding.health is Health.FAIL
    assert "run: arena up" in finding.what
