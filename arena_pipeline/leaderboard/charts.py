"""Charts of a ladder and of what was played, as SVG text: for Dagster's metadata and for static
pages.

Built with altair and rendered by vl-convert, both imported when a chart is made. Names are data to
them, never markup; long ones are cut for their labels.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

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
from arena_pipeline.escaping import plain_line
from arena_pipeline.leaderboard.board import Board, BoardRow, board
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.leaderboard.overview import matches_per_day
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, RatingEvent

if TYPE_CHECKING:
    import altair as alt

_MOST_BARS = 30
_MOST_LINES = 8
_POINTS_PER_LINE = 120


def ratings_chart(board: Board) -> str:
    """The best of a board, each with its distance from a newcomer's rating. SVG text."""
    import altair as alt

    rows = board.rows[:_MOST_BARS]
    if not rows:
        return empty_chart(f"{board.title}: nobody is rated yet")
    shown = labels([row.title for row in rows])
    digits = 0 if board.baseline else 3
    mixed = len({row.kind for row in rows}) > 1
    every = alt.Chart(
        inline(
            [
                {
                    "name": name,
                    "kind": row.kind,
                    "rating": row.rating,
                    "baseline": board.baseline,
                    "text": f"{row.rating:.{digits}f}",
                }
                for name, row in zip(shown, rows, strict=True)
            ]
        )
    ).encode(
        y=alt.Y("name:N", sort=shown, title=None),
        x=alt.X(
            "rating:Q",
            title=_rating_title(board),
            scale=_around(board.baseline, rows),
            axis=alt.Axis(format="d" if board.baseline else "", tickCount=8),
        ),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(range=list(COLOURS)),
            legend=alt.Legend(title=None, orient="bottom", symbolOpacity=1) if mixed else None,
        ),
    )
    newcomer = (
        alt.Chart(inline([{"baseline": board.baseline}]))
        .mark_rule(color=MUTED, strokeDash=[4, 3])
        .encode(x="baseline:Q")
    )
    stems = every.mark_rule(strokeWidth=3, opacity=0.45).encode(x2="baseline:Q")
    dots = every.mark_circle(size=110, opacity=1)
    numbers = every.encode(text="text:N", color=alt.value(INK))
    right = numbers.mark_text(align="left", dx=9)
    left = numbers.mark_text(align="right", dx=-9)
    chart = alt.layer(
        newcomer,
        stems,
        dots,
        right.transform_filter(f"datum.rating >= {board.baseline}"),
        left.transform_filter(f"datum.rating < {board.baseline}"),
    )
    title = f"{plain_line(board.title)}: ratings after {_matches(board.matches)}"
    return svg(chart, title + _part(rows, board), 22 * len(rows))


def rating_history_chart(store: Store, ladder: str = DEFAULT_LADDER) -> str:
    """Ratings of the best few over the ladder's sequence; long histories are thinned. SVG text."""
    import altair as alt

    present = board(store, ladder)
    rows = present.rows[:_MOST_LINES]
    if not rows:
        return empty_chart(f"{present.title}: nobody is rated yet")
    order = labels([row.title for row in rows])
    shown = {row.competitor: label for row, label in zip(rows, order, strict=True)}
    points = [
        {"name": shown[name], "sequence": sequence, "rating": rating}
        for name, sequence, rating in _history(store, present, rows)
    ]
    thinned = max(row.matches for row in rows) > _POINTS_PER_LINE
    chart = (
        alt.Chart(inline(points))
        .mark_line(interpolate="linear" if thinned else "step-after", strokeWidth=1.8, opacity=0.9)
        .encode(
            x=alt.X("sequence:Q", title="rated matches", axis=_counts_axis(present.matches)),
            y=alt.Y(
                "rating:Q",
                title=_rating_title(present),
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(format="d" if present.baseline else ""),
            ),
            color=alt.Color(
                "name:N",
                sort=order,
                scale=alt.Scale(domain=order, range=list(COLOURS)),
                legend=alt.Legend(title=None, symbolStrokeWidth=3),
            ),
        )
    )
    title = f"{plain_line(present.title)}: rating by match{_part(rows, present)}"
    return svg(chart, title, 320, width=WIDTH - 80)


def matches_per_day_chart(store: Store, days: int = 30) -> str:
    """Finished matches by day (UTC). SVG text."""
    return per_day_chart(matches_per_day(store, days))


def per_day_chart(played: Sequence[tuple[date, int]]) -> str:
    """The same from counts that are at hand. SVG text."""
    import altair as alt

    if not played:
        return empty_chart("No match is finished yet")
    every = max(1, len(played) // 10)
    chart = (
        alt.Chart(inline([{"day": f"{day}", "matches": count} for day, count in played]))
        .mark_bar(color=ACCENT, cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "day:O",
                title=None,
                axis=alt.Axis(
                    values=[f"{day}" for day, _ in played[::-1][::every][::-1]],
                    labelExpr="substring(datum.value, 5)",
                    labelAngle=0,
                ),
            ),
            y=alt.Y("matches:Q", title="matches", axis=_counts_axis(max(n for _, n in played))),
        )
    )
    first, last = played[0][0], played[-1][0]
    return svg(chart, f"Matches per day (UTC), {first} to {last}", 220)


def _history(store: Store, board: Board, rows: Sequence[BoardRow]) -> list[tuple[str, int, float]]:
    """Points (competitor, sequence, rating) with each one's first, last and evenly spaced ones
    between.
    """
    number = func.row_number().over(
        partition_by=RatingEvent.competitor, order_by=RatingEvent.sequence
    )
    events = (
        select(
            RatingEvent.competitor,
            RatingEvent.sequence,
            RatingEvent.before,
            RatingEvent.after,
            number.label("number"),
            func.count().over(partition_by=RatingEvent.competitor).label("of"),
        )
        .join(Ladder, Ladder.id == RatingEvent.ladder_id)
        .where(
            Ladder.name == board.ladder,
            RatingEvent.epoch == board.epoch,
            RatingEvent.system == board.system.value,
            RatingEvent.sequence <= board.matches,
            RatingEvent.competitor.in_([row.competitor for row in rows]),
        )
        .subquery()
    )
    step = max(1, max(row.matches for row in rows) // _POINTS_PER_LINE)
    wanted = or_(events.c.number == 1, events.c.number % step == 0, events.c.number == events.c.of)
    with store.read() as connection:
        found = connection.execute(
            select(events).where(wanted).order_by(events.c.competitor, events.c.sequence)
        ).all()
    starts = [(row.competitor, row.sequence - 1, row.before) for row in found if row.number == 1]
    return starts + [(row.competitor, row.sequence, row.after) for row in found]


def _matches(count: int) -> str:
    return f"{count:,} match" if count == 1 else f"{count:,} matches"


def _part(rows: Sequence[BoardRow], board: Board) -> str:
    """What a title adds when it does not show everybody."""
    return "" if len(rows) == len(board.rows) else f" (best {len(rows)} of {len(board.rows)})"


def _rating_title(board: Board) -> str:
    return {"elo": "Elo rating", "mean_score": "mean score"}[board.system.value]


def _around(baseline: float, rows: Sequence[BoardRow]) -> "alt.Scale":
    """A scale with room for the numbers beside the outermost dots, where those have any."""
    import altair as alt

    low = min(baseline, *(row.rating for row in rows))
    high = max(baseline, *(row.rating for row in rows))
    room = 0.12 * (high - low) or 50.0
    return alt.Scale(
        domain=[low - room if low < baseline else low - room / 4, high + room],
        nice=False,
        zero=False,
    )


def _counts_axis(most: int) -> "alt.Axis":
    """An axis of whole numbers: no half matches where there are few."""
    import altair as alt

    return alt.Axis(format=",d", tickMinStep=1, tickCount=min(8, most + 1))
