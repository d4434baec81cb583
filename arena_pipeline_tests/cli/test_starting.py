"""`arena up` as a command: its mistakes are sentences. What it does is tested with `cli.up`."""

from pathlib import Path

from arena_pipeline_tests.cli.conftest import Arena


def test_a_data_folder_that_cannot_be_made_is_one_sentence(arena: Arena, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ran = arena("--data-dir", tmp_path / "file" / "data", "up", "--no-serve")

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "can't be written" in ran.err


def test_with_json_it_is_a_document(arena: Arena, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ran = arena("up", "--json", "--data-dir", tmp_path / "file" / "data")

    assert (ran.code, ran.err) == (1, "")
    assert "can't be written" in ran.document["error"]


def test_a_port_that_is_none_is_a_wrong_call(arena: Arena) -> None:
    assert arena("up", "--port", 70000).code == 2
