"""Charts of prices over time: the level of all, and the history of one model."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from arena_pipeline.drawing import ACCENT, COLOURS, MUTED, empty_chart, inline, labels, svg
from arena_pipeline.registry.figures import BLEND, IndexPoint
from arena_pipeline.registry.history import Absence, PricePoint

_MOST_POINTS = 400


def price_index_chart(points: Sequence[IndexPoint]) -> str:
    """The price level over time; long histories are thinned. SVG text."""
    import altair as alt

    if not points:
        return empty_chart("No real catalog was read yet, so there is no price level")
    step = max(1, len(points) // _MOST_POINTS)
    shown = [*points[:-1:step], points[-1]]
    line = (
        alt.Chart(inline([{"at": _moment(one.at), "level": one.level} for one in shown]))
        .mark_line(
            interpolate="step-after", color=ACCENT, point=alt.OverlayMarkDef(size=14, color=ACCENT)
        )
        .encode(
            x=_time_axis(),
            y=alt.Y(
                "level:Q",
                title=f"price level ({BLEND})",
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(tickCount=6),
            ),
        )
    )
    start = (
        alt.Chart(inline([{"level": 100}]))
        .mark_rule(color=MUTED, strokeDash=[4, 3])
        .encode(y="level:Q")
    )
    title = f"Price level of models in both catalogs ({points[0].at:%Y-%m-%d} = 100)"
    return svg(alt.layer(start, line), title, 220)


def price_history_chart(
    slug: str,
    points: Sequence[PricePoint],
    absences: Sequence[Absence] = (),
    until: datetime | None = None,
) -> str:
    """Prompt and completion price of a model as steps, grey where it was away. SVG text.

    `points` are oldest first and hold until `until`, or until the last event if that is later or
    nothing is given. An unknown price is a gap.
    """
    import altair as alt

    name = labels([slug])[0]
    if not points:
        return empty_chart(f"{name}: no price is known")
    end = _end(points, absences, until)
    lasting = [
        {"kind": kind, "run": f"{kind} {number}", "at": _moment(at), "price": float(price)}
        for kind, price_of in _PRICES.items()
        for number, run in enumerate(_runs(points, price_of, end))
        for at, price in run
    ]
    if not lasting:
        return empty_chart(f"{name}: no price is known")
    lines = (
        alt.Chart(inline(lasting))
        .mark_line(
            interpolate="step-after", strokeWidth=2, opacity=0.9, point=alt.OverlayMarkDef(size=16)
        )
        .encode(
            x=_time_axis(),
            y=alt.Y("price:Q", title="USD per million tokens", axis=alt.Axis(tickCount=6)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(_PRICES), range=[ACCENT, COLOURS[1]]),
                legend=alt.Legend(title=None, symbolType="stroke", symbolSize=400),
            ),
            strokeDash=alt.StrokeDash(
                "kind:N", scale=alt.Scale(domain=list(_PRICES), range=[[1, 0], [6, 4]])
            ),
            detail="run:N",
        )
    )
    away = [{"since": _moment(one.since), "until": _moment(one.until or end)} for one in absences]
    gaps = (
        alt.Chart(inline(away))
        .mark_rect(color=MUTED, opacity=0.18)
        .encode(x="since:T", x2="until:T")
    )
    title = f"{name}: prices" + (" (grey: not listed)" if away else "")
    return svg(alt.layer(gaps, lines) if away else lines, title, 220)


_PRICES: dict[str, Callable[[PricePoint], Decimal | None]] = {
    "prompt": lambda point: point.price_prompt,
    "completion": lambda point: point.price_completion,
}


def _runs(
    points: Sequence[PricePoint], price_of: Callable[[PricePoint], Decimal | None], end: datetime
) -> Iterator[list[tuple[datetime, Decimal]]]:
    """Steps (from when, price) without an unknown price between; each run's last one is its end."""
    ends = [*(later.valid_from for _, later in pairwise(points)), end]
    held = [
        (point.valid_from, until, price_of(point))
        for point, until in zip(points, ends, strict=False)
    ]
    for known, run in groupby(held, key=lambda step: step[2] is not None):
        if known:
            steps = [(since, until, price) for since, until, price in run if price is not None]
            _, until, price = steps[-1]
            yield [*((since, cost) for since, _, cost in steps), (until, price)]


def _end(
    points: Sequence[PricePoint], absences: Sequence[Absence], until: datetime | None
) -> datetime:
    """Until when a price history is drawn: never shorter than what happened in it."""
    moments = [until, *(point.valid_from for point in points)]
    moments += [at for one in absences for at in (one.since, one.until)]
    return max(at for at in moments if at is not None)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _time_axis() -> Any:
    import altair as alt

    return alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%Y-%m-%d", tickCount=6, labelAngle=0),
    )
