import dagster as dg
import pytest

from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.defs.catalog.checks import catalog_is_sane
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days


def look(arena: Arena) -> dg.AssetCheckResult:
    result = catalog_is_sane(arena)
    assert isinstance(result, dg.AssetCheckResult)
    return result


def test_before_the_first_catalog_there_is_nothing_sane(arena: Arena) -> None:
    result = look(arena)

    assert not result.passed
    assert str(result.description).startswith("No catalog was accepted yet")


def test_refused_catalogs_do_not_make_the_accepted_one_insane(arena: Arena, store: Store) -> None:
    days = Days(store, arena.settings.root / "catalog")
    days.next(row("acme/one"), row("acme/two"))
    for number in range(12):
        with pytest.raises(CatalogRefused):
            days.next(row(f"other/{number}"))

    result = look(arena)

    assert result.passed
    assert result.description
    assert "refused" not in result.metadata
    assert result.metadata["models in the catalog"].value == 2
