import tarfile
from pathlib import Path

import pytest
from sqlalchemy import select

from arena_pipeline.operations.backup import BackupError, check_backup, make_backup
from arena_pipeline.operations.backup.scratch import scratch
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogSnapshot, Match
from arena_pipeline_tests.matches.test_disk import small_disk
from arena_pipeline_tests.operations.backup.filled import MODELS, fill, with_models


@pytest.fixture
def settings(store: Store, arena_settings: Settings, tmp_path: Path) -> Settings:
    """Settings of a filled arena."""
    settings = with_models(arena_settings, tmp_path)
    fill(store, settings)
    return settings


def replay_paths(store: Store) -> list[str]:
    with store.read() as connection:
        return [str(path) for path in connection.scalars(select(Match.replay_path))]


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as opened:
        return opened.getnames()


def test_a_backup_holds_all_that_the_store_names(
    store: Store, settings: Settings, tmp_path: Path, database: str
) -> None:
    with store.read() as connection:
        catalogs = set(connection.scalars(select(CatalogSnapshot.file)))
    assert len(catalogs) == 3

    made = make_backup(store, settings, tmp_path / "x.tar")

    assert check_backup(made.file).sums == made.manifest.sums
    assert made.manifest.store.kind == database
    assert (made.manifest.store.matches, made.manifest.left_out) == (9, 0)
    assert set(names_in(made.file)) == {
        "FORMAT", "store.sqlite3.zst", "models.yaml", "SHA256SUMS", "manifest.json",
        "archive/llm_calls/month=2026-11/1-9.0123456789abcdef.parquet",
        *(f"catalog/{name}" for name in catalogs),
        *(f"replays/{path}" for path in replay_paths(store)),
    }  # fmt: skip
    with tarfile.open(made.file) as opened:
        models = opened.extractfile("models.yaml")
        assert models is not None
        assert models.read().decode() == MODELS


def test_nothing_of_settings_or_keys_gets_into_it(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-very-secret")
    (settings.root / "arena.toml").write_text("notify_url = 'https://x:hunter2@example.org'")

    made = make_backup(store, settings, tmp_path / "x.tar")

    with tarfile.open(made.file) as opened:
        opened.extractall(tmp_path / "out", filter="data")
    content = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    secrets = ["sk-very-secret", "hunter2"]
    if settings.database_url is not None:
        secrets.append(str(store.engine.url.password))
    assert not any(one.encode() in content + made.file.read_bytes() for one in secrets)


def test_missing_and_altered_files_are_named_and_counted_and_stop_nothing(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    missing, altered, folder, *_ = replay_paths(store)
    (settings.replay_dir / missing).unlink()
    with (settings.replay_dir / altered).open("ab") as file:
        file.write(b"more")
    (settings.replay_dir / folder).unlink()
    (settings.replay_dir / folder).mkdir()
    catalog, *_ = sorted(settings.catalog_dir.iterdir())
    catalog.write_bytes(catalog.read_bytes()[:-9])
    settings.models_path.unlink()

    made = make_backup(store, settings, tmp_path / "x.tar")

    said = {one.name: one.why for one in made.manifest.named}
    assert made.manifest.left_out == len(said) == 5
    assert said[f"replays/{missing}"] == "missing"
    assert "altered" in said[f"replays/{altered}"]
    assert said[f"replays/{folder}"] == "no regular file"
    assert "damaged" in said[f"catalog/{catalog.name}"]
    assert said["models.yaml"] == "missing"
    assert check_backup(made.file).left_out == 5
    assert set(said).isdisjoint(names_in(made.file))


def test_a_replay_path_that_leads_out_of_its_folder_is_left_out(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE matches SET replay_path = '../in_use.yaml' WHERE id = 1")

    made = make_backup(store, settings, tmp_path / "x.tar")

    assert [one.name for one in made.manifest.named] == ["replays/../in_use.yaml"]


def test_a_file_that_is_there_is_replaced_only_when_asked(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "x.tar"
    file.write_text("mine")

    with pytest.raises(BackupError, match=r"There is a .*x\.tar already.*--overwrite"):
        make_backup(store, settings, file)
    assert file.read_text() == "mine"

    make_backup(store, settings, file, overwrite=True)
    check_backup(file)


def test_two_backups_into_one_file_do_not_mix(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "x.tar"
    with scratch(file), pytest.raises(BackupError, match="Another backup is being written to"):
        make_backup(store, settings, file)

    make_backup(store, settings, file)


def test_no_room_leaves_nothing_and_says_so(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small"):
        with pytest.raises(BackupError, match=r"Can't write the backup .*(No space|disk is full)"):
            make_backup(store, settings, tmp_path / "small" / "x.tar")
        assert list((tmp_path / "small").iterdir()) == []


def test_no_folder_is_said(store: Store, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="needs a folder that is there"):
        make_backup(store, settings, tmp_path / "no" / "x.tar")


def test_the_folder_for_backups_is_made(store: Store, settings: Settings) -> None:
    made = make_backup(store, settings, settings.backups / "x.tar")

    assert [path.name for path in settings.backups.iterdir()] == ["x.tar"]
    assert made.bytes == made.file.stat().st_size


def test_progress_is_told_in_files(store: Store, settings: Settings, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    make_backup(
        store, settings, tmp_path / "x.tar", progress=lambda done, total: seen.append((done, total))
    )

    assert seen[-1][0] == seen[-1][1]
