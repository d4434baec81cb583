import dagster as dg

from arena_pipeline.defs.catalog.checks import catalog_is_sane
from arena_pipeline.defs.resources import Arena


def test_before_the_first_catalog_there_is_nothing_sane(arena: Arena) -> None:
    result = catalog_is_sane(arena)

    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert result.description == "No catalog was accepted yet."
