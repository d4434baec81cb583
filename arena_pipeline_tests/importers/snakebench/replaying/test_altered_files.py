"""Whatever is altered in a file: it is refused, or what it becomes holds when it is verified."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.replaying.examining import examine
from arena_pipeline.matches.explaining import Verdict
from arena_pipeline.matches.verifying import check_replay
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import play
from arena_pipeline_tests.importers.snakebench.stored import document_of_examined

REPLAYS = (*makers.V0, *makers.V1)

DOCUMENTS = {
    layout: json.loads(
        json.dumps(makers.WRITERS[layout](play(1, start=makers.STARTS[layout], max_rounds=4)))
    )
    for layout in REPLAYS
}

values: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-2, 11)
    | st.sampled_from([10**30, -(10**30), 2**63])
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["UP", "DOWN", "2025-06-12T09:00:00", "\0", "\ud800"])
    | st.lists(st.lists(st.integers(-1, 10), min_size=2, max_size=2), max_size=3)
    | st.just({})
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where there is something in a document."""
    inner = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [found for key, one in inner for found in ((*path, key), *paths(one, (*path, key)))]


def altered(layout: str, where: int, how: str, value: Any) -> bytes:
    """A file in which one thing is another, is there twice, or is gone."""
    document = json.loads(json.dumps(DOCUMENTS[layout]))
    places = paths(document)
    *way, last = places[where % len(places)]
    holder = document
    for key in way:
        holder = holder[key]
    if how == "gone":
        del holder[last]
    elif how == "twice" and isinstance(holder, list):
        holder.insert(last, holder[last])
    else:
        holder[last] = value
    return json.dumps(document).encode()


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(REPLAYS),
    st.integers(0, 10_000),
    st.sampled_from(["another", "twice", "gone"]),
    values,
)
@example("v0b_rewritten", 0, "gone", None)
def test_an_altered_file_is_refused_or_becomes_what_it_is_said_to_be(
    layout: str, where: int, how: str, value: Any
) -> None:
    content = altered(layout, where, how, value)
    try:
        game = read_game(content)
        found = examine(game)
    except (BadGame, NotAGame):
        return
    if found.verification in (Verdict.UNEXPLAINED, Verdict.HEADER_ONLY):
        assert len(found.steps) == len(game.turns)
        return

    document = document_of_examined(content, game, found)

    verdict = found.verification
    check_replay(document, None if verdict == Verdict.VERIFIED else verdict)


def test_surplus_moves_of_a_game_without_deaths_explain_nothing() -> None:
    document = makers.v0b_rewritten(play(1, start=makers.STARTS["v0a"], max_rounds=3))
    extra = {"1": {"move": "UP"}, "2": {"move": "UP"}}
    for one in document["rounds"][:-1]:
        one["move_history"] = [extra, *one["move_history"]]
    assert not document["metadata"]["death_info"]

    assert examine(read_game(makers.written(document))).verification == Verdict.UNEXPLAINED
