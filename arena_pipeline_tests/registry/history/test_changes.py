"""What each catalog changed."""

import pytest
from sqlalchemy import update

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.history import changes
from arena_pipeline.store.tables import CatalogChange
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.syncing.years import day

OTHERS = [row(f"acme/other{number}") for number in range(4)]


def test_the_last_catalogs_changes_come_first(days: Days) -> None:
    days.next(*OTHERS, row("acme/one"), row("acme/two"))
    days.next(*OTHERS, row("acme/one", prompt="0", name="Uno"), row("acme/three"))

    latest = changes(days.store, since=day(1))
    assert [(change.at, change.kind, change.slug) for change in latest] == [
        (day(1), "added", "acme/three"),
        (day(1), "removed", "acme/two"),
        (day(1), "repriced", "acme/one"),
        (day(1), "renamed", "acme/one"),
    ]
    assert latest[2].before == {"prompt": "1", "completion": "2"}
    assert latest[2].after == {"prompt": "0", "completion": "2"}
    assert (latest[2].source, latest[0].before, latest[0].is_flip) == ("test", None, False)
    everything = changes(days.store)
    assert everything[:4] == latest
    assert {(change.at, change.kind) for change in everything[4:]} == {(day(0), "added")}


def test_changes_are_narrowed_by_model_kind_and_number(days: Days) -> None:
    for price in ("0.1", "0.2", "0.3"):
        days.next(row("acme/one", prompt=price, name="One"), row("acme/two", prompt=price))

    repriced = changes(days.store, kind="repriced", slug="acme/one")
    assert [change.at for change in repriced] == [day(2), day(1)]
    assert changes(days.store, slug="One") == changes(days.store, slug="acme/one")
    assert [change.slug for change in changes(days.store, limit=1)] == ["acme/one"]
    assert changes(days.store, kind="expiring", slug="acme/one") == ()
    with pytest.raises(NotFound, match="of kind 'repriced!'; did you mean 'repriced'"):
        changes(days.store, kind="repriced!")


def test_a_flip_is_told_from_a_new_price(days: Days) -> None:
    days.next(row("acme/one"))
    days.next(row("acme/one", prompt="0"))
    with days.store.write() as connection:
        connection.execute(
            update(CatalogChange).where(CatalogChange.kind == "repriced").values(is_flip=True)
        )

    assert [change.is_flip for change in changes(days.store)] == [True, False]
