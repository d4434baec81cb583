"""Charts: valid SVG of a sensible size, harmless and readable whatever the names."""

import base64
import re
import subprocess
import sys
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from arena_pipeline.drawing import data_uri, labels
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.charts import (
    matches_per_day_chart,
    per_day_chart,
    rating_history_chart,
    ratings_chart,
)
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import record_duels

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", "a\nb\u202ec", '"]}; datum', "x" * 500)


def texts(picture: str) -> list[str]:
    """What is written on a chart; it must be XML to be read at all."""
    return ["".join(node.itertext()) for node in ET.fromstring(picture).iter(f"{SVG}text")]


def size(picture: str) -> tuple[float, float]:
    root = ET.fromstring(picture)
    return float(root.get("width", "")), float(root.get("height", ""))


@pytest.fixture
def played(store: Store, recorder: Recorder) -> Store:
    """A store with 60 matches of agents with ordinary and hostile names."""
    agents = add_agents(store, "anna", "bert", *HOSTILE)
    record_duels(store, recorder, [*agents.values()], 60)
    return store


def test_the_ratings_chart_shows_everybody_with_the_rating(played: Store) -> None:
    shown = texts(ratings_chart(board(played)))

    assert {"anna", "bert"} < set(shown)
    assert {f"{row.rating:.0f}" for row in board(played).rows} < set(shown)
    assert "Snake: ratings after 60 matches" in shown


def test_the_history_chart_names_its_lines(played: Store) -> None:
    assert {"anna", "bert", "Snake: rating by match"} < set(texts(rating_history_chart(played)))


def test_a_long_history_is_thinned_out(store: Store, recorder: Recorder) -> None:
    agents = add_agents(store, "anna", "bert")
    record_duels(store, recorder, [*agents.values()], 60)
    short = len(rating_history_chart(store))
    record_duels(store, recorder, [*agents.values()], 1_000, first_seed=100)

    assert len(rating_history_chart(store)) < 8 * short


def test_the_days_chart_counts_up_to_the_newest_match(played: Store) -> None:
    shown = texts(matches_per_day_chart(played))

    assert "Matches per day (UTC), 2026-10-03 to 2026-11-01" in shown
    assert "11-01" in shown


def test_no_name_becomes_markup_or_breaks_a_chart(played: Store) -> None:
    for picture in (ratings_chart(board(played)), rating_history_chart(played)):
        assert not list(ET.fromstring(picture).iter(f"{SVG}script"))
        assert {"<script>alert(1)</script>", "a bc", '"]}; datum'} < set(texts(picture))


def test_charts_are_not_wider_than_800_pixels(played: Store) -> None:
    pictures = (
        ratings_chart(board(played)), rating_history_chart(played), matches_per_day_chart(played),
    )  # fmt: skip

    assert all(size(picture)[0] <= 800 for picture in pictures)
    assert all(size(picture)[1] <= 800 for picture in pictures)


def test_without_matches_each_chart_says_so(store: Store) -> None:
    assert texts(ratings_chart(board(store))) == ["Snake: nobody is rated yet"]
    assert texts(rating_history_chart(store)) == ["Snake: nobody is rated yet"]
    assert texts(matches_per_day_chart(store)) == ["No match is finished yet"]


def test_a_single_day_is_a_chart_too() -> None:
    assert "3" in texts(per_day_chart([(date(2026, 11, 1), 3)]))


def test_labels_are_cut_and_stay_different() -> None:
    first, second, nameless = labels(["x" * 99, "x" * 100, "\n"])

    assert (len(first), first[-1]) == (32, "\u2026")
    assert second == f"{first} (2)"
    assert nameless == "(no name)"


def test_a_data_uri_is_a_markdown_image_of_the_picture() -> None:
    match = re.fullmatch(
        r"!\[two\\\] words\]\(data:image/svg\+xml;base64,(.*)\)", data_uri("<svg/>", "two] words")
    )

    assert match is not None
    assert base64.b64decode(match[1]) == b"<svg/>"


def test_importing_the_charts_does_not_import_the_libraries_behind_them() -> None:
    code = (
        "import sys, arena_pipeline.leaderboard.charts, arena_pipeline.leaderboard.exports;"
        "print({'altair', 'vl_convert', 'pyarrow', 'pandas'} & sys.modules.keys())"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "set()\n"
