"""After a year of daily catalogs each question about a model is answered by one query, and rightly.

Answers are compared with the record that `years.Year` keeps by itself.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from arena_pipeline.registry.history import absences, changes, names, price_on
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import CatalogSnapshot, Model, ModelAlias, ModelPrice
from arena_pipeline_tests.postgres import Cluster
from arena_pipeline_tests.registry.asking import queries
from arena_pipeline_tests.registry.days import Days, count
from arena_pipeline_tests.registry.syncing.years import DAYS, Year, day
from arena_pipeline_tests.store_fixtures import DATABASES

SEED = 20_260_101
T = TypeVar("T")


@pytest.fixture(scope="module")
def year() -> Year:
    return Year(SEED)


@pytest.fixture(scope="module", params=DATABASES)
def synced(
    request: pytest.FixtureRequest, year: Year, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store that took over the whole year, day by day; nobody writes to it afterwards."""
    folder = tmp_path_factory.mktemp("year")
    with closing(open_store(_url(request, folder))) as store:
        days = Days(store, folder / "catalog")
        for fetched_at, rows in year.bodies():
            days.next(*rows, fetched_at=fetched_at)
        yield store


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        path = folder / "arena.sqlite3"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        return f"sqlite:///{path}"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.create_database(template=request.getfixturevalue("postgres_template"))


def one_query(store: Store, question: Callable[[], T]) -> T:
    """The answer, if it took no more than one query."""
    with queries(store) as sent:
        answer = question()
    assert len(sent) == 1
    return answer


def test_the_year_has_everything_that_happens_to_models(year: Year) -> None:
    happened = year.changes()

    assert min(happened.values()) > 10
    assert set(happened) == {"added", "removed", "returned", "repriced", "renamed", "repointed"}
    assert all(60 <= len(said) <= 100 for said in year.said)


def test_it_says_what_any_model_cost_on_any_day(synced: Store, year: Year) -> None:
    chance = random.Random(SEED)
    for slug in year.slugs:
        for number in chance.sample(range(DAYS), 3):
            expected = year.cost(slug, number)

            point = one_query(synced, lambda: price_on(synced, slug, day(number).date()))  # noqa: B023

            assert expected == (point and (point.price_prompt, point.price_completion))


def test_it_says_under_which_names_each_model_was_known(synced: Store, year: Year) -> None:
    for slug in year.slugs:
        seen = one_query(synced, lambda: names(synced, slug))  # noqa: B023

        assert {
            name.name: (name.first_seen_at, name.last_seen_at)
            for name in seen
            if name.origin == "catalog_name"
        } == year.names(slug)


def test_it_says_when_each_model_was_away(synced: Store, year: Year) -> None:
    for slug in year.slugs:
        away = one_query(synced, lambda: absences(synced, slug))  # noqa: B023

        assert [(absence.since, absence.until) for absence in away] == year.absences(slug)


def test_it_holds_one_row_for_each_thing_that_happened_and_no_more(
    synced: Store, year: Year
) -> None:
    news = 1 + sum(one != two for one, two in zip(year.said, year.said[1:], strict=False))

    assert count(synced, ModelPrice) == year.price_changes()
    assert count(synced, Model) == len(year.slugs)
    assert count(synced, CatalogSnapshot) == news
    catalog_names = ModelAlias.origin == "catalog_name"
    assert count(synced, ModelAlias, catalog_names) == sum(
        len(year.names(slug)) for slug in year.slugs
    )


def test_it_lists_every_change_of_the_year(synced: Store, year: Year) -> None:
    assert Counter(change.kind for change in changes(synced)) == year.changes()
