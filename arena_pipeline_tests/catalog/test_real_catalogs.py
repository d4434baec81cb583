"""What the dated catalogs of the gateway say, counted here by other means than the parser's."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.catalog.snapshot import Catalog, parse
from arena_pipeline.catalog.tariff import Tariff

pytestmark = pytest.mark.shared

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def dated(shared_data: Path) -> list[tuple[str, Rows, Catalog]]:
    """Date, rows by id as they came, and the catalog as parsed, in the order of dates."""
    files = sorted((shared_data / "openrouter").glob("*.json"))
    assert len(files) == 38
    read = ((file.stem, file.read_bytes()) for file in files)
    return [
        (date, {r["id"]: r for r in json.loads(content)["data"]}, parse(content))
        for date, content in read
    ]


def cost(model: CatalogModel, *tokens: int, **how: Any) -> Decimal | None:
    """USD of a call to this model."""
    prices = Tariff.of(model.price_prompt, model.price_completion, model.other_prices)
    return prices.cost(*tokens, **how)


def test_every_row_of_every_dated_catalog_is_read(dated: list[tuple[str, Rows, Catalog]]) -> None:
    for date, rows, catalog in dated:
        assert not catalog.skipped, date
        assert catalog.models.keys() == rows.keys(), date


def test_prices_are_what_the_rows_say(dated: list[tuple[str, Rows, Catalog]]) -> None:
    for date, rows, catalog in dated:
        for slug, model in catalog.models.items():
            written = [Decimal(rows[slug]["pricing"][key]) for key in ("prompt", "completion")]
            meant = [None if price < 0 else price * 10**6 for price in written]
            assert [model.price_prompt, model.price_completion] == meant, (date, slug)


def test_unknown_prices_are_those_of_routers_and_of_dead_models_of_2024(
    dated: list[tuple[str, Rows, Catalog]],
) -> None:
    for date, rows, catalog in dated:
        unknown = {s for s, m in catalog.models.items() if cost(m, 1000, 1000) is None}
        routers = {
            s
            for s in unknown
            if rows[s]["architecture"]["tokenizer"] == "Router" or s.startswith("openrouter/")
        }
        assert unknown == {s for s, r in rows.items() if r["pricing"]["prompt"] == "-1"}, date
        assert date < "2024-08" or unknown == routers, date


def test_free_by_price_and_free_by_name_are_two_things(
    dated: list[tuple[str, Rows, Catalog]],
) -> None:
    by_price = {
        s for _, _, c in dated for s, m in c.models.items() if cost(m, 1000, 1000) == Decimal(0)
    }

    assert any(slug.endswith(":free") for slug in by_price)
    assert any(not slug.endswith(":free") for slug in by_price)


def test_long_prompts_cost_what_their_tier_says(dated: list[tuple[str, Rows, Catalog]]) -> None:
    date, rows, catalog = dated[-1]
    tiers = [
        (slug, override)
        for slug, r in rows.items()
        for override in r["pricing"].get("overrides", [])
        if "min_prompt_tokens" in override
    ]
    assert date == "2026-08-18"
    assert len(tiers) > 59

    for slug, tier in tiers:
        tokens, price = tier["min_prompt_tokens"], Decimal(tier["prompt"])
        assert cost(catalog.models[slug], tokens, 0) == tokens * price, slug
        shorter = cost(catalog.models[slug], tokens - 1, 0)
        assert shorter is not None
        assert shorter < (tokens - 1) * price


def test_two_models_of_the_newest_catalog_cost_twice_as_much_at_some_hours(
    dated: list[tuple[str, Rows, Catalog]],
) -> None:
    _, rows, catalog = dated[-1]
    by_the_hour = {s for s, r in rows.items() if "utc_start" in json.dumps(r["pricing"])}
    assert by_the_hour == {"deepseek/deepseek-v4-pro", "deepseek/deepseek-v4-pro-0813"}

    for slug in by_the_hour:
        model = catalog.models[slug]
        assert (model.price_prompt, model.price_completion) == (Decimal("0.66"), Decimal("1.98"))
        assert cost(model, 10**6, 10**6) == 2 * Decimal("2.64")


def test_the_hour_of_the_fetch_changes_nothing(dated: list[tuple[str, Rows, Catalog]]) -> None:
    _, rows, catalog = dated[-1]
    at_another_hour = [
        r | {"pricing": r["pricing"] | {"prompt": "0.00000132", "completion": "0.00000396"}}
        if "utc_start" in json.dumps(r["pricing"])
        else r
        for r in rows.values()
    ]
    assert at_another_hour != [*rows.values()]

    assert parse(json.dumps({"data": at_another_hour}).encode()) == catalog
