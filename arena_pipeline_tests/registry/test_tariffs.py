"""Which prices count where a model is called."""

from decimal import Decimal

from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.registry.tariffs import tariff_at
from arena_pipeline_tests.registry.model_rows import model_row

HOME = GatewayRow("openrouter", "https://x/v1")
LOCAL = GatewayRow("local", "http://x/v1", price_prompt=Decimal(3), price_completion=Decimal(4))


def million(tariff: Tariff) -> Decimal | None:
    return tariff.cost(1_000_000, 1_000_000)


def test_at_home_the_model_s_own_prices_count() -> None:
    row = model_row()
    assert million(tariff_at(HOME, row)) == million(tariff_at(None, row)) == Decimal("0.3")
    assert million(tariff_at(LOCAL, model_row(gateway="local"))) == Decimal("0.3")


def test_a_model_without_prices_costs_what_its_gateway_does() -> None:
    bare = model_row(gateway="local", price_prompt=None, price_completion=None)
    assert million(tariff_at(LOCAL, bare)) == 7


def test_elsewhere_the_catalog_s_prices_do_not_hold() -> None:
    assert million(tariff_at(LOCAL, model_row())) == 7
    unpriced = GatewayRow("other", "http://x/v1")
    assert million(tariff_at(unpriced, model_row())) is None
