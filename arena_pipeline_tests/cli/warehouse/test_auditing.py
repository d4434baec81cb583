"""`arena audit PARQUET_DIR`, by somebody who has nothing but the folder."""

import shutil
from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import MATCHES, Arena
from arena_pipeline_tests.warehouse.auditing.published import forge


@pytest.fixture
def parquet(asked_template: Path, tmp_path: Path) -> Path:
    """A copy of the Parquet folder of the arena in which a league has been played."""
    published = asked_template / "warehouse" / "parquet"
    return Path(shutil.copytree(published, tmp_path / "published"))


def test_a_sound_folder_is_said_to_be_so_without_any_arena(
    arena: Arena, fresh_dir: Path, parquet: Path
) -> None:
    ran = arena("audit", parquet)

    assert ran.code == 0
    assert "Every published number is what the matches give" in ran.out
    assert not fresh_dir.exists()


def test_the_document_has_every_ladder_and_its_head(arena: Arena, parquet: Path) -> None:
    document = arena("audit", parquet, "--json").document

    assert document["sound"] is True
    assert document["files_unaltered"] > 0
    [ladder] = document["ladders"]
    assert (ladder["ladder"], ladder["matches"], ladder["partings"]) == ("snake", MATCHES, [])
    again = arena("audit", parquet, "--head", ladder["head"], "--json").document
    assert f"up to match {MATCHES} of {MATCHES}" in again["notes"][0]


def test_where_they_part_is_shown_and_the_command_fails(arena: Arena, parquet: Path) -> None:
    forge(
        parquet,
        "standings",
        lambda row: {**row, "wins": 99} if row["competitor"] == "random" else row,
        reseal=False,
    )

    ran = arena("audit", parquet)
    document = arena("audit", parquet, "--json").document

    assert ran.code == 1
    assert "ladder snake, random: wins is 99, the matches give" in ran.out
    assert "standings/part-0.parquet was altered" in ran.out
    [parting] = document["ladders"][0]["partings"]
    assert (parting["competitor"], parting["field"], parting["published"]) == ("random", "wins", 99)
    assert document["sound"] is False


def test_a_name_from_the_files_can_not_reach_the_terminal(arena: Arena, parquet: Path) -> None:
    forge(parquet, "standings", lambda row: {**row, "competitor": "\x1b[2J[red]x"}, reseal=True)

    ran = arena("audit", parquet)

    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "[red]x" in ran.out


@pytest.mark.parametrize("head", ["zz", "", "72a55cf1a73a", "a" * 65])
def test_a_head_that_was_shortened_or_mistyped_accuses_nobody(
    arena: Arena, parquet: Path, head: str
) -> None:
    ran = arena("audit", parquet, "--head", head)

    assert ran.code == 1
    assert "is no whole head of a chain, which has 64 hexadecimal digits" in ran.err
    assert "altered" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "No such file"),
        (("--head", "ab"), "--head needs the PARQUET_DIR"),
        ((".", "--since", "1d"), "are for lists"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    arena: Arena, fresh_dir: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = arena("audit", *arguments)

    assert ran.code != 0
    assert said in ran.err
