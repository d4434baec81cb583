"""Models that were retired until the catalog changes, and the gateway of the catalog's models."""

from datetime import UTC, datetime

from arena_pipeline.registry.acts.models import activate, retire
from arena_pipeline.registry.declared.entries import ModelsFile
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.stored import put, stored

THEN = datetime(2026, 2, 1, tzinfo=UTC)
RETIRED = ("retired_at", "retired_set_by", "retired_reason", "retired_until_change")


def fail(days: Days, slug: str = "acme/one") -> None:
    """Retire a model as the policy does when it can't be called."""
    values = dict(zip(RETIRED, (THEN, "policy", "its calls fail", True), strict=True))
    put(days.store, slug, **values)


def test_a_model_is_back_when_the_catalog_says_something_else_of_it(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    fail(days)
    fail(days, "acme/two")

    days.next(row("acme/one", context_length=4096), row("acme/two"))

    assert stored(days.store, "acme/one", *RETIRED) == (None, None, None, False)
    assert stored(days.store, "acme/two", *RETIRED)[0] == THEN


def test_a_model_that_went_and_returned_is_back(days: Days) -> None:
    days.next(row("acme/one"), *(row(f"acme/{n}") for n in range(5)))
    fail(days)
    days.next(*(row(f"acme/{n}") for n in range(5)))
    days.next(row("acme/one"), *(row(f"acme/{n}") for n in range(5)))

    assert stored(days.store, "acme/one", *RETIRED) == (None, None, None, False)


def test_neither_the_same_catalog_nor_the_models_file_brings_it_back(days: Days) -> None:
    days.next(row("acme/one"))
    fail(days)

    days.next(row("acme/one"))
    sync_overrides(days.store, ModelsFile())

    assert stored(days.store, "acme/one", "retired_at") == (THEN,)


def test_a_person_brings_it_back_or_retires_it_for_good(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    fail(days)
    fail(days, "acme/two")

    activate(days.store, ["acme/one"], actor="me")
    retire(days.store, ["acme/two"], actor="me")
    days.next(row("acme/one"), row("acme/two", context_length=4096))

    assert stored(days.store, "acme/one", *RETIRED) == (None, None, None, False)
    assert stored(days.store, "acme/two", *RETIRED) == (THEN, "person", None, False)


def test_the_models_of_the_catalog_are_called_at_its_gateway(days: Days) -> None:
    days.next(row("acme/one"))
    days.next(row("acme/one"), row("acme/two"), gateway="own")

    assert stored(days.store, "acme/one", "gateway") == ("own",)
    assert stored(days.store, "acme/two", "gateway") == ("own",)


def test_another_gateway_counts_though_the_catalog_says_the_same(days: Days) -> None:
    days.next(row("acme/one"))
    days.next(row("acme/one"), gateway="own")

    assert stored(days.store, "acme/one", "gateway") == ("own",)


def test_a_model_of_the_file_that_the_catalog_lists_is_called_there_too(days: Days) -> None:
    file = parse_models_file("models: {bootstrap: [{slug: acme/one}]}", "f")
    sync_overrides(days.store, file, catalog_gateway="own")
    assert stored(days.store, "acme/one", "gateway") == ("openrouter",)

    days.next(row("acme/one"), gateway="own")
    sync_overrides(days.store, file, catalog_gateway="own")

    assert stored(days.store, "acme/one", "gateway") == ("own",)
