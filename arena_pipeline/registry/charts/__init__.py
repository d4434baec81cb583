"""Charts of the catalog, as SVG text: for Dagster's metadata and for static pages.

The numbers come from `registry.figures` and `registry.history`. Built with altair and rendered by
vl-convert, both imported when a chart is made. Names are data to them, never markup.
"""

from arena_pipeline.registry.charts.counts import churn_chart, price_bands_chart, vendors_chart
from arena_pipeline.registry.charts.prices import price_history_chart, price_index_chart

__all__ = [
    "churn_chart",
    "price_bands_chart",
    "price_history_chart",
    "price_index_chart",
    "vendors_chart",
]
