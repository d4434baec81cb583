"""A ladder of some of its matches alone: as if there were no others, and without a trace."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.errors import NotFound
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.games_file import BadGamesFile, read_games
from arena_pipeline.leaderboard.restricted import select_matches
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LadderMatch, Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers
from arena_pipeline_tests.leaderboard.deciding import record_duels

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def games() -> list[dict[str, Any]]:
    return [
        header(1, ("anna", "won", 3), ("bert", "lost", 1)),
        header(2, ("bert", "won", 2), ("anna", "lost", 4)),
        header(3, ("anna", "tied", 1), ("cleo", "tied", 1)),
        header(4, ("anna", "won", 1), ("anna", "lost", 0)),
    ]


@pytest.fixture
def filled(store: Store) -> Store:
    insert_headers(store, games())
    ensure_ladder_as_published(store)
    catch_up(store, AS_PUBLISHED)
    return store


def test_it_is_what_the_ladder_would_be_of_these_matches_alone(filled: Store) -> None:
    first, _, third, _ = (one["game_id"] for one in games())

    made = select_matches(filled, AS_PUBLISHED, [first, third])

    by_name = {one.competitor: one for one in made.standings}
    assert (made.rated, made.asked, made.missing, made.not_rated) == (2, 2, (), {})
    assert [one.competitor for one in made.standings] == ["anna", "cleo", "bert"]
    assert by_name["bert"].elo == 1484.0
    expected = 1 / (1 + 10 ** ((1500.0 - 1516.0) / 400))
    assert by_name["anna"].elo == 1516.0 + 32.0 * (0.5 - expected)
    assert (by_name["anna"].wins, by_name["anna"].ties, by_name["anna"].score_total) == (1, 1, 4.0)
    assert by_name["anna"].live_mu is not None


def test_of_all_matches_it_is_the_ladder_itself(filled: Store) -> None:
    everything = select_matches(filled, AS_PUBLISHED)
    named = select_matches(filled, AS_PUBLISHED, [one["game_id"] for one in games()])

    with filled.read() as connection:
        stored = {
            row.competitor: row.elo
            for row in connection.execute(select(Standing.competitor, Standing.elo))
        }
    assert {one.competitor: one.elo for one in everything.standings} == stored
    assert named.standings == everything.standings


def test_nothing_is_stored(filled: Store) -> None:
    def everything() -> list[Any]:
        with filled.read() as connection:
            return [
                sorted(map(tuple, connection.execute(select(table.__table__))))
                for table in (Standing, LadderMatch)
            ]

    before = everything()
    select_matches(filled, AS_PUBLISHED, [games()[0]["game_id"]])

    assert everything() == before


def test_matches_that_are_not_on_the_ladder_are_named(filled: Store, recorder: Recorder) -> None:
    agents = list(add_agents(filled, "anna", "bert").values())
    (own,) = record_duels(filled, recorder, agents, 1)

    made = select_matches(filled, AS_PUBLISHED, [UNKNOWN, own.uuid, games()[0]["game_id"]])

    assert made.missing == tuple(sorted([UNKNOWN, own.uuid]))
    assert (made.asked, made.rated) == (3, 1)


def test_matches_that_do_not_count_are_counted_by_reason(filled: Store) -> None:
    made = select_matches(filled, "snake", [one["game_id"] for one in games()])

    assert (made.rated, made.not_rated, made.standings) == (0, {"no_competitor": 4}, ())


def test_a_list_too_long_for_a_statement_gives_the_same(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [one["game_id"] for one in games()[:2]]
    as_parameters = select_matches(filled, AS_PUBLISHED, [*wanted, UNKNOWN])
    monkeypatch.setattr("arena_pipeline.leaderboard.history._FEW", 0)

    assert select_matches(filled, AS_PUBLISHED, [*wanted, UNKNOWN]) == as_parameters


def test_as_json_every_bit_is_there(filled: Store) -> None:
    made = select_matches(filled, AS_PUBLISHED)

    shown = made.to_json()["standings"]

    assert [(one["competitor"], one["elo"]) for one in shown] == [
        (one.competitor, one.elo) for one in made.standings
    ]
    assert shown[0].keys() >= {"wins", "losses", "ties", "score_total", "top_score", "matches"}


def test_an_unknown_ladder_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        select_matches(store, "chess", [UNKNOWN])


def test_a_list_may_have_comments_blanks_and_any_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "games.txt"
    path.write_bytes(
        b"\xef\xbb\xbf# ours\r\n\r\n  " + UNKNOWN.upper().encode() + b"  # the first\r\n"
        b"11111111-1111-4111-8111-111111111111\n" + UNKNOWN.encode()
    )

    assert read_games(path) == {UNKNOWN, "11111111-1111-4111-8111-111111111111"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "names no match"),
        (b"# nothing\n", "names no match"),
        (UNKNOWN.encode() + b"\nsnake_game_1.json\n", r"line 2: 'snake_game_1.json' is no id"),
        (b'["' + UNKNOWN.encode() + b'"]', r"line 1: .* is no id"),
        (b"\xff\xfe\x00", "is no text"),
        (b"\x1b[31m" * 40, "is no id"),
    ],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "games.txt"
    path.write_bytes(content)

    with pytest.raises(BadGamesFile, match=said) as refused:
        read_games(path)
    assert "games.txt" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadGamesFile, match="can't be read: No such file"):
        read_games(tmp_path / "none.txt")
    with pytest.raises(BadGamesFile, match="can't be read: Is a directory"):
        read_games(tmp_path)
