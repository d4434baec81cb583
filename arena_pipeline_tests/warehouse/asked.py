"""The questions of docs/questions.md, for the tests and the benchmark that ask them all."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"

_QUESTION = re.compile(
    r"^### (?P<number>\d+)\. (?P<title>.+?)$(?P<before>.*?)^```sql\n(?P<sql>.*?)^```$(?P<after>.*?)"
    r"(?=^#|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its number and words, the SQL, and how the answer is read."""

    number: int
    title: str
    sql: str
    reading: str


def questions() -> tuple[Question, ...]:
    """Every question of the page, in its order."""
    text = PAGE.read_text(encoding="utf-8")
    return tuple(
        Question(int(one["number"]), one["title"], one["sql"].strip(), one["after"].strip())
        for one in _QUESTION.finditer(text)
    )
