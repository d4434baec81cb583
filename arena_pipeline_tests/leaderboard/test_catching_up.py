"""A ladder takes the matches it has not seen: later ones after those it has, older ones by being
made anew.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.errors import NotFound
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Ladder, LadderMatch, Match, Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers
from arena_pipeline_tests.leaderboard.deciding import record_duels

NAMES = ("anna", "bert", "cleo")


def duels(first: int, last: int, **changes: Any) -> list[dict[str, Any]]:
    """Matches of three names in turn, one a minute."""
    return [
        header(
            number,
            (NAMES[number % 3], ("won", "lost", "tied")[number % 3], number % 5),
            (NAMES[(number + 1) % 3], ("lost", "won", "tied")[number % 3], number % 4),
            **changes,
        )
        for number in range(first, last)
    ]


@pytest.fixture
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of its own, in which the same is done at once."""
    path = tmp_path_factory.mktemp("undisturbed") / "arena.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def ladder(store: Store) -> str:
    return ensure_ladder_as_published(store).name


def standings(store: Store, ladder: str) -> dict[str, Any]:
    with store.read() as connection:
        rows = connection.execute(
            select(Standing.__table__)
            .join(Ladder, Ladder.id == Standing.ladder_id)
            .where(Ladder.name == ladder)
        )
        return {row.competitor: tuple(row)[1:] for row in rows}


def order(store: Store, ladder: str) -> Sequence[str]:
    with store.read() as connection:
        return connection.scalars(
            select(Match.uuid)
            .join(LadderMatch, LadderMatch.match_id == Match.id)
            .join(Ladder, Ladder.id == LadderMatch.ladder_id)
            .where(Ladder.name == ladder, LadderMatch.epoch == Ladder.epoch)
            .order_by(LadderMatch.position)
        ).all()


def test_a_new_ladder_takes_all_there_is(store: Store, ladder: str) -> None:
    insert_headers(store, duels(0, 9))

    done = catch_up(store, ladder)

    assert (done.epoch, done.appended, done.rebuilt, done.matches) == (1, 9, False, 9)
    assert compare(store, ladder) == []


def test_later_matches_come_after_those_seen_in_the_same_epoch(store: Store, ladder: str) -> None:
    insert_headers(store, duels(0, 5))
    catch_up(store, ladder)
    insert_headers(store, duels(5, 9))

    done = catch_up(store, ladder)

    assert (done.epoch, done.appended, done.rebuilt, done.matches) == (1, 4, False, 9)
    assert order(store, ladder) == [one["game_id"] for one in duels(0, 9)]
    assert compare(store, ladder) == []


def test_an_older_match_makes_the_ladder_anew(store: Store, ladder: str) -> None:
    insert_headers(store, duels(3, 9))
    catch_up(store, ladder)
    insert_headers(store, duels(0, 3))

    done = catch_up(store, ladder)

    assert (done.epoch, done.appended, done.rebuilt, done.matches) == (2, 0, True, 9)
    assert order(store, ladder) == [one["game_id"] for one in duels(0, 9)]
    assert compare(store, ladder) == []


def test_in_parts_or_at_once_the_ladder_is_the_same(
    store: Store, undisturbed: Store, ladder: str
) -> None:
    parts = [duels(4, 6), duels(6, 9), duels(0, 4)]
    for part in parts:
        insert_headers(store, part)
        catch_up(store, ladder)
    insert_headers(undisturbed, duels(0, 9))
    ensure_ladder_as_published(undisturbed)
    catch_up(undisturbed, ladder)

    own, other = (
        {name: (row[3], *row[6:]) for name, row in standings(one, ladder).items()}
        for one in (store, undisturbed)
    )

    assert own == other
    assert None not in next(iter(own.values()))[1:3]


def test_with_nothing_new_nothing_is_written(store: Store, ladder: str) -> None:
    insert_headers(store, duels(0, 5))
    catch_up(store, ladder)
    before = standings(store, ladder)

    done = catch_up(store, ladder)

    assert (done.epoch, done.appended, done.rebuilt, done.matches) == (1, 0, False, 5)
    assert standings(store, ladder) == before


def test_matches_out_of_scope_are_not_seen(store: Store, recorder: Recorder, ladder: str) -> None:
    record_duels(store, recorder, list(add_agents(store, "anna", "bert").values()), 3)

    assert catch_up(store, ladder).matches == 0


def test_unknown_ends_come_first_and_ties_go_by_uuid(store: Store, ladder: str) -> None:
    same = [header(number, ("anna", "won", 1), ("bert", "lost", 0)) for number in range(6)]
    for one in same:
        one["end_time"] = "2025-03-01T10:00:00"
    same[4]["end_time"] = same[1]["end_time"] = None
    insert_headers(store, same)

    catch_up(store, ladder)

    expected = sorted(same, key=lambda one: (one["end_time"] or "", one["game_id"]))
    assert order(store, ladder) == [one["game_id"] for one in expected]


def test_the_order_is_that_of_the_texts_and_not_of_the_moments(store: Store, ladder: str) -> None:
    texts = ["2025-11-02T01:30:00.5", "2025-11-02T01:30:00", "2025-11-02T01:30:00.25", "Z", "a"]
    given = [
        header(number, ("anna", "won", 1), ("bert", "lost", 0)) for number in range(len(texts))
    ]
    insert_headers(store, given)
    with store.write() as connection:
        for one, text in zip(given, texts, strict=True):
            connection.execute(
                update(Match).where(Match.uuid == one["game_id"]).values(ended_at_text=text)
            )

    catch_up(store, ladder)

    by_text = sorted(zip(texts, given, strict=True), key=lambda pair: pair[0].encode())
    assert order(store, ladder) == [one["game_id"] for _, one in by_text]
    assert compare(store, ladder) == []


def test_a_live_ladder_made_later_takes_what_was_played_before(
    store: Store, recorder: Recorder
) -> None:
    agents = list(add_agents(store, *NAMES).values())
    record_duels(store, recorder, agents, 6)
    ensure_ladder(store, "second", "snake")

    done = catch_up(store, "second")
    record_duels(store, recorder, agents, 3, first_seed=50)

    assert (done.appended, done.epoch) == (6, 1)
    assert compare(store, "second") == []
    assert order(store, "second") == order(store, "snake")


def test_several_at_once_take_each_match_once(store_url: str, store: Store, ladder: str) -> None:
    insert_headers(store, duels(0, 9))

    def one(_: int) -> int:
        own = open_store(store_url)
        try:
            return catch_up(own, ladder).appended
        finally:
            own.close()

    with ThreadPoolExecutor(4) as pool:
        taken = sorted(pool.map(one, range(4)))

    assert taken == [0, 0, 0, 9]
    assert compare(store, ladder) == []


def test_what_was_interrupted_left_nothing(
    store: Store, ladder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_headers(store, duels(0, 5))
    catch_up(store, ladder)
    insert_headers(store, duels(5, 9))
    before = standings(store, ladder)
    where = "arena_pipeline.leaderboard.catching_up.replace_standings"
    with monkeypatch.context() as context:
        context.setattr(where, _interrupted)
        with pytest.raises(KeyboardInterrupt):
            catch_up(store, ladder)

    assert standings(store, ladder) == before
    assert catch_up(store, ladder).appended == 4
    assert compare(store, ladder) == []


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_rebuild_leaves_a_ladder_that_has_caught_up_as_it_is(store: Store, ladder: str) -> None:
    insert_headers(store, duels(0, 9))
    catch_up(store, ladder)

    assert recompute(store, AS_PUBLISHED).mended == 0


def test_an_unknown_ladder_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="No ladder 'chess'"):
        catch_up(store, "chess")
