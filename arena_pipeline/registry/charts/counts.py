"""Charts that count models: by vendor, by price, and what each catalog changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from arena_pipeline.drawing import (
    ACCENT,
    COLOURS,
    INK,
    MUTED,
    WIDTH,
    empty_chart,
    inline,
    labels,
    svg,
)
from arena_pipeline.registry.figures import BLEND, Churn, VendorFigures

_UNIT = f"USD per million tokens, {BLEND}"

_CAME, _BACK, _WENT, _REPRICED = "new", "back", "gone", "new price"


def vendors_chart(vendors: Sequence[VendorFigures]) -> str:
    """Listed models by vendor, free ones apart, with the median price of the others. SVG text."""
    import altair as alt

    if not vendors:
        return empty_chart("No model is listed yet")
    shown = labels([_vendor(one) for one in vendors])
    parts = [
        {"vendor": label, "kind": kind, "models": count}
        for label, one in zip(shown, vendors, strict=True)
        for kind, count in (("paid or unknown", one.models - one.free), ("free", one.free))
    ]
    totals = [
        {"vendor": label, "models": one.models, "text": _median(one)}
        for label, one in zip(shown, vendors, strict=True)
    ]
    most = max(one.models for one in vendors)
    row = alt.Y("vendor:N", sort=shown, title=None)
    about = f"models (median price of paid ones: {_UNIT})"
    across = alt.Scale(domain=[0, most * 1.22], nice=False)
    bars = (
        alt.Chart(inline(parts))
        .mark_bar()
        .encode(
            y=row,
            x=alt.X("models:Q", title=about, scale=across, axis=_counts_axis(most)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["paid or unknown", "free"], range=[ACCENT, COLOURS[2]]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            order=alt.Order("kind:N", sort="descending"),
        )
    )
    medians = (
        alt.Chart(inline(totals))
        .mark_text(align="left", dx=6, color=MUTED)
        .encode(y=row, x=alt.X("models:Q", scale=across), text="text:N")
    )
    count = sum(one.models for one in vendors)
    return svg(alt.layer(bars, medians), f"{_models(count)} by vendor", 24 * len(vendors))


def price_bands_chart(bands: Mapping[str, int]) -> str:
    """Listed models by price band. SVG text."""
    import altair as alt

    if not any(bands.values()):
        return empty_chart("No model is listed yet")
    order = list(bands)
    every = alt.Chart(
        inline([{"band": band, "models": count} for band, count in bands.items()])
    ).encode(
        x=alt.X("band:N", sort=order, title=_UNIT, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("models:Q", title="models", axis=_counts_axis(max(bands.values()))),
    )
    chart = alt.layer(
        every.mark_bar(color=ACCENT, cornerRadiusEnd=2),
        every.mark_text(dy=-8, color=INK).encode(text="models:Q"),
    )
    return svg(chart, f"{_models(sum(bands.values()))} by price", 220, width=WIDTH + 120)


def churn_chart(catalogs: Sequence[Churn]) -> str:
    """What each catalog changed: models that came and went above, new prices below. SVG text."""
    import altair as alt

    if not catalogs:
        return empty_chart("There are no two catalogs to compare yet")
    when = [f"{number:05d} {_day(one.at)}" for number, one in enumerate(catalogs)]
    bars = [
        {"when": at, "what": what, "panel": panel, "models": count}
        for at, one in zip(when, catalogs, strict=True)
        for panel, what, count in (
            ("models", _CAME, one.added),
            ("models", _BACK, one.returned),
            ("models", _WENT, -one.removed),
            ("prices", _REPRICED, one.repriced),
        )
    ]
    every = max(1, -(-len(when) // 7))
    kinds = [_CAME, _BACK, _WENT, _REPRICED]
    chart = (
        alt.Chart(inline(bars))
        .mark_bar()
        .encode(
            x=alt.X(
                "when:O",
                title=None,
                axis=alt.Axis(
                    values=when[::-1][::every][::-1],
                    labelExpr="substring(datum.value, 6)",
                    labelAngle=0,
                ),
            ),
            y=alt.Y("models:Q", title="models", axis=alt.Axis(format=",d", tickMinStep=1)),
            row=alt.Row("panel:N", title=None, header=alt.Header(labels=False), spacing=14),
            color=alt.Color(
                "what:N",
                sort=kinds,
                scale=alt.Scale(
                    domain=kinds, range=[COLOURS[2], COLOURS[5], COLOURS[6], COLOURS[1]]
                ),
                legend=alt.Legend(title=None),
            ),
        )
        .resolve_scale(y="independent")
    )
    title = f"What the last {len(catalogs)} catalogs changed"
    return svg(chart, title if len(catalogs) > 1 else "What the last catalog changed", 130)


def _vendor(figures: VendorFigures) -> str:
    others = figures.vendors > 1
    return f"{figures.vendor} ({figures.vendors} vendors)" if others else figures.vendor


def _median(figures: VendorFigures) -> str:
    price = figures.median_price
    return f"{figures.models}" + ("" if price is None else f", median {float(price):.3g}")


def _models(count: int) -> str:
    return f"{count:,} listed model" if count == 1 else f"{count:,} listed models"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _counts_axis(most: int) -> Any:
    """An axis of whole numbers: no half models where there are few."""
    import altair as alt

    return alt.Axis(format=",d", tickMinStep=1, tickCount=min(8, most + 1))
