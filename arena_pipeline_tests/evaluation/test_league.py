"""The league: who plays, evenly, in an order that repeats, and what a kill costs."""

from collections import Counter

import pytest
from sqlalchemy import select, update

from arena_pipeline.errors import NotFound, ReplayError
from arena_pipeline.evaluation.batches import Batch
from arena_pipeline.evaluation.league import play_league
from arena_pipeline.evaluation.placement import place
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.evaluation.arenas import BOTS, count, events, history, set_agent
from arena_pipeline_tests.evaluation.conftest import Start
from arena_pipeline_tests.evaluation.test_placement import add_broken_ladder


def test_everybody_plays_evenly_and_from_both_seats_while_nobody_is_ranked(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    progress: list[tuple[int, int]] = []

    report = play_league(
        store, arena_settings, matches=24, on_match=lambda done, all_: progress.append((done, all_))
    )

    assert (report.played, report.failed) == (24, ())
    assert set(report.per_pair.values()) == {4}
    assert progress == [(done, 24) for done in range(1, 25)]
    slots = Counter((row[5], row[4]) for row in history(store))
    assert set(slots.values()) == {6}
    assert compare(store, "snake") == []
    assert {found.status for found in verify_matches(store, arena_settings.replay_dir)} == {
        "verified"
    }


def test_a_start_is_played_from_both_seats_as_a_group(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    play_league(store, arena_settings, matches=12)

    with store.read() as connection:
        rows = connection.execute(select(Match.group, Match.seed)).all()

    assert Counter(Counter(group for group, _ in rows).values()) == {2: 6}
    assert len({seed for _, seed in rows}) == 6


def test_only_the_ranked_play_once_there_are_two(store: Store, arena_settings: Settings) -> None:
    add_agents(store, *BOTS)
    place(store, arena_settings, "random")
    place(store, arena_settings, "greedy")

    assert play_league(store, arena_settings, matches=4).per_pair == {"greedy - random": 4}


def test_the_inactive_do_not_play(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "greedy", "random", "flood")
    set_agent(store, "flood", active=False)

    assert play_league(store, arena_settings, matches=2).per_pair == {"greedy - random": 2}


def test_a_league_of_one_plays_nothing_and_says_why(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "greedy")

    report = play_league(store, arena_settings)

    assert (report.played, report.notice) == (0, "A league needs two agents; snake has 1")


def test_the_next_call_goes_on_where_the_last_one_ended(
    store: Store, arena_settings: Settings, undisturbed: Store
) -> None:
    for one in (store, undisturbed):
        add_agents(one, *BOTS)
    for matches in (7, 1, 16):
        play_league(store, arena_settings, matches=matches, seed=3)

    play_league(undisturbed, arena_settings, matches=24, seed=3)

    assert without_uuid(store) == without_uuid(undisturbed)
    assert events(store) == events(undisturbed)


@pytest.mark.parametrize("after", [1, 60])
def test_a_killed_league_loses_at_most_what_was_not_recorded_and_goes_on(
    store: Store, arena_settings: Settings, start: Start, after: int
) -> None:
    add_agents(store, *BOTS)
    with start("league", 120) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.kill()
    survived = count(store, Match)
    assert survived > after - 50
    assert compare(store, "snake") == []

    report = play_league(store, arena_settings, matches=120 - survived)

    assert report.played == 120 - survived
    assert count(store, Match) == 120
    pairs = Counter(tuple(sorted(pair)) for pair in seats(store))
    assert set(pairs.values()) == {20}
    assert compare(store, "snake") == []


def test_two_leagues_at_once_play_no_match_twice(
    store: Store, arena_settings: Settings, start: Start
) -> None:
    add_agents(store, *BOTS)
    processes = [start("league", 30) for _ in range(3)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 3

    with store.read() as connection:
        starts = connection.execute(select(Match.seed, Match.group)).all()
    assert max(Counter(seed for seed, _ in starts).values()) == 2
    assert compare(store, "snake") == []


def test_matches_that_fail_are_named_and_do_not_stop_the_league(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    add_broken_ladder(store)

    report = play_league(store, arena_settings, matches=6, ladder="broken")

    assert (report.played, len(report.failed)) == (0, 6)
    assert all("too few" in error for _, error in report.failed)


def test_no_room_for_replays_stops_the_league_and_records_nothing(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)
    arena_settings.replay_dir.write_text("a file where a folder should be")

    with pytest.raises(ReplayError):
        play_league(store, arena_settings, matches=6)

    assert count(store, Match) == 0


def test_a_league_that_is_interrupted_keeps_what_was_played(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, *BOTS)

    def stop_at_five(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_league(store, arena_settings, matches=20, on_match=stop_at_five)

    assert count(store, Match) == 5


def test_a_batch_with_a_match_the_store_refuses_records_the_others(
    store: Store, recorder: Recorder
) -> None:
    entrants = list(add_agents(store, "greedy", "random").values())
    first, second, third = (finished_match(store, entrants, seed=seed) for seed in range(3))
    recorder.record([second])
    with store.write() as connection:
        connection.execute(update(Match).values(state=MatchState.VOID))
    batch = Batch(recorder)
    for match in (first, second, third):
        batch.add(match)

    batch.flush()

    assert batch.recorded == 2
    assert [uuid for uuid, _ in batch.failed] == [second.uuid]


def test_an_unknown_ladder_is_refused(store: Store, arena_settings: Settings) -> None:
    with pytest.raises(NotFound, match="no such"):
        play_league(store, arena_settings, ladder="no such")


def without_uuid(store: Store) -> list[object]:
    return [(sequence, *rest) for sequence, _, *rest in history(store)]


def seats(store: Store) -> list[tuple[str, str]]:
    names = [str(row[5]) for row in history(store)]
    return list(zip(names[::2], names[1::2], strict=True))
