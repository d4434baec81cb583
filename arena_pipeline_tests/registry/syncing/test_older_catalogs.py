"""Catalogs that are older than what was seen before them."""

from datetime import timedelta
from decimal import Decimal

from arena_pipeline.registry.history import price_on
from arena_pipeline.registry.models import model
from arena_pipeline.registry.syncing.sync import note_unchanged
from arena_pipeline.store.tables import (
    ModelPrice,
)
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, count


def test_an_older_catalog_is_taken_as_the_present_state_and_says_so(days: Days) -> None:
    days.next(row("acme/one", prompt="0.000001"))
    days.next(row("acme/one", prompt="0.000002"))
    report = days.next(row("acme/one", prompt="0.000001"), fetched_at=FIRST_DAY)

    assert report.notice is not None
    assert "older than the one before it" in report.notice
    assert model(days.store, "acme/one").price_prompt == 1
    assert count(days.store, ModelPrice) == 3


def test_a_catalog_from_before_the_last_look_changes_nothing_of_what_was_seen_until_then(
    days: Days,
) -> None:
    days.next(row("acme/one"))
    note_unchanged(days.store, FIRST_DAY + timedelta(days=9))

    report = days.next(row("acme/one", prompt="0.000002"), fetched_at=FIRST_DAY + timedelta(days=5))

    assert report.notice is not None
    assert "older than the one before it (2026-01-10 06:00)" in report.notice
    seen = price_on(days.store, "acme/one", FIRST_DAY + timedelta(days=9))
    now = price_on(days.store, "acme/one", FIRST_DAY + timedelta(days=10))
    assert seen is not None
    assert now is not None
    assert (seen.price_prompt, now.price_prompt) == (Decimal(1), Decimal(2))
