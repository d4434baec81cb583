from datetime import UTC, datetime, timedelta
from decimal import Decimal

from arena_pipeline.registry.gateways import (
    BUILT_IN,
    OPENROUTER,
    GatewayRow,
    gateways,
    write_gateways,
)
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Gateway
from arena_pipeline_tests.registry.days import count, everything

AT = datetime(2026, 1, 2, tzinfo=UTC)
LATER = AT + timedelta(days=1)
LOCAL = GatewayRow("local", "http://localhost:8000/v1", concurrency=2, daily_cap=Decimal("0.1"))


def declare(store: Store, *rows: GatewayRow, at: datetime = AT) -> tuple[str, ...]:
    with registry_write(store) as connection:
        return write_gateways(connection, rows, at)


def test_the_gateway_of_the_catalog_is_there_before_any_is_declared(store: Store) -> None:
    (row,) = gateways(store)

    assert (row.name, row.key_variable, row.declared) == (OPENROUTER, "OPENROUTER_API_KEY", True)
    assert count(store, Gateway) == 0


def test_declared_gateways_are_kept_with_their_limits_beside_the_built_in_one(
    store: Store,
) -> None:
    assert declare(store, LOCAL) == ("local", OPENROUTER)

    local, built_in = gateways(store)
    assert (local.terms, local.updated_at) == (LOCAL.terms, AT)
    assert built_in.terms == BUILT_IN.terms


def test_the_same_gateways_again_change_nothing(store: Store) -> None:
    declare(store, LOCAL)
    before = everything(store, Gateway)

    assert declare(store, LOCAL, at=LATER) == ()
    assert everything(store, Gateway) == before


def test_a_gateway_taken_out_is_kept_as_no_longer_declared_and_comes_back(store: Store) -> None:
    declare(store, LOCAL)

    assert declare(store, at=LATER) == ("local",)
    assert [row.name for row in gateways(store) if row.declared] == [OPENROUTER]
    assert declare(store, LOCAL, at=LATER) == ("local",)
    assert gateways(store)[0].declared


def test_the_built_in_gateway_can_be_declared_otherwise_and_is_itself_again(store: Store) -> None:
    mirror = GatewayRow(OPENROUTER, "https://mirror.example/v1", "MIRROR_KEY")
    declare(store, mirror)
    assert gateways(store)[0].base_url == "https://mirror.example/v1"

    assert declare(store, at=LATER) == (OPENROUTER,)
    assert gateways(store)[0].terms == BUILT_IN.terms
