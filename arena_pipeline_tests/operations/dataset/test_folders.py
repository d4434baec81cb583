"""What is in the folder already: taken over, replaced, or left alone."""

from pathlib import Path

import pytest

from arena_pipeline.operations.dataset import DatasetError
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.dataset.history import content, export

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_the_licence_of_the_owner_is_kept(
    store: Store, arena_settings: Settings, folder: Path
) -> None:
    export(store, arena_settings, folder)
    assert "Not stated" in (folder / "README.md").read_text()
    (folder / "LICENSE").write_text("Do what you like.")

    export(store, arena_settings, folder)

    assert (folder / "LICENSE").read_text() == "Do what you like."
    assert "See the file `LICENSE`" in (folder / "README.md").read_text()


@pytest.mark.parametrize("name", ["notes.txt", "turns/year=2025/mine.parquet"])
@pytest.mark.usefixtures("played")
def test_a_dataset_with_something_of_somebody_elses_in_it_is_left_alone(
    store: Store, arena_settings: Settings, folder: Path, name: str
) -> None:
    export(store, arena_settings, folder)
    (folder / name).write_text("mine")
    before = content(folder)

    with pytest.raises(DatasetError, match=name.rpartition("/")[2]):
        export(store, arena_settings, folder)

    assert content(folder) == before


@pytest.mark.parametrize("manifest", [None, "{}", '{"format": "arena-backup", "version": 1}'])
def test_a_folder_of_somebody_elses_is_refused(
    store: Store, arena_settings: Settings, folder: Path, manifest: str | None
) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    before = content(folder)

    with pytest.raises(DatasetError, match="no dataset of an arena"):
        export(store, arena_settings, folder)

    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["dataset"]


def test_an_empty_folder_is_taken(store: Store, arena_settings: Settings, folder: Path) -> None:
    folder.mkdir(parents=True)

    export(store, arena_settings, folder)

    assert (folder / "README.md").is_file()


def test_a_file_in_the_way_is_named(store: Store, arena_settings: Settings, folder: Path) -> None:
    folder.parent.write_text("a file")
    with pytest.raises(DatasetError, match="Can't write the dataset"):
        export(store, arena_settings, folder)
    folder.parent.unlink()
    folder.parent.mkdir()
    folder.write_text("a file")
    with pytest.raises(DatasetError, match="is a file"):
        export(store, arena_settings, folder)


def test_a_link_to_a_folder_stays_one(
    store: Store, arena_settings: Settings, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "big disk").mkdir()
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "big disk")

    export(store, arena_settings, folder)
    export(store, arena_settings, folder)

    assert folder.is_symlink()
    assert (tmp_path / "big disk" / "README.md").is_file()
