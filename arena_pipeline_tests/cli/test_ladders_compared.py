"""`arena leaderboard --compare`, `arena recompute --order` and `--games`."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.restricted import select_matches
from arena_pipeline.leaderboard.side_by_side import side_by_side
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.cli.conftest import MATCHES, Arena
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers

GAMES = [
    header(1, ("o3", "won", 3), ("sonnet", "lost", 1)),
    header(2, ("O3", "lost", 2), ("sonnet", "won", 4)),
    header(3, ("o3", "won", 1), ("o3", "lost", 0)),
    header(4, ("flash\x1b[31m", "won", 1), ("o3", "lost", 0)),
]


@pytest.fixture
def both(played_store: Store) -> Store:
    """An arena with a played ladder of bots, and a published one beside it."""
    slugs = {"o3": "v/o3", "O3": "v/o3", "sonnet": "v/sonnet", "flash\x1b[31m": "v/flash"}
    insert_headers(played_store, GAMES, slugs=slugs)
    ensure_ladder_as_published(played_store)
    catch_up(played_store, AS_PUBLISHED)
    catch_up(played_store, "snake")
    return played_store


def games_file(path: Path, *ids: str) -> Path:
    path.write_text("\n".join(ids))
    return path


def test_two_ladders_are_shown_side_by_side(arena: Arena, both: Store) -> None:
    shown = arena("leaderboard", "--compare", AS_PUBLISHED, "snake", "--json").document
    out = arena("leaderboard", "--compare", AS_PUBLISHED, "snake").out

    assert shown == side_by_side(both, AS_PUBLISHED, "snake").to_json()
    assert "snakebench and snake side by side" in out
    line = next(line for line in out.splitlines() if line.startswith(" o3 "))
    assert "v/o3" in line
    assert "not counted: self_play 2" in line
    assert "joined with O3" in line
    assert " only its opponents' ratings differ" in out
    assert "\x1b" not in out


def test_it_fits_eighty_columns(arena: Arena, both: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    out = arena("leaderboard", "--compare", AS_PUBLISHED, "snake").out

    assert max(map(len, out.splitlines())) <= 80
    assert "played" not in out


def test_a_ladder_is_named_twice_or_not_at_all(arena: Arena, both: Store) -> None:
    together = arena("leaderboard", "--compare", AS_PUBLISHED, "snake", "--ladder", "snake")
    one = arena("leaderboard", "--compare", "snake")
    unknown = arena("leaderboard", "--compare", "snake", "chess")

    assert (together.code, "names both ladders" in together.err) == (2, True)
    assert one.code == 2
    assert (unknown.code, "No ladder 'chess'" in unknown.err) == (1, True)


def test_what_does_not_count_is_said_below_the_board(arena: Arena, both: Store) -> None:
    shown = arena("leaderboard", "--json").document
    out = arena("leaderboard").out

    assert shown["not_rated"] == {"self_play": 1} == board(both).not_rated
    assert "Matches that do not count: 1 (self_play 1)." in out
    assert "do not count" not in arena("leaderboard", "--ladder", AS_PUBLISHED).out


def test_trueskill_is_shown_where_it_is_kept(arena: Arena, both: Store) -> None:
    kept = arena("leaderboard", "--ladder", AS_PUBLISHED, "--json").document["rows"]

    for row in kept:
        exposed = row["trueskill_mu"] - 3 * row["trueskill_sigma"]
        assert row["trueskill_exposed"] == exposed
    assert "trueskill" in arena("leaderboard", "--ladder", AS_PUBLISHED).out
    assert "trueskill" not in arena("leaderboard").out
    assert {row["trueskill_mu"] for row in board(both).to_json()["rows"]} == {None}


def test_some_matches_alone_are_shown_and_nothing_is_stored(
    arena: Arena, both: Store, tmp_path: Path
) -> None:
    before = arena("leaderboard", "--ladder", AS_PUBLISHED, "--json").document
    wanted = [GAMES[0]["game_id"], GAMES[1]["game_id"], str(uuid4())]
    listed = games_file(tmp_path / "games.txt", *wanted)

    shown = arena("recompute", "--ladder", AS_PUBLISHED, "--games", listed, "--json").document
    ran = arena("recompute", "--ladder", AS_PUBLISHED, "--games", listed)

    assert shown == select_matches(both, AS_PUBLISHED, wanted).to_json()
    assert shown["missing"] == wanted[2:]
    assert "2 of the 3 matches named are rated; nothing was stored." in ran.out
    assert f"Not on ladder snakebench: 1 ({wanted[2]})" in ran.err
    assert arena("leaderboard", "--ladder", AS_PUBLISHED, "--json").document == before


def test_a_list_that_is_none_is_refused(arena: Arena, both: Store, tmp_path: Path) -> None:
    garbage = arena("recompute", "--games", games_file(tmp_path / "g", "snake_game_1.json"))
    missing = arena("recompute", "--games", tmp_path / "none")

    assert (garbage.code, "line 1: 'snake_game_1.json' is no id" in garbage.err) == (1, True)
    assert (missing.code, "can't be read" in missing.err) == (1, True)


def test_renumbering_by_time_is_asked_for_by_order(arena: Arena, both: Store) -> None:
    with both.read() as connection:
        oldest = connection.scalar(select(Match.uuid).order_by(Match.ended_at).limit(1))
    assert oldest == GAMES[0]["game_id"]

    done = arena("recompute", "--order", "ended_at", "--json").document

    assert (done["epoch"], done["matches"]) == (2, MATCHES + 3)
    assert "Nothing changed" in arena("recompute", "--order", "ended_at").out
    (act,) = arena("audit", "--json").document["audit"]
    assert act["after"]["order"] == "ended_at"


def test_an_order_that_a_ladder_can_t_have_is_refused(arena: Arena, both: Store) -> None:
    by_time = arena("recompute", "--ladder", AS_PUBLISHED, "--order", "sequence")

    assert (by_time.code, "has no other sequence" in by_time.err) == (1, True)
    assert arena("recompute", "--order", "backwards").code == 2
