"""Charts of what came in from SnakeBench, as SVG text."""

from typing import TYPE_CHECKING

from arena_pipeline.drawing import COLOURS, INK, MUTED, empty_chart, inline, svg
from arena_pipeline.importers.snakebench.telling.figures import SOUND, UNKNOWN, Month

if TYPE_CHECKING:
    import altair as alt

_MOST_MONTHS = 240
"""Months drawn in a row; a lone game of a time long gone does not stretch the axis further."""


def months_chart(months: list[Month]) -> str:
    """Imported games by the month (UTC) in which they ended, by verification. SVG text."""
    import altair as alt

    if not months:
        return empty_chart("Nothing was imported yet")
    known = [one.month for one in months if one.month != UNKNOWN]
    order = _every_month(known[0], known[-1]) if known else []
    order += [one.month for one in months if one.month not in order]
    reasons = _reasons(months)
    across = alt.X("month:O", title=None, scale=alt.Scale(domain=order), axis=_axis(order))
    bars = (
        alt.Chart(
            inline(
                [
                    {"month": one.month, "reason": name, "order": reasons.index(name), "games": n}
                    for one in months
                    for name, n in one.matches.items()
                ]
            )
        )
        .mark_bar()
        .encode(
            x=across,
            y=alt.Y("games:Q", title="games", axis=alt.Axis(format=",d", tickMinStep=1)),
            color=alt.Color(
                "reason:N",
                scale=alt.Scale(domain=reasons, range=[*COLOURS, MUTED][: len(reasons)]),
                legend=alt.Legend(title=None, orient="bottom", columns=3),
            ),
            order=alt.Order("order:Q"),
        )
    )
    numbers = (
        alt.Chart(inline([{"month": one.month, "games": one.total} for one in months]))
        .mark_text(dy=-7, color=INK)
        .encode(x=across, y="games:Q", text=alt.Text("games:Q", format=",d"))
    )
    total = sum(one.total for one in months)
    return svg(alt.layer(bars, numbers), f"{total:,} imported games per month (UTC)", 220)


def _reasons(months: list[Month]) -> list[str]:
    """Every verification there is: the sound ones first, the others by how many they are."""
    totals: dict[str, int] = {}
    for one in months:
        for reason, count in one.matches.items():
            totals[reason] = totals.get(reason, 0) + count
    return sorted(totals, key=lambda name: (name not in SOUND, -totals[name], name))


def _every_month(first: str, last: str) -> list[str]:
    """All months from one to the other, both YYYY-MM: one without a game is a gap, not left out."""
    (year, month), found = map(int, first.split("-")), [first]
    while found[-1] < last and len(found) < _MOST_MONTHS:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        found.append(f"{year:04d}-{month:02d}")
    return found


def _axis(order: list[str]) -> "alt.Axis":
    import altair as alt

    return alt.Axis(values=order[:: max(1, -(-len(order) // 9))], labelAngle=0)
