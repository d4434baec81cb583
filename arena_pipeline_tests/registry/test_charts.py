"""Charts of the catalog: valid SVG of a sensible size, harmless and readable whatever the names."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from arena_pipeline.registry.charts import (
    churn_chart,
    price_bands_chart,
    price_history_chart,
    price_index_chart,
    vendors_chart,
)
from arena_pipeline.registry.figures import Churn, IndexPoint, VendorFigures
from arena_pipeline.registry.history import Absence, PricePoint

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", "a\nb\u202ec", '"]}; datum', "x" * 500)
START = datetime(2026, 3, 1, 6, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def texts(picture: str) -> list[str]:
    """What is written on a chart; it must be XML to be read at all."""
    return ["".join(node.itertext()) for node in ET.fromstring(picture).iter(f"{SVG}text")]


def lines(picture: str, kind: str) -> list[str]:
    """The shapes that draw the price of one kind, as Vega describes them."""
    return [
        node.get("d", "")
        for node in ET.fromstring(picture).iter(f"{SVG}path")
        if node.get("aria-roledescription") == "line mark"
        and f"kind: {kind}" in node.get("aria-label", "")
    ]


def at(number: int, prompt: str | None, completion: str | None = "2") -> PricePoint:
    costs = [None if price is None else Decimal(price) for price in (prompt, completion)]
    return PricePoint(day(number), costs[0], costs[1], snapshot_id=number)


VENDORS = (
    VendorFigures("acme", 12, 3, Decimal("1.25")),
    *(VendorFigures(name, 2, 0, None) for name in HOSTILE),
    VendorFigures("others", 40, 1, Decimal("0.5"), 31),
)
CATALOGS = tuple(Churn(day(n), 400 + n, n % 5, n % 3, n % 2, n % 7) for n in range(60))
LEVELS = tuple(IndexPoint(day(n), 100 + n % 9, 300) for n in range(30))
HISTORY = (at(0, "1"), at(3, "2"), at(9, "1"))


def test_the_vendors_chart_says_how_many_and_how_dear() -> None:
    shown = set(texts(vendors_chart(VENDORS)))

    assert {"acme", "12, median 1.25", "others (31 vendors)", "free"} < shown
    assert "60 listed models by vendor" in shown


def test_the_bands_chart_has_every_band_with_its_count() -> None:
    shown = texts(price_bands_chart({"free": 17, "below 0.1": 0, "unknown": 23}))

    assert {"free", "below 0.1", "unknown", "17", "23", "40 listed models by price"} < set(shown)


def test_the_churn_chart_tells_arrivals_departures_and_new_prices_apart() -> None:
    shown = texts(churn_chart(CATALOGS))

    assert {"new", "back", "gone", "new price", "What the last 60 catalogs changed"} < set(shown)
    assert f"{CATALOGS[-1].at:%Y-%m-%d}" in shown


def test_the_index_chart_says_where_it_starts_and_what_a_price_is() -> None:
    shown = texts(price_index_chart(LEVELS))

    assert "Price level of models in both catalogs (2026-03-01 = 100)" in shown
    assert "price level (3 prompt : 1 completion)" in shown


def test_a_long_index_is_thinned_out_and_keeps_its_end() -> None:
    hours = tuple(IndexPoint(START + timedelta(hours=n), 100, 300) for n in range(20_000))

    picture = price_index_chart((*hours, IndexPoint(day(900), 777, 300)))

    assert len(picture) < 20 * len(price_index_chart(LEVELS))
    assert any("777" in node.get("aria-label", "") for node in ET.fromstring(picture).iter())


def test_a_price_history_names_both_prices_and_its_model() -> None:
    shown = set(texts(price_history_chart("acme/one", HISTORY, until=day(12))))

    assert {"acme/one: prices", "prompt", "completion", "USD per million tokens"} < shown


def test_an_unknown_price_is_a_gap() -> None:
    whole = price_history_chart("acme/one", (at(0, "1"), at(3, "3"), at(9, "1")), until=day(12))
    broken = price_history_chart("acme/one", (at(0, "1"), at(3, None), at(9, "1")), until=day(12))

    assert (len(lines(whole, "prompt")), len(lines(whole, "completion"))) == (1, 1)
    assert (len(lines(broken, "prompt")), len(lines(broken, "completion"))) == (2, 1)


def test_absences_are_marked_and_explained() -> None:
    away = (Absence(day(1), day(2)), Absence(day(5), None))

    picture = price_history_chart("acme/one", HISTORY, away, until=day(3))

    assert "acme/one: prices (grey: not listed)" in texts(picture)
    boxes = [
        node
        for node in ET.fromstring(picture).iter(f"{SVG}path")
        if node.get("aria-roledescription") == "rect mark"
    ]
    assert len(boxes) == 2


def test_no_name_becomes_markup_or_breaks_a_chart() -> None:
    pictures = [vendors_chart(VENDORS), *(price_history_chart(name, HISTORY) for name in HOSTILE)]

    for picture in pictures:
        assert not list(ET.fromstring(picture).iter(f"{SVG}script"))
    assert {"<script>alert(1)</script>", "a bc", '"]}; datum'} < set(texts(pictures[0]))
    for name, picture in zip(("<script>alert(1)</script>", "a bc"), pictures[1:], strict=False):
        assert f"{name}: prices" in texts(picture)


def test_charts_are_not_wider_than_800_pixels() -> None:
    for picture in (
        vendors_chart(VENDORS),
        price_bands_chart({"30 and more": 1}),
        churn_chart(CATALOGS),
        price_index_chart(LEVELS),
        price_history_chart("x" * 500, HISTORY),
    ):
        root = ET.fromstring(picture)
        assert float(root.get("width", "")) <= 800
        assert float(root.get("height", "")) <= 800


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: vendors_chart(()), "No model is listed yet"),
        (lambda: price_bands_chart({"free": 0}), "No model is listed yet"),
        (lambda: churn_chart(()), "There are no two catalogs to compare yet"),
        (lambda: price_index_chart(()), "No real catalog was read yet, so there is no price level"),
        (lambda: price_history_chart("acme/one", ()), "acme/one: no price is known"),
        (lambda: price_history_chart("a", (at(0, None, None),)), "a: no price is known"),
    ],
)
def test_without_anything_to_show_a_chart_says_so(draw: Callable[[], str], sentence: str) -> None:
    assert texts(draw()) == [sentence]


def test_one_catalog_and_one_price_are_enough_for_a_chart() -> None:
    assert "What the last catalog changed" in texts(churn_chart(CATALOGS[-1:]))
    assert price_index_chart(LEVELS[:1])
    dots = {
        node.get("aria-label", "").rpartition("kind: ")[2].partition(";")[0]
        for node in ET.fromstring(price_history_chart("acme/one", HISTORY[:1])).iter()
        if node.get("aria-roledescription") == "point"
    }
    assert dots == {"prompt", "completion"}


def test_importing_the_charts_does_not_import_the_libraries_behind_them() -> None:
    code = (
        "import sys, arena_pipeline.registry.charts;"
        "print({'altair', 'vl_convert', 'pandas'} & sys.modules.keys())"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "set()\n"
