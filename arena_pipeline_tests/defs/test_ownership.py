from pathlib import Path

import dagster as dg

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.defs.ownership import OWNER_TAG, OwnRunLauncher, owner_of, owner_tags
from arena_pipeline.settings import Settings


def owner(data_dir: Path) -> str:
    with open_instance(Settings.load(data_dir=data_dir)) as instance:
        return owner_tags(instance)[OWNER_TAG]


def test_an_arena_keeps_its_name_and_no_other_has_it(tmp_path: Path) -> None:
    assert owner(tmp_path / "one") == owner(tmp_path / "one")
    assert owner(tmp_path / "one") != owner(tmp_path / "two")


def test_an_arena_moved_elsewhere_is_the_same_arena(tmp_path: Path) -> None:
    before = owner(tmp_path / "here")

    (tmp_path / "here").rename(tmp_path / "there")

    assert owner(tmp_path / "there") == before


def test_the_name_is_made_up_where_no_configuration_was_written(tmp_path: Path) -> None:
    assert len(owner_of(tmp_path)) == 32


def test_runs_of_the_daemon_are_started_by_the_launcher_that_tags_them(tmp_path: Path) -> None:
    with open_instance(Settings.load(data_dir=tmp_path)) as instance:
        assert isinstance(instance.run_launcher, OwnRunLauncher)
        assert isinstance(instance.run_launcher, dg.DefaultRunLauncher)
