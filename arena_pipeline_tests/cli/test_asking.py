"""Values on the command line: amounts, times, settings."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import typer

from arena_pipeline.cli.asking import amount, settings, since

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("24h", datetime(2026, 11, 14, 12, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 8, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_time_is_a_day_a_moment_or_so_long_ago(text: str | None, moment: datetime | None) -> None:
    assert since(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["yesterday", "", "7", "d", "-1d", "99999w", "2026-13-01", "0001-01-01T00:00+05:00"]
)
def test_a_time_that_is_none_is_a_wrong_call(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="--since"):
        since(text, NOW)


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        (None, {}),
        (["depth=3"], {"depth": 3}),
        (["effort=high", "stop=a=b"], {"effort": "high", "stop": "a=b"}),
        (['x="3"', "y=null", "z=", 'w={"a":[1]}'], {"x": "3", "y": None, "z": "", "w": {"a": [1]}}),
    ],
)
def test_a_setting_is_json_or_text(pairs: list[str] | None, found: dict[str, object]) -> None:
    assert settings(pairs) == found


@pytest.mark.parametrize("pairs", [["depth"], ["=3"], ["a=1", " a=2"], ["x=NaN"], ["x=1e999"]])
def test_a_setting_that_is_none_is_a_wrong_call(pairs: list[str]) -> None:
    with pytest.raises(typer.BadParameter, match="--setting"):
        settings(pairs)


@pytest.mark.parametrize("text", ["much", "-1", "NaN", "Infinity", ""])
def test_an_amount_that_is_none_is_a_wrong_call(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="--max-price"):
        amount(text, "--max-price")


def test_an_amount_is_exact() -> None:
    assert amount("0.10", "--max-price") == Decimal("0.10")
    assert amount(None, "--max-price") is None
