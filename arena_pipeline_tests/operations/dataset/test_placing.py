"""A folder takes another's place whole, whoever is killed, and never two at a time."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.dataset import export_dataset, placing
from arena_pipeline.operations.dataset.placing import made_beside
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline_tests.operations.dataset.history import fill


@pytest.fixture(params=["exchange", "two renames"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system that can let folders change places, and one that can't."""
    if request.param == "two renames":
        monkeypatch.setattr(placing, "_exchanged", lambda *_: False)
    return str(request.param)


def write(folder: Path, text: str) -> None:
    with made_beside(folder) as beside:
        (beside / "deep").mkdir()
        (beside / "deep" / "file").write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("system")
def test_the_new_one_replaces_the_old_one_and_nothing_is_left_beside(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        write(tmp_path / "set", text)

        assert (tmp_path / "set" / "deep" / "file").read_text() == text
        assert names(tmp_path) == ["set"]


@pytest.mark.usefixtures("system")
def test_one_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    write(tmp_path / "set", "old")

    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "set", "\ud800")

    assert names(tmp_path) == ["set"]
    assert (tmp_path / "set" / "deep" / "file").read_text() == "old"


def test_one_killed_between_two_renames_is_put_right_by_the_next(tmp_path: Path) -> None:
    write(tmp_path / "set", "old")
    (tmp_path / "set").rename(tmp_path / ".set.old")
    (tmp_path / ".set.part").mkdir()

    with pytest.raises(RuntimeError), made_beside(tmp_path / "set"):
        raise RuntimeError

    assert names(tmp_path) == ["set"]
    assert (tmp_path / "set" / "deep" / "file").read_text() == "old"


def test_two_at_a_time_wait_for_each_other(tmp_path: Path) -> None:
    inside: list[str] = []

    def work(name: str) -> None:
        with made_beside(tmp_path / "set") as beside:
            inside.append(f"{name} in")
            (beside / name).write_text(name)
            inside.append(f"{name} out")

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [word.split()[1] for word in inside] == ["in", "out"] * 4
    assert len(names(tmp_path / "set")) == 1


def export_and_die(url: str, replays: str, out: str, at: int) -> None:
    def die(done: int, _: int | None) -> None:
        if done == at:
            os.kill(os.getpid(), signal.SIGKILL)

    export_dataset(open_store(url), Path(replays), Path(out), progress=die)


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_export_killed_midway_leaves_the_old_dataset(
    store: Store, store_url: str, recorder: Recorder, arena_settings: Settings, tmp_path: Path
) -> None:
    replays, out = arena_settings.replay_dir, tmp_path / "sets" / "dataset"
    export_dataset(store, replays, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    fill(store, recorder)

    process = multiprocessing.get_context("spawn").Process(
        target=export_and_die, args=(store_url, str(replays), str(out), 6)
    )
    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert names(out.parent) == [".dataset.part", "dataset"]
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert export_dataset(store, replays, out).matches == 6
    assert names(out.parent) == ["dataset"]
