"""Under which names models were known."""

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.registry import history
from arena_pipeline.registry.history import names
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.syncing.years import day


def test_a_model_was_known_under_every_name_it_ever_bore(days: Days) -> None:
    days.next(row("acme/one", name="One"))
    days.next(row("acme/one", name="Uno"))
    days.next(row("acme/one", name="Eins", canonical_slug="acme/one-v2"))

    assert [
        (name.name, name.origin, name.first_seen_at, name.last_seen_at)
        for name in names(days.store, "acme/one")
    ] == [
        ("One", "catalog_name", day(0), day(0)),
        ("acme/one-20250501", "canonical_slug", day(0), day(1)),
        ("Uno", "catalog_name", day(1), day(1)),
        ("Eins", "catalog_name", day(2), day(2)),
        ("acme/one-v2", "canonical_slug", day(2), day(2)),
    ]


def test_aliases_are_listed_with_the_models_they_mean(days: Days) -> None:
    days.next(row("acme/one", name="One"), row("acme/two", name="One"))
    every = history.all_aliases(days.store)

    assert [(alias.alias, alias.model) for alias in every] == [
        ("One", "acme/one"),
        ("One", "acme/two"),
        ("acme/one-20250501", "acme/one"),
        ("acme/two-20250501", "acme/two"),
    ]
    assert history.all_aliases(days.store, ambiguous=True) == every[:2]
    assert history.all_aliases(days.store, name="One") == every[:2]
    assert history.all_aliases(days.store, name="acme/one") == (every[0], every[2])
    assert history.all_aliases(days.store, name="acme/one-20250501", ambiguous=True) == ()
    with pytest.raises(NotFound, match=r"'One\?'; did you mean 'One'"):
        history.all_aliases(days.store, name="One?")


def test_a_name_borne_twice_by_one_model_is_not_ambiguous(days: Days) -> None:
    days.next(row("acme/one", name="acme/uno", canonical_slug="acme/uno"))

    assert len(history.all_aliases(days.store, name="acme/uno")) == 2
    assert history.all_aliases(days.store, ambiguous=True) == ()
