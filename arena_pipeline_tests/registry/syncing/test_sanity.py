"""Whether the catalog at hand can be true."""

import pytest
from sqlalchemy import update

from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.registry.syncing.sanity import catalog_sanity
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days


def test_before_the_first_catalog_there_is_nothing_sane(store: Store) -> None:
    found = catalog_sanity(store)

    assert not found.sound
    assert found.sentence == "No catalog was accepted yet; fetch one: arena sync"


def test_however_many_catalogs_were_refused_since_the_accepted_one_is_sane(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    for number in range(12):
        with pytest.raises(CatalogRefused):
            days.next(row(f"other/{number}"))

    found = catalog_sanity(days.store)

    assert found.sound
    assert found.sentence == "All 2 models of the catalog of 2026-01-01 06:00 UTC are listed."


def test_models_missing_from_the_store_are_told_with_both_numbers(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    with days.store.write() as connection:
        gone = update(Model).where(Model.slug == "acme/two").values(removed_at=FIRST_DAY)
        connection.execute(gone)

    found = catalog_sanity(days.store)

    assert not found.sound
    assert "The store lists 1 of the 2 models" in found.sentence
