"""`arena leaderboard`, `arena recompute`, `arena export`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.days import standings_on, take_day
from arena_pipeline.store import Store
from arena_pipeline_tests.cli.conftest import MATCHES, Arena


def test_the_leaderboard_is_the_domain_s(arena: Arena, played_store: Store) -> None:
    shown = arena("leaderboard", "--json").document

    assert shown == board(played_store, "snake").to_json()
    assert shown["matches"] == MATCHES


def test_the_leaderboard_as_a_table_has_a_line_for_each(arena: Arena, played_store: Store) -> None:
    out = arena("leaderboard").out

    for row in board(played_store, "snake").rows:
        line = next(line for line in out.splitlines() if f" {row.competitor} " in line)
        assert line.split()[:7] == [
            str(row.rank),
            row.competitor,
            f"{row.rating:.1f}",
            *map(str, (row.matches, row.wins, row.losses, row.ties)),
        ]


def test_a_past_day_is_shown_as_it_was_taken(arena: Arena, played_store: Store) -> None:
    taken = take_day(played_store, now=datetime(2026, 11, 16, 23, 55, tzinfo=UTC))

    out = arena("leaderboard", "--on", "2026-11-20").out
    document = arena("leaderboard", "--on", "2026-11-20", "--json").document

    assert "Snake at the end of 2026-11-20" in out
    assert "As it stood on 2026-11-16 23:55 UTC." in out
    assert document == standings_on(played_store, "snake", taken.day).to_json() | {
        "asked": "2026-11-20"
    }
    for row in board(played_store, "snake").rows:
        line = next(line for line in out.splitlines() if f" {row.competitor} " in line)
        assert line.split()[:4] == [
            str(row.rank),
            row.competitor,
            f"{row.rating:.1f}",
            str(row.matches),
        ]


def test_a_day_of_which_nothing_is_known_and_no_day_at_all_are_named(
    arena: Arena, played_store: Store
) -> None:
    never = arena("leaderboard", "--on", "2026-11-20")
    take_day(played_store, now=datetime(2026, 11, 16, tzinfo=UTC))

    assert (never.code, "no standings by day yet" in never.err) == (1, True)
    assert "the first are of 2026-11-16" in arena("leaderboard", "--on", "2026-11-15").err
    assert arena("leaderboard", "--on", "yesterday").code == 2


@pytest.mark.parametrize("command", ["leaderboard", "recompute", "export"])
def test_an_unknown_ladder_is_named(arena: Arena, played_dir: Path, command: str) -> None:
    ran = arena(command, "--ladder", "chess")

    assert (ran.code, ran.err) == (1, "arena: No ladder 'chess'; there are: snake\n")


def test_recomputing_a_sound_ladder_changes_nothing_and_says_so(
    arena: Arena, played_dir: Path
) -> None:
    before = arena("leaderboard", "--json").document["rows"]

    ran = arena("recompute")

    assert "Nothing changed" in ran.out
    assert arena("leaderboard", "--json").document["rows"] == before


def test_recomputing_says_what_it_put_right(arena: Arena, played_store: Store) -> None:
    right = {
        one["competitor"]: one["rating"] for one in board(played_store, "snake").to_json()["rows"]
    }
    with played_store.write() as connection:
        connection.exec_driver_sql("UPDATE standings SET elo = 3000 WHERE competitor = 'greedy'")

    changed = arena("recompute", "--json").document["changed"]

    assert changed == [
        {"subject": "greedy", "field": "elo", "stored": 3000.0, "rebuilt": right["greedy"]}
    ]


def test_who_had_a_ladder_rebuilt_is_written_down_if_it_changed_anything(
    arena: Arena, played_store: Store
) -> None:
    arena("recompute")
    with played_store.write() as connection:
        connection.exec_driver_sql("UPDATE standings SET elo = 3000 WHERE competitor = 'greedy'")
    arena("recompute")

    [act] = arena("audit", "--json").document["audit"]

    assert (act["action"], act["subject_kind"], act["subject"]) == ("recompute", "ladder", "snake")
    assert (act["before"], act["after"]) == ({"epoch": 1}, {"epoch": 2, "mended": 1})


def test_an_export_goes_to_the_ladder_s_folder(arena: Arena, played_dir: Path) -> None:
    files = arena("export", "--json").document["files"]

    assert {Path(file["path"]).parent for file in files} == {played_dir / "exports" / "snake"}
    assert all(Path(file["path"]).is_file() for file in files)


def test_an_export_may_go_elsewhere_and_be_of_one_format(
    arena: Arena, played_dir: Path, tmp_path: Path
) -> None:
    ran = arena("export", "--out", tmp_path / "out", "--format", "stats.json")

    assert ran.code == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == [
        "manifest.json",
        "stats.json",
    ]
    assert set(json.loads((tmp_path / "out" / "stats.json").read_text())) == {
        "random",
        "greedy",
        "flood",
    }


def test_an_unknown_format_names_those_there_are(arena: Arena, played_dir: Path) -> None:
    ran = arena("export", "--format", "xlsx")

    assert ran.code == 1
    assert "stats.json" in ran.err


def test_an_export_that_cannot_be_written_is_one_sentence(
    arena: Arena, played_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    ran = arena("export", "--out", tmp_path / "file" / "out")

    assert (ran.code, ran.err.count("\n")) == (1, 1)


@pytest.mark.parametrize("command", ["leaderboard", "models", "agents", "verify", "recompute"])
def test_any_database_serves(
    arena: Arena, store_url: str, fresh_dir: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATABASE_URL", store_url)

    ran = arena(command, "--json")

    assert ran.code == 0
    assert isinstance(ran.document, dict)


def test_an_export_is_a_line_for_each_file_at_80_columns(
    arena: Arena, played_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    files = arena("export", "--json").document["files"]

    lines = [line.split() for line in arena("export").out.splitlines()]

    assert all(len(file["digest"]) == 64 for file in files)
    for file in files:
        assert [file["name"], str(file["rows"]), file["digest"][:12]] in lines


def test_an_export_leaves_a_folder_of_somebody_else_s_as_it_is(
    arena: Arena, played_dir: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "manifest.json").write_text("{}")
    (own / "leaderboard.csv").write_text("mine")

    ran = arena("export", "--out", own, "--format", "stats.json")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert {path.name for path in own.glob("[!.]*")} == {"manifest.json", "leaderboard.csv"}
