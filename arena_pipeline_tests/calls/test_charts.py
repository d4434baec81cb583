"""Expected against billed cost: what is read of it, and the chart."""

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from arena_pipeline.calls.charts import predicted_chart
from arena_pipeline.calls.predictions import Prediction, predictions
from arena_pipeline.store import Store
from arena_pipeline_tests.calls.played import add_agent, add_match, add_model, used
from arena_pipeline_tests.calls.spending.seats import open_evaluation

SVG = "{http://www.w3.org/2000/svg}"


def point(expected: str, billed: str, model: str | None = "a/one") -> Prediction:
    return Prediction("m", "somebody", model, Decimal(expected), Decimal(billed), None)


def texts(picture: str) -> list[str]:
    """What is written on a chart; it must be XML to be read at all."""
    return ["".join(node.itertext()) for node in ET.fromstring(picture).iter(f"{SVG}text")]


def dots(picture: str) -> int:
    return sum(
        node.get("aria-roledescription") == "circle" for node in ET.fromstring(picture).iter()
    )


def test_there_is_a_dot_for_each_seat_that_cost_something() -> None:
    picture = predicted_chart(
        [point("0.1", "0.12"), point("0.0003", "2", "b/two"), point("0", "0"), point("0.1", "0")]
    )

    assert dots(picture) == 2
    assert "2 seats: expected 0.1003 USD, billed 2.12 USD" in texts(picture)
    assert {"a/one", "b/two", "expected, USD a match", "billed, USD"} <= set(texts(picture))


def test_names_are_never_markup_and_only_the_commonest_are_told() -> None:
    many = [point("0.1", "0.1", f"<b>{number}</b>\u202e" + "x" * 300) for number in range(30)]

    shown = texts(predicted_chart(many))

    assert "others" in shown
    assert any(one.startswith("<b>0</b>") for one in shown)


def test_without_a_bill_it_says_so() -> None:
    assert texts(predicted_chart([])) == ["No match that costs money was finished yet"]


def test_seats_are_told_newest_first_whose_expectation_and_bill_are_known(store: Store) -> None:
    number = open_evaluation(store)
    one, two = add_model(store, "a/one"), add_model(store, "b/two")
    agent = add_agent(store, "own", one)
    both: dict[str, Any] = {"expected_cost": Decimal("0.1"), "cost": Decimal("0.2")}
    _, old = add_match(store, used(agent, one, **both), evaluation_id=number)
    _, new = add_match(store, used(None, two, **both), used(agent, one, **both))
    add_match(store, used(agent, one, expected_cost=Decimal("0.1")), used(agent, one, cost=0))
    add_match(store, used(agent, one, **both), state="void")

    with store.read() as connection:
        found = predictions(connection)
        assert [(row.match, row.model) for row in found] == [
            (new, "b/two"), (new, "a/one"), (old, "a/one"),
        ]  # fmt: skip
        assert [row.match for row in predictions(connection, [number])] == [old]
        assert [row.match for row in predictions(connection, model_id=two)] == [new]
        assert [row.match for row in predictions(connection, agent_id=agent, limit=1)] == [new]
        assert predictions(connection, []) == ()
