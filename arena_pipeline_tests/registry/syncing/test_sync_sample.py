"""A sample catalog helps over the first run; it is no observation."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.registry.models import model, models
from arena_pipeline.registry.syncing.snapshots import last_checked
from arena_pipeline.store.tables import ModelPrice
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days, count

FOUR = [row(f"acme/m{number}") for number in range(4)]


def test_a_sample_fills_a_store_that_knows_nothing(days: Days) -> None:
    report = days.next(*FOUR, is_sample=True)

    assert (report.is_sample, report.models) == (True, 4)
    assert len(models(days.store)) == 4
    assert count(days.store, ModelPrice) == 0
    assert last_checked(days.store) is None


def test_the_first_real_catalog_is_never_compared_with_a_sample(days: Days) -> None:
    days.next(*FOUR, is_sample=True)

    report = days.next(row("acme/m0", prompt="0.000009"), row("acme/real"))

    assert report.diff.added == ("acme/m0", "acme/real")
    assert (report.diff.removed, report.diff.repriced) == ((), ())
    assert count(days.store, ModelPrice) == 2
    assert [found.slug for found in models(days.store, removed=False)] == [
        "acme/m0",
        "acme/real",
    ]


def test_what_only_a_sample_listed_may_still_turn_up(days: Days) -> None:
    days.next(*FOUR, is_sample=True)
    days.next(row("acme/m0"))
    days.next(row("acme/m0"), row("acme/m1"))

    assert [found.slug for found in models(days.store, removed=False)] == ["acme/m0", "acme/m1"]


def test_a_dated_catalog_from_before_a_sample_is_on_record_under_its_own_date(
    days: Days,
) -> None:
    days.next(*FOUR, is_sample=True)
    long_ago = datetime(2024, 5, 15, tzinfo=UTC)

    report = days.next(*FOUR, fetched_at=long_ago)

    assert report.notice is None
    assert model(days.store, "acme/m0").discovered_at == long_ago
    with days.store.read() as connection:
        assert set(connection.scalars(select(ModelPrice.valid_from))) == {long_ago}


def test_dated_catalogs_from_before_a_sample_that_listed_more_keep_their_own_dates(
    days: Days,
) -> None:
    days.next(*FOUR, is_sample=True)
    dates = [datetime(2024, 5, day, tzinfo=UTC) for day in (15, 16, 17)]

    reports = [days.next(*FOUR[: number + 1], fetched_at=date) for number, date in enumerate(dates)]

    assert [report.notice for report in reports] == [None] * 3
    with days.store.read() as connection:
        assert set(connection.scalars(select(ModelPrice.valid_from))) == set(dates)


def test_a_sample_never_follows_a_real_one(days: Days) -> None:
    days.next(*FOUR)

    with pytest.raises(CatalogRefused, match="never seen a real one"):
        days.next(*FOUR, is_sample=True)
