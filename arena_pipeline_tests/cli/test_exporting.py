"""`arena export` beyond a ladder's own files: the legacy layout, and some matches alone."""

from pathlib import Path

import pytest

from arena_pipeline.store import Store
from arena_pipeline_tests.cli.conftest import MATCHES, Arena
from arena_pipeline_tests.leaderboard.exports.published import read
from arena_pipeline_tests.leaderboard.exports.small_history import (
    DUEL,
    PUBLISHED,
    TIE,
    insert_history,
    published_bytes,
)

STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_legacy_files_are_those_that_were_published(
    arena: Arena, played_store: Store, tmp_path: Path, name: str
) -> None:
    insert_history(played_store)

    ran = arena("export", "--ladder", "snakebench", "--format", "legacy", "--out", tmp_path / "o")

    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "o" / name).read_bytes() == published_bytes(PUBLISHED[name])


def test_without_a_folder_the_legacy_files_have_one_beside_the_ladder_s(
    arena: Arena, played_dir: Path
) -> None:
    arena("export")
    before = read(played_dir / "exports" / "snake" / "manifest.json")

    files = arena("export", "--format", "legacy", "--json").document["files"]

    folder = played_dir / "exports" / "snake-legacy"
    assert {Path(file["path"]) for file in files} == {folder / name for name in PUBLISHED}
    assert read(played_dir / "exports" / "snake" / "manifest.json") == before


def test_of_some_matches_alone_and_which_of_them_there_are_not(
    arena: Arena, played_store: Store, tmp_path: Path
) -> None:
    insert_history(played_store)
    games = tmp_path / "games.txt"
    games.write_text(f"# two\r\n{DUEL['game_id']}\r\n\r\n{TIE['game_id']}\r\n{STRANGER}\r\n")
    asked = ("export", "--ladder", "snakebench", "--format", "legacy", "--games", games)

    ran = arena(*asked, "--out", tmp_path / "o")
    document = arena(*asked, "--out", tmp_path / "o", "--json").document

    assert (ran.code, "with 2 matches" in ran.out) == (0, True)
    assert ran.err == f"Asked for, but not on the ladder: 1 ({STRANGER})\n"
    assert (document["matches"], document["missing"]) == (2, [STRANGER])
    assert list(read(tmp_path / "o" / "stats.json"))[:2] == ["anna", "bert"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--format", "legacy"), "needs a folder of its own"),
        (("--format", "stats.json"), "Only format legacy can be of some matches alone"),
        ((), "Only format legacy can be of some matches alone"),
        (("--format", "dataset"), "The dataset is of the whole history"),
    ],
)
def test_some_matches_alone_never_replace_the_ladder_s_own_export(
    arena: Arena, played_dir: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "games.txt").write_text(f"{STRANGER}\n")

    ran = arena("export", *arguments, "--games", tmp_path / "games.txt")

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert told in ran.err
    assert not (played_dir / "exports").exists()


@pytest.mark.parametrize(
    "arguments",
    [("--ladder", "snake"), ("--format", "stats.json"), ("--format", "legacy")],
)
def test_the_dataset_is_of_the_whole_history(
    arena: Arena, played_dir: Path, arguments: tuple[str, ...]
) -> None:
    ran = arena("export", "--format", "dataset", *arguments)

    assert (ran.code, "not of a ladder" in ran.err) == (1, True)


def test_the_dataset_has_all_matches_and_a_folder_of_its_own(
    arena: Arena, played_dir: Path
) -> None:
    ran = arena("export", "--format", "dataset")
    document = arena("export", "--format", "dataset", "--json").document

    assert ran.code == 0
    assert f"{MATCHES} matches, {2 * MATCHES} participants, " in ran.out
    assert (document["matches"], document["missing_replays"]) == (MATCHES, 0)
    assert Path(document["folder"]) == played_dir / "exports" / "dataset"


def test_a_dataset_without_some_replays_names_them(arena: Arena, played_dir: Path) -> None:
    gone = sorted((played_dir / "replays").rglob("*.zst"))[0]
    gone.unlink()

    ran = arena("export", "--format", "dataset")

    assert ran.code == 0
    assert "Without turns, since their replays can't be read: 1 (such as " in ran.err
