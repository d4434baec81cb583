"""The ladder that ranks a history as it was published, and the states that were published."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from arena_pipeline.cli import main
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.leaderboard.restricted import select_matches
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import Standing
from arena_pipeline_tests.importers.snakebench.headers import (
    header,
    insert_headers,
    shared_headers,
)

BEYOND_DOUBLES = {"2c4e3fa2": 5e-13}
"""States whose numbers differ in the last bit; by how many points at most."""


def test_every_game_counts_and_every_name_stands_for_itself(store: Store) -> None:
    given = [
        header(1, ("Llama-70B", "won", 3), ("Llama-70b", "lost", 1)),
        header(2, ("o3", "won", 1), ("o3", "lost", 2)),
        header(3, ("name", "tied", 1), ("GLM 4 32B ", "tied", 1)),
        header(4, ("o3", "tied", 2), ("name", "lost", 0), ("GLM 4 32B ", "tied", 2), first_id=0),
    ]
    slugs = {"Llama-70B": "v/llama", "Llama-70b": "v/llama", "o3": "v/o3"}
    insert_headers(
        store, given, slugs=slugs, faults={given[0]["game_id"]: 3}, placeholders=["name"]
    )
    ensure_ladder_as_published(store)

    catch_up(store, AS_PUBLISHED)

    shown = board(store, AS_PUBLISHED)
    assert {row.competitor for row in shown.rows} == {
        "Llama-70B", "Llama-70b", "o3", "name", "GLM 4 32B ",
    }  # fmt: skip
    assert (shown.matches, shown.not_rated) == (4, {})
    by_name = {row.competitor: row for row in shown.rows}
    assert by_name["Llama-70B"].rating == 1516.0
    assert (by_name["o3"].matches, by_name["o3"].wins, by_name["o3"].losses) == (3, 1, 1)
    assert by_name["o3"].trueskill_exposed is not None


def test_it_is_made_once_and_left_as_it_is(store: Store) -> None:
    first = ensure_ladder_as_published(store)
    second = ensure_ladder_as_published(store)

    assert first == second
    assert first.is_by_published_clock


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """The data folder of an arena with all headers of the shared data, on both ladders."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("published"))
    store = prepare_arena(settings).store
    insert_headers(store, shared_headers(shared_data))
    ensure_ladder_as_published(store)
    catch_up(store, AS_PUBLISHED)
    store.close()
    return settings.root


@pytest.fixture
def history(published: Path) -> Any:
    store = open_ready_store(Settings.load(data_dir=published))
    yield store
    store.close()


@pytest.mark.shared
def test_the_published_states_come_out_bit_for_bit(history: Store, shared_data: Path) -> None:
    files = sorted((shared_data / "snakebench" / "oracles").glob("*.json"))
    assert len(files) == 11
    for file in files:
        state = json.loads(file.read_text())
        made = select_matches(history, AS_PUBLISHED, state["game_ids"])
        own = {one.competitor: one for one in made.standings}
        assert (made.rated, made.missing) == (state["games"], ())
        assert own.keys() == state["ratings"].keys()
        for name, theirs in state["ratings"].items():
            most = BEYOND_DOUBLES.get(state["snapshot"], 0.0)
            assert abs((own[name].elo or 0.0) - theirs["elo"]) <= most
            totals = (own[name].wins, own[name].losses, own[name].ties, own[name].score_total)
            assert totals == tuple(
                theirs[key] for key in ("wins", "losses", "ties", "apples_eaten")
            )


@pytest.mark.shared
def test_the_command_shows_a_published_state(
    published: Path, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = json.loads((shared_data / "snakebench" / "oracles" / "5aec0274.json").read_text())
    listed = tmp_path / "games.txt"
    listed.write_text("\r\n".join(["# 571 games", "", *state["game_ids"]]))

    arguments = ("--ladder", AS_PUBLISHED, "--games", str(listed), "--data-dir", str(published))
    code = main(["recompute", *arguments, "--json"])

    shown = json.loads(capsys.readouterr().out)
    assert (code, shown["rated"], shown["missing"]) == (0, 571, [])
    assert {one["competitor"]: one["elo"] for one in shown["standings"]} == {
        name: one["elo"] for name, one in state["ratings"].items()
    }


@pytest.mark.shared
def test_the_whole_history_is_rebuilt_from_nothing_and_soon(history: Store) -> None:
    before = board(history, AS_PUBLISHED).rows
    assert compare(history, AS_PUBLISHED) == []
    with history.write() as connection:
        connection.execute(delete(Standing))

    began = time.monotonic()
    done = recompute(history, AS_PUBLISHED)
    seconds = time.monotonic() - began

    assert done.matches == 3579
    assert board(history, AS_PUBLISHED).rows == before
    # One second is what `make bench` asks for, on a machine that does nothing else.
    assert seconds < 10
