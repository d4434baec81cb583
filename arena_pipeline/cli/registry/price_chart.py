"""The price history of a model as steps in the terminal."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from arena_pipeline.registry.history import Absence, PricePoint

WIDEST, HEIGHT, NARROWEST = 120, 16, 40
"""Columns at most, lines, and columns below which nothing could be read off."""

MARKERS = {"completion": "#", "prompt": "o"}
"""What the lines are made of, so that they can be told apart without colours."""

_DAY_COLUMNS = 24

Run = tuple[list[float], list[float]]
"""Corners of a line without gaps: times in seconds, prices."""


def price_chart(
    points: "Sequence[PricePoint]",
    absences: "Sequence[Absence]",
    until: datetime | None,
    width: int,
) -> Text:
    """Prompt and completion price as steps until `until`; gaps where one was unknown or the model
    was away. No text where there is nothing to draw or no room.
    """
    if width < NARROWEST or not points:
        return Text()
    end = max([point.valid_from for point in points] + ([until] if until else []))
    import plotext  # type: ignore[import-untyped]

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(min(width, WIDEST), HEIGHT)
    drawn = 0
    for name, marker in MARKERS.items():
        for times, prices in _runs(points, absences, end, f"price_{name}"):
            figure.draw(figure.signal(times, prices, marker=marker).lines().density("full"))
            drawn += 1
    if not drawn:
        return Text()
    _ticks(figure, points[0].valid_from, end, min(width, WIDEST))
    legend = ", ".join(f"{marker} {name}" for name, marker in MARKERS.items())
    picture = figure.build().string(colorless=True).rstrip()
    return Text(f"USD per million tokens: {legend}\n{picture}")


def _ticks(figure: Any, start: datetime, end: datetime, width: int) -> None:
    count = max(2, width // _DAY_COLUMNS)
    step = (end - start) / (count - 1)
    times = [start + number * step for number in range(count)] if step else [start]
    figure.ruler("x").ticks(
        [time.timestamp() for time in times],
        [f"{time.astimezone(UTC):%Y-%m-%d}" for time in times],
    )
    figure.ruler("y").lim(0, None)


def _runs(
    points: "Sequence[PricePoint]", absences: "Sequence[Absence]", end: datetime, name: str
) -> Iterator[Run]:
    """The lines to draw for one of the prices: a new one after each gap."""
    times: list[float] = []
    prices: list[float] = []
    for number, point in enumerate(points):
        price: Decimal | None = getattr(point, name)
        until = points[number + 1].valid_from if number + 1 < len(points) else end
        for first, last in _listed(point.valid_from, until, absences):
            if price is None:
                continue
            if times and times[-1] != first.timestamp():
                yield times, prices
                times, prices = [], []
            times += [first.timestamp(), last.timestamp()]
            prices += [float(price), float(price)]
    if times:
        yield times, prices


def _listed(
    since: datetime, until: datetime, absences: "Sequence[Absence]"
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a time in which the model was not away."""
    for away in absences:
        gone = min(away.since, until)
        if since < gone:
            yield since, gone
        if away.until is None:
            return
        since = max(since, away.until)
    if since <= until:
        yield since, until
