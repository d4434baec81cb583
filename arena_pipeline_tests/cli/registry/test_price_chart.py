"""Steps in the terminal: flat between changes, broken where nothing is known."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from arena_pipeline.cli.registry.price_chart import MARKERS, NARROWEST, price_chart
from arena_pipeline.registry.history import Absence, PricePoint


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def point(number: int, prompt: str | None, completion: str | None = None) -> PricePoint:
    return PricePoint(day(number), usd(prompt), usd(completion), number)


def usd(price: str | None) -> Decimal | None:
    return None if price is None else Decimal(price)


def marks(chart: str, marker: str) -> list[str]:
    """The lines of the plot that hold a marker, without axes."""
    plot = (line.partition("│")[2] or line.partition("┤")[2] for line in chart.splitlines()[1:])
    return [line for line in plot if marker in line]


def test_a_price_that_never_changed_is_a_flat_line() -> None:
    chart = price_chart([point(1, "1")], (), day(11), 60).plain

    (line,) = marks(chart, MARKERS["prompt"])
    assert line.count("o") > 50
    assert "2026-11-01" in chart
    assert "2026-11-11" in chart


def test_both_prices_are_drawn_apart() -> None:
    chart = price_chart([point(1, "1", "4")], (), day(11), 60).plain

    assert marks(chart, MARKERS["prompt"]) != marks(chart, MARKERS["completion"])


def test_there_is_a_gap_where_the_model_was_away_or_its_price_unknown() -> None:
    away = Absence(day(3), day(7))
    unknown = [point(1, "1"), point(3, None), point(7, "1")]

    absent = price_chart([point(1, "1")], [away], day(11), 60).plain

    (line,) = marks(absent, "o")
    assert " " * 10 in line.strip("│ ").replace("o", "x")
    assert price_chart(unknown, (), day(11), 60).plain == absent


def test_a_model_that_is_away_still_has_a_line_that_ends() -> None:
    chart = price_chart([point(1, "1")], [Absence(day(6), None)], day(11), 60).plain

    (line,) = marks(chart, "o")
    assert 20 < line.count("o") < 35


@pytest.mark.parametrize(
    ("points", "width"), [([], 60), ([point(1, None)], 60), ([point(1, "1")], NARROWEST - 1)]
)
def test_nothing_is_drawn_where_nothing_can_be_seen(points: list[PricePoint], width: int) -> None:
    assert price_chart(points, (), day(2), width).plain == ""


def test_one_moment_and_a_price_of_nothing_can_be_drawn() -> None:
    assert "o" in price_chart([point(1, "0", "0")], (), None, 60).plain
