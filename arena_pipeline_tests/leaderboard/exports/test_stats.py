"""The JSON files of older clients: their keys, their order, what each number means."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.exports import export
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LadderMatch, Match, RatingEvent
from arena_pipeline_tests.agents import finished_match
from arena_pipeline_tests.leaderboard.deciding import LOST, TIED, WON, decided, record_duels
from arena_pipeline_tests.leaderboard.exports.published import read


def test_stats_tell_each_competitors_totals_and_games(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    duel = decided(
        store, [agents["anna"], agents["bert"]], [WON, LOST], scores=[5.0, 2.0], died=[1]
    )
    recorder.record([duel])

    export(store, out)

    assert read(out / "stats.json") == {
        "anna": {
            "wins": 1,
            "losses": 0,
            "ties": 0,
            "apples_eaten": 5,
            "elo": 1516.0,
            "games": [
                {
                    "game_id": duel.uuid,
                    "my_score": 5,
                    "opponent_score": 2,
                    "opponent_model": "bert",
                    "opponent_elo": 1484.0,
                    "result": "won",
                    "start_time": "2026-11-01T12:01:00+00:00",
                    "end_time": "2026-11-01T12:01:09+00:00",
                }
            ],
        },
        "bert": {
            "wins": 0,
            "losses": 1,
            "ties": 0,
            "apples_eaten": 2,
            "elo": 1484.0,
            "games": [
                {
                    "game_id": duel.uuid,
                    "my_score": 2,
                    "opponent_score": 5,
                    "opponent_model": "anna",
                    "opponent_elo": 1516.0,
                    "result": "lost",
                    "start_time": "2026-11-01T12:01:00+00:00",
                    "end_time": "2026-11-01T12:01:09+00:00",
                    "death_info": {"reason": "wall", "round": 7},
                }
            ],
        },
    }


def test_the_opponents_rating_is_the_one_after_the_game(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    record_duels(store, recorder, [*agents.values()], 20)

    export(store, out)

    with store.read() as connection:
        after = {
            (row.competitor, row.uuid): row.after
            for row in connection.execute(
                select(RatingEvent.competitor, RatingEvent.after, Match.uuid)
                .join(LadderMatch, LadderMatch.sequence == RatingEvent.sequence)
                .join(Match, Match.id == LadderMatch.match_id)
            )
        }
    for stats in read(out / "stats.json").values():
        for game in stats["games"]:
            assert game["opponent_elo"] == after[game["opponent_model"], game["game_id"]]


def test_with_more_than_two_players_no_opponent_is_named(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    three = [agents[name] for name in ("anna", "bert", "cleo")]
    recorder.record([decided(store, three, [WON, LOST, TIED])])

    export(store, out)

    (game,) = read(out / "stats.json")["anna"]["games"]
    assert (game["opponent_score"], game["opponent_model"]) == (None, None)
    assert '"opponent_elo":1500,' in (out / "stats.json").read_text()


def test_stats_are_in_order_of_first_appearance(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    pairs = [("cleo", "anna"), ("anna", "bert")]
    recorder.record(
        [
            decided(store, [agents[a], agents[b]], [LOST, WON], seed=seed)
            for seed, (a, b) in enumerate(pairs)
        ]
    )

    export(store, out)

    for name in ("stats.json", "stats_simple.json"):
        assert list(read(out / name)) == ["cleo", "anna", "bert"]


def test_simple_stats_hold_the_first_and_last_start_and_the_best_score(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    duel = [agents["anna"], agents["bert"]]
    late_end = decided(store, duel, [WON, LOST], seed=2, lasting=timedelta(hours=5))
    recorder.record([late_end, decided(store, duel, [TIED, TIED], seed=1, scores=[3.0, 0.5])])

    export(store, out)

    assert read(out / "stats_simple.json")["bert"] == {
        "wins": 0,
        "losses": 1,
        "ties": 1,
        "apples_eaten": 0.5,
        "elo": board(store).rows[1].rating,
        "first_game_time": "2026-11-01T12:01:00+00:00",
        "last_game_time": "2026-11-01T12:02:00+00:00",
        "top_score": 0.5,
    }


def test_an_imported_match_keeps_the_text_of_its_times(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])
    text = "2025-02-04T20:07:56.396352"
    with store.write() as connection:
        connection.execute(update(Match).values(started_at_text=text, ended_at_text=text))

    export(store, out)

    assert read(out / "stats.json")["anna"]["games"][0]["start_time"] == text
    assert read(out / "stats_simple.json")["anna"]["last_game_time"] == text
    assert read(out / "game_index.json")[0]["start_time"] == text


def test_the_index_is_ordered_by_ending_and_its_file_names_resolve(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path
) -> None:
    duel = [agents["anna"], agents["bert"]]
    matches = [finished_match(store, duel, seed=seed) for seed in (9, 3, 6)]
    recorder.record(matches)

    export(store, out)

    index = read(out / "game_index.json")
    by_ending = sorted(matches, key=lambda match: str(match.ended_at))
    assert [entry["game_id"] for entry in index] == [match.uuid for match in by_ending]
    assert list(index[0]) == [
        "game_id", "filename", "start_time", "total_score", "actual_rounds",
    ]  # fmt: skip
    assert index[0]["actual_rounds"] == len(by_ending[0].steps)
    assert all((recorder.replay_dir / entry["filename"]).is_file() for entry in index)


@pytest.mark.shared
def test_the_json_files_have_the_shape_of_the_published_ones(
    store: Store,
    recorder: Recorder,
    agents: dict[str, Entrant],
    out: Path,
    shared_data: Path,
) -> None:
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST], died=[1])])
    published = shared_data / "snakebench" / "expected"

    export(store, out)

    def shape(stats: dict[str, Any]) -> set[tuple[str, ...]]:
        return {tuple(one) for one in stats.values()}

    def games(stats: dict[str, Any]) -> set[tuple[str, ...]]:
        return {tuple(game) for one in stats.values() for game in one["games"]}

    for name in ("stats.json", "stats_simple.json"):
        assert shape(read(out / name)) == shape(read(published / name))
    assert games(read(out / "stats.json")) == games(read(published / "stats.json"))
    assert {tuple(entry) for entry in read(out / "game_index.json")} == {
        tuple(entry) for entry in read(published / "game_index.json")
    }
