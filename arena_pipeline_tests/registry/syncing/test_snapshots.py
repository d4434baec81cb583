import pytest

from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.registry.syncing.snapshots import last_accepted, last_checked, snapshots
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days


def test_before_the_first_catalog_there_is_none(store: Store) -> None:
    assert (last_accepted(store), last_checked(store), snapshots(store)) == (None, None, ())


def test_snapshots_are_listed_newest_first_with_refused_ones(days: Days) -> None:
    days.next(row("acme/one"))
    with pytest.raises(CatalogRefused):
        days.next()
    days.next(row("acme/one"), row("acme/two"))

    assert [(found.accepted, found.models) for found in snapshots(days.store)] == [
        (True, 2),
        (False, 0),
        (True, 1),
    ]
    assert len(snapshots(days.store, limit=1)) == 1


def test_the_last_accepted_catalog_is_not_a_refused_one(days: Days) -> None:
    accepted = days.next(row("acme/one"))
    with pytest.raises(CatalogRefused):
        days.next()

    last = last_accepted(days.store)

    assert last is not None
    assert (last.id, last.digest) == (accepted.snapshot_id, accepted.snapshot)
    assert last_checked(days.store) == last.fetched_at
