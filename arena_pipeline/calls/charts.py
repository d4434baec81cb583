"""The chart of expected against billed cost, as SVG text."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from arena_pipeline.calls.predictions import Prediction
from arena_pipeline.drawing import ACCENT, COLOURS, MUTED, empty_chart, inline, labels, svg
from arena_pipeline.store.types import plain_decimal

_SIDE = 360
_OTHERS = "others"


def predicted_chart(points: Sequence[Prediction]) -> str:
    """A point for each seat, expected cost to the right and billed cost upwards, both in USD and
    growing tenfold; on the line they agree. Seats that cost nothing have no place on it. SVG text.
    """
    import altair as alt

    paid = [one for one in points if one.expected > 0 and one.billed > 0]
    if not paid:
        return empty_chart("No match that costs money was finished yet")
    names = _names(paid)
    shown = [
        {
            "expected": float(one.expected),
            "billed": float(one.billed),
            "player": names.get(one.model or one.player, _OTHERS),
        }
        for one in paid
    ]
    domain = list(dict.fromkeys([*names.values(), *(str(one["player"]) for one in shown)]))
    amounts = [float(amount) for one in paid for amount in (one.expected, one.billed)]
    low, high = min(amounts) / 1.5, max(amounts) * 1.5
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = alt.Axis(tickCount=4, format="~g")
    dots = (
        alt.Chart(inline(shown))
        .mark_circle(size=50, opacity=0.7)
        .encode(
            x=alt.X("expected:Q", title="expected, USD a match", scale=scale, axis=axis),
            y=alt.Y("billed:Q", title="billed, USD", scale=scale, axis=axis),
            color=alt.Color(
                "player:N",
                scale=alt.Scale(
                    domain=domain,
                    range=[MUTED if one == _OTHERS else _colour(i) for i, one in enumerate(domain)],
                ),
                legend=alt.Legend(title=None) if len(domain) > 1 else None,
            ),
        )
    )
    ends = [{"expected": low, "billed": low}, {"expected": high, "billed": high}]
    line = (
        alt.Chart(inline(ends))
        .mark_line(color=MUTED, strokeDash=[4, 3])
        .encode(x="expected:Q", y="billed:Q")
    )
    return svg(alt.layer(line, dots), _title(paid), _SIDE, _SIDE)


def _title(paid: Sequence[Prediction]) -> str:
    expected = sum((one.expected for one in paid), Decimal())
    billed = sum((one.billed for one in paid), Decimal())
    seats = "1 seat" if len(paid) == 1 else f"{len(paid)} seats"
    return f"{seats}: expected {_usd(expected)} USD, billed {_usd(billed)} USD"


def _names(paid: Sequence[Prediction]) -> dict[str, str]:
    """Labels of those with the most seats, as many as there are colours."""
    counted = Counter(one.model or one.player for one in paid)
    named = [name for name, _ in counted.most_common(len(COLOURS))]
    return dict(zip(named, labels(named), strict=True))


def _colour(number: int) -> str:
    return COLOURS[number] if number < len(COLOURS) else ACCENT


def _usd(amount: Decimal) -> str:
    return plain_decimal(amount.quantize(Decimal("0.0001")))
