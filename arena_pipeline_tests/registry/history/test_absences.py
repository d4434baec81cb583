"""When models were away."""

from datetime import timedelta

from sqlalchemy import insert

from arena_pipeline.registry.history import Absence, absences, prices
from arena_pipeline.store.tables import Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days
from arena_pipeline_tests.registry.syncing.years import day

OTHERS = [row(f"acme/other{number}") for number in range(4)]


def test_a_model_was_away_from_its_removal_until_its_return(days: Days) -> None:
    one = row("acme/one")
    for rows in ([one], [], [], [one], [], [one], [one], []):
        days.next(*OTHERS, *rows)

    assert absences(days.store, "acme/one") == (
        Absence(day(1), day(3)),
        Absence(day(4), day(5)),
        Absence(day(7), None),
    )
    assert absences(days.store, "acme/other0") == ()


def test_what_only_a_sample_listed_is_away_from_the_first_real_catalog_on(days: Days) -> None:
    one, two = row("acme/one"), row("acme/two")
    days.next(one, two, is_sample=True)
    days.next(*OTHERS)
    days.next(*OTHERS, row("acme/new"))
    days.next(*OTHERS, one)

    assert absences(days.store, "acme/one") == (Absence(day(1), day(3)),)
    assert absences(days.store, "acme/two") == (Absence(day(1), None),)
    assert prices(days.store, "acme/two") == ()


def test_what_came_and_went_between_samples_was_never_away(days: Days) -> None:
    days.next(*OTHERS, row("acme/one"), is_sample=True)
    days.next(*OTHERS, is_sample=True)
    days.next(*OTHERS, row("acme/one"))

    assert absences(days.store, "acme/one") == ()


def test_a_catalog_older_than_the_one_before_it_ends_no_absence_before_it_began(
    days: Days,
) -> None:
    days.next(*OTHERS, row("acme/one"))
    days.next(*OTHERS)
    days.next(*OTHERS, row("acme/one"), fetched_at=FIRST_DAY + timedelta(hours=1))

    assert absences(days.store, "acme/one") == ()


def test_imported_models_are_never_away(days: Days) -> None:
    with days.store.write() as connection:
        values = {"source": "import", "display_name": "one", "vendor": "acme"}
        connection.execute(insert(Model).values(slug="acme/one", discovered_at=FIRST_DAY, **values))
    days.next(*OTHERS)
    days.next(*OTHERS, row("acme/one"))
    days.next(*OTHERS)

    assert absences(days.store, "acme/one") == ()
