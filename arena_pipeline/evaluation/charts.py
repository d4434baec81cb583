"""The chart of a placement: a rating on its way, match by match. SVG text."""

from collections.abc import Sequence

from arena_pipeline.drawing import ACCENT, COLOURS, MUTED, empty_chart, inline, svg
from arena_pipeline.evaluation.progress import Bout

_HEIGHT = 200
_RESULTS = {"won": COLOURS[2], "tied": MUTED, "lost": COLOURS[6]}


def rating_chart(agent: str, bouts: Sequence[Bout]) -> str:
    """The rating after each rated match, by its number, coloured by how the match ended."""
    import altair as alt

    rated = [bout for bout in bouts if bout.is_rated]
    if not rated:
        return empty_chart(f"No match of {agent} is rated yet")
    points: list[dict[str, object]] = [
        {"match": number, "rating": bout.after, "result": str(bout.result)}
        for number, bout in enumerate(rated, 1)
    ]
    start = {"match": 0, "rating": rated[0].before, "result": "before"}
    # Named one by one: between few matches the renderer would draw halves of one.
    ticks = range(0, len(rated) + 1, 1 + len(rated) // 20)
    axis = alt.X("match:Q", title="match", axis=alt.Axis(format="d", values=list(ticks)))
    rating = alt.Y("rating:Q", title="rating", scale=alt.Scale(zero=False))
    line = alt.Chart(inline([start, *points])).mark_line(color=ACCENT).encode(x=axis, y=rating)
    dots = (
        alt.Chart(inline(points))
        .mark_circle(size=80, opacity=1)
        .encode(
            x=axis,
            y=rating,
            color=alt.Color(
                "result:N",
                scale=alt.Scale(domain=list(_RESULTS), range=list(_RESULTS.values())),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
        )
    )
    return svg(alt.layer(line, dots), f"{agent}: rating over its placement", _HEIGHT)
