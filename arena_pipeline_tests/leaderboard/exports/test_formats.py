"""Which files there are and which go together; what an export of some matches says of itself."""

from pathlib import Path

import pytest

from arena_pipeline.leaderboard.exports import FORMATS, LEGACY, ExportError, check, export
from arena_pipeline.leaderboard.exports.formats import files_of
from arena_pipeline.store import Store
from arena_pipeline_tests.leaderboard.exports.published import read
from arena_pipeline_tests.leaderboard.exports.small_history import DUEL, TIE, insert_history

STRANGER = "00000000-0000-4000-8000-000000000000"


def test_all_formats_are_every_file_and_legacy_is_three() -> None:
    assert files_of(None, None) == tuple(FORMATS)
    assert files_of(["stats.json", "stats.json"], None) == ("stats.json",)
    assert files_of([LEGACY], None) == ("stats.json", "stats_simple.json", "game_index.json")


@pytest.mark.parametrize(
    ("formats", "games", "told"),
    [
        (["xlsx"], None, "No export format 'xlsx'; there are: .*legacy"),
        ([LEGACY, "leaderboard.csv"], None, "legacy has its own files and stands alone"),
        (None, [STRANGER], "Only format legacy can be of some matches alone"),
        (["stats.json"], [STRANGER], "Only format legacy can be of some matches alone"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_made(
    store: Store, out: Path, formats: list[str] | None, games: list[str] | None, told: str
) -> None:
    with pytest.raises(ExportError, match=told):
        export(store, out, formats=formats, games=games)

    assert not out.exists()


def test_matches_that_are_all_unknown_leave_the_export_before_as_it_was(
    store: Store, out: Path
) -> None:
    ladder = insert_history(store)
    export(store, out, ladder, [LEGACY])
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    with pytest.raises(ExportError, match="None of the 1 matches asked for"):
        export(store, out, ladder, [LEGACY], [STRANGER])

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_manifest_says_which_matches_an_export_was_restricted_to(
    store: Store, out: Path
) -> None:
    ladder = insert_history(store)
    asked = [TIE["game_id"], DUEL["game_id"], STRANGER]

    report = export(store, out, ladder, [LEGACY], asked)
    restriction = read(out / "manifest.json")["games"]
    export(store, out, ladder, [LEGACY], asked[::-1])

    assert report.missing == (STRANGER,)
    assert {key: restriction[key] for key in ("asked", "rated", "missing")} == {
        "asked": 3, "rated": 2, "missing": 1,
    }  # fmt: skip
    assert read(out / "manifest.json")["games"] == restriction


def test_a_whole_legacy_export_is_checked_against_the_store(store: Store, out: Path) -> None:
    ladder = insert_history(store)
    export(store, out, ladder, [LEGACY])

    assert check(store, out, ladder).is_fresh
    assert "games" not in read(out / "manifest.json")
    (out / "stats_simple.json").write_text("{}")

    assert any(
        "stats_simple.json was altered" in told for told in check(store, out, ladder).sentences
    )


def test_of_an_export_of_some_matches_only_the_files_are_checked(store: Store, out: Path) -> None:
    ladder = insert_history(store)
    export(store, out, ladder, [LEGACY], [DUEL["game_id"]])

    assert check(store, out, ladder).is_fresh
    (out / "stats.json").write_text("{}")

    assert [told.partition(":")[0] for told in check(store, out, ladder).sentences] == [
        "stats.json was altered"
    ]


def test_going_from_legacy_back_to_all_files_leaves_one_layout(store: Store, out: Path) -> None:
    ladder = insert_history(store)
    export(store, out, ladder, [LEGACY])

    export(store, out, ladder)

    assert {path.name for path in out.glob("[!.]*")} == {*FORMATS, "manifest.json"}
    assert check(store, out, ladder).is_fresh
