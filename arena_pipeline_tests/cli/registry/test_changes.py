"""Changes as text: what differs, and nothing else."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from rich.text import Text

from arena_pipeline.cli.registry.changes import changes_table, kind_cell, what_changed


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (None, None, None),
        ({"a": 1}, {"a": 1}, None),
        (
            {"prompt": "1", "completion": "2"},
            {"prompt": "1", "completion": None},
            "completion 2 -> ?",
        ),
        ({"context_length": 4096}, {"context_length": 8192}, "context length 4096 -> 8192"),
        ({"name": "x\x1b[2J"}, {"name": "[b]y"}, "name x [2J -> [b]y"),
        (
            {"created": "2026-01-02T03:04:05+00:00"},
            {"created": "2026-01-03T00:00:00+00:00"},
            "created 2026-01-02 03:04 -> 2026-01-03 00:00",
        ),
        ({"is_active": False}, {"is_active": True}, "is active no -> yes"),
    ],
)
def test_only_what_differs_is_told(
    before: dict[str, object] | None, after: dict[str, object] | None, shown: str | None
) -> None:
    assert what_changed(before, after) == shown


def test_a_flip_is_marked() -> None:
    assert kind_cell("repriced", is_flip=True).plain == "repriced (flip)"
    assert kind_cell("limits_changed", is_flip=False).plain == "limits changed"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("0.1", "0.6000000000000001", "prompt 0.1 -> 0.6"),
        ("0.6", "0.6000000000000001", "prompt 0.6 -> 0.6000000000000001"),
    ],
)
def test_prices_are_rounded_unless_they_would_seem_the_same(
    before: str, after: str, shown: str
) -> None:
    assert what_changed({"prompt": before}, {"prompt": after}) == shown


def test_a_model_that_no_longer_expires_has_no_unknown_date() -> None:
    date = {"expiration_date": "2026-08-10"}

    assert what_changed(date, {"expiration_date": None}) == "expiration date 2026-08-10 -> none"


@pytest.mark.parametrize("width", [72, 160])
def test_no_slug_is_broken_on_a_narrow_screen(width: int) -> None:
    slug = "vendor/" + "long-name-" * 3
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    console = Console(file=io.StringIO(), width=width)

    console.print(
        changes_table([(moment, Text("repriced"), slug, "prompt 1 -> 2 \x1b[2J")], timed=True)
    )

    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert slug in shown
    assert "2026-11-01" in shown
    assert "\x1b" not in shown
