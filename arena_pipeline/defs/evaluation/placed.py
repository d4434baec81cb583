"""What the UI shows of placements: how far they came, what they cost, a rating on its way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arena_pipeline.defs.looks import NOTICE, chart, table

if TYPE_CHECKING:
    from arena_pipeline.evaluation.placement import PlacementReport
    from arena_pipeline.store import Store


def agent_metadata(store: "Store", report: "PlacementReport") -> dict[str, Any]:
    """The metadata of one agent's placement. Costs are USD; charts only where money was spent or
    models called. What was expected and billed are numbers, so that the UI plots them over time.
    """
    spent = report.expense
    facts: dict[str, Any] = {
        **({NOTICE: report.notice} if report.notice else {}),
        "state": str(report.state),
        "ladder": report.ladder,
        "attempt": report.attempt,
        "matches": f"{report.played} of {report.planned}",
        "resumed": report.resumed,
        "rating before": _points(report.rating_before),
        "rating": _points(report.rating_after),
        "opponents": table(
            ("opponent", "result", "rating before", "rating after"),
            [(bout.opponent, bout.result, bout.before, bout.after) for bout in report.opponents],
        ),
    }
    if spent.input_tokens is None and spent.cost is None:
        return {name: fact for name, fact in facts.items() if fact is not None}
    from arena_pipeline.calls.charts import predicted_chart
    from arena_pipeline.calls.predictions import predictions
    from arena_pipeline.evaluation.charts import rating_chart

    with store.read() as connection:
        ids = [] if report.evaluation_id is None else [report.evaluation_id]
        points = predictions(connection, ids)
    facts |= {
        "expected cost, USD": float(sum(one.expected for one in points)) if points else None,
        "billed cost, USD": float(sum(one.billed for one in points)) if points else None,
        "cost, USD": _usd(spent.cost),
        "cost per match, USD": _usd(spent.per_match),
        "expected for these, USD": _usd(sum((one.expected for one in points), Decimal(0))),
        "tokens read": spent.input_tokens,
        "tokens written": spent.output_tokens,
        "turns failed by the agent": spent.agent_faults,
        "turns failed by the gateway": spent.gateway_faults,
        "faults": table(("kind", "turns"), spent.faults.items()),
        "rating over its matches": chart(rating_chart(report.agent, report.opponents)),
        "expected against billed": chart(predicted_chart(points)),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def run_metadata(reports: Sequence["PlacementReport"]) -> dict[str, Any]:
    """The metadata of a whole run, shown with each of its agents where there are several."""
    if len(reports) < 2:
        return {}
    return {
        "placed in the same run": table(
            ("agent", "state", "matches", "rating", "USD"),
            [
                (one.agent, one.state, one.played, one.rating_after, _text(one.expense.cost))
                for one in reports
            ],
        )
    }


def _points(rating: float | None) -> float | None:
    """A number that the UI can plot, without digits that mean nothing."""
    return None if rating is None else round(rating, 1)


def _usd(amount: Decimal | None) -> float | None:
    """A number, since the UI plots no text."""
    return None if amount is None else round(float(amount), 6)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.6f}"
