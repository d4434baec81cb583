"""What all charts share: their look, data put into them, labels from names, and rendering to SVG.

Which charts there are is in `leaderboard.charts` and `registry.charts`.
"""

import base64
from collections.abc import Sequence
from typing import Any

from arena_pipeline.escaping import markdown_cell, plain_line

WIDTH = 520
"""Width of the plotting area in pixels; with labels and legend a chart stays below 800."""

_LABEL_LENGTH = 32

INK, MUTED, _GRID, ACCENT = "#1f2933", "#616e7c", "#e4e7eb", "#2563a8"
COLOURS = (
    "#2563a8", "#d9730d", "#2f855a", "#b83280", "#6b46c1", "#0f8b8d", "#c53030", "#4a5568",
)  # fmt: skip


def svg(chart: Any, title: str, height: int, width: int = WIDTH) -> str:
    """A chart in the house's look, rendered. Sizes in pixels, of the plotting area; SVG text."""
    import altair as alt
    import vl_convert

    finished = (
        chart.properties(width=width, height=height, title=title, background="white", padding=12)
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_title(anchor="start", fontSize=15, fontWeight=600, color=INK, offset=14)
        .configure_axis(
            grid=True, gridColor=_GRID, domain=False, ticks=False, labelColor=INK,
            titleColor=MUTED, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
            labelPadding=6, labelLimit=240,
        )
        .configure_axisBand(grid=False)
        .configure_legend(labelFontSize=12, labelColor=INK, labelLimit=190, orient="right")
        .configure_text(fontSize=12)
        .configure_view(stroke=None)
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(finished.to_json(), vl_version=_version(alt)))


def data_uri(picture: str, alt_text: str = "chart") -> str:
    """An SVG as a Markdown image with the picture in it, which Dagster's metadata shows."""
    packed = base64.b64encode(picture.encode()).decode("ascii")
    return f"![{markdown_cell(alt_text)}](data:image/svg+xml;base64,{packed})"


def _version(alt: Any) -> str:
    """The Vega-Lite version that altair writes, as vl-convert names it: "6.1" of "v6.1.0"."""
    return ".".join(str(alt.SCHEMA_VERSION).lstrip("v").split(".")[:2])


def empty_chart(text: str) -> str:
    """A chart that says why there is nothing on it."""
    import altair as alt

    chart = (
        alt.Chart(inline([{"text": plain_line(text)}]))
        .mark_text(color=MUTED, fontSize=13)
        .encode(text="text:N")
    )
    return svg(chart, "", 80)


def inline(rows: list[dict[str, Any]]) -> Any:
    """Rows as the data inside a chart."""
    import altair as alt

    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def labels(names: Sequence[str]) -> list[str]:
    """Names cut to a readable length; those that would look the same are numbered."""
    found: list[str] = []
    for name in names:
        line = plain_line(name) or "(no name)"
        cut = line if len(line) <= _LABEL_LENGTH else line[: _LABEL_LENGTH - 1].rstrip() + "\u2026"
        label, number = cut, 2
        while label in found:
            label, number = f"{cut} ({number})", number + 1
        found.append(label)
    return found
