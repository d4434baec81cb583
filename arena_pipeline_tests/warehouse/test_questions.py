"""docs/questions.md: every question is answered on an arena in which something happened."""

import re
import subprocess
import sys

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.macros import offers
from arena_pipeline.warehouse.query import Asking
from arena_pipeline_tests.warehouse.asked import PAGE, Question, questions
from arena_pipeline_tests.warehouse.filled import BOTS, MODEL, PLAYERS

HISTORY = 24
"""The first question about a history that came in."""

MAY_BE_EMPTY = {8: "nobody need draw", 17: "the month may have begun within the last minute"}


def test_there_are_twenty_nine_questions_each_with_how_to_read_the_answer() -> None:
    asked = questions()

    assert [one.number for one in asked] == list(range(1, 30))
    assert all(one.title.endswith("?") and len(one.reading) > 40 for one in asked)


@pytest.mark.parametrize("question", questions(), ids=lambda one: str(one.number))
def test_each_question_is_answered(
    question: Question, asking: Asking, asking_history: Asking
) -> None:
    answer = (asking if question.number < HISTORY else asking_history).ask(question.sql)

    assert len({column.name for column in answer.columns}) == len(answer.columns) >= 3
    assert answer.rows or question.number in MAY_BE_EMPTY


def answer_to(asking: Asking, number: int) -> list[tuple[object, ...]]:
    """The rows of a question's answer."""
    (found,) = (one for one in questions() if one.number == number)
    return asking.ask(found.sql).rows


def test_the_first_question_lists_everybody(asking: Asking) -> None:
    assert {row[1] for row in answer_to(asking, 1)} == {*BOTS, MODEL, "acme/other1"}


def test_what_opponents_cost_adds_up_to_the_rating(asking: Asking) -> None:
    (rating,) = asking.ask("SELECT rating FROM leaderboard() WHERE competitor = 'greedy'").rows[0]

    points = sum(float(str(row[2])) for row in answer_to(asking, 6))

    assert points == pytest.approx(rating - 1500, abs=0.5)


def test_only_players_with_a_model_are_asked_about_price(asking: Asking) -> None:
    assert {row[0] for row in answer_to(asking, 19)} == {MODEL, "acme/other1"}


def test_calls_are_told_by_model_by_fault_and_by_host(asking: Asking) -> None:
    cost, faults, hosts = (answer_to(asking, number) for number in (21, 22, 23))

    assert {row[0] for row in cost} == {MODEL, "acme/other1"}
    assert {(row[1], float(str(row[3]))) for row in faults} == {("none", 50), ("server", 50)}
    assert {row[1] for row in hosts} == {"Host 0", "Host 1"}
    assert float(str(hosts[0][3])) == 200


def test_the_page_names_every_table_view_and_macro(asking: Asking) -> None:
    text = PAGE.read_text(encoding="utf-8")
    own = {offer.name for offer in offers() if offer.name.endswith(("utc_moment", "utc_end"))}

    names = {str(name) for (name,) in asking.ask("SELECT name FROM guide").rows}

    assert [name for name in sorted(names - own - {"known_ladder"}) if name not in text] == []


def test_the_page_s_python_runs_where_the_data_folder_is(filled: Settings) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    show = "print(len(board), duel['matches'].item() > 0)"

    said = subprocess.run(
        [sys.executable, "-c", f"{block}\n{show}"],
        cwd=filled.root.parent,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == f"{len(PLAYERS)} True\n"
