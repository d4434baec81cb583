from datetime import UTC, datetime
from decimal import Decimal

import pytest

from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import OverridesReport, sync_overrides
from arena_pipeline.registry.models import model
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Access
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.stored import put, registry_rows, stored

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACTIVE = ("is_active", "is_active_set_by", "is_active_reason")
PRICES = ("override_prompt", "override_completion", "override_set_by")
RETIRED = ("retired_at", "retired_set_by", "retired_reason")

EVERYTHING = """\
gateways: [{name: local, base_url: "http://localhost:8000/v1", key: LOCAL_KEY}]
models:
  bootstrap:
    - {slug: me/tuned, gateway: local, prices: {prompt: 0.1, completion: 0.2}}
    - {slug: zeta/one, prices: {prompt: 7, completion: 7}}
  allow: ["*"]
  deny: [zeta/*]
  active: [acme/one, me/*]
  names: {acme/one: [uno, "un\\0o"], me/tuned: [mine]}
  prices: {acme/*: {prompt: 0.5, completion: null}}
  retire: {models: [acme/two], removed_days: 30}
"""


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows three models."""
    days.next(row("acme/one"), row("acme/two"), row("zeta/one"))
    return days.store


def apply(store: Store, text: str) -> OverridesReport:
    return sync_overrides(store, parse_models_file(text, "models.yaml"), now=NOW)


def test_patterns_allow_and_deny_and_deny_wins(known: Store) -> None:
    report = apply(known, "models: {allow: ['*'], deny: ['acme/*']}")

    assert report.access == {
        "acme/one": Access.DENY,
        "acme/two": Access.DENY,
        "zeta/one": Access.ALLOW,
    }
    assert (model(known, "acme/one").access, model(known, "acme/one").access_set_by) == (
        "deny",
        "yaml",
    )


def test_a_pattern_taken_out_is_taken_back(known: Store) -> None:
    apply(known, "models: {deny: ['acme/*']}")

    assert apply(known, "").access == {"acme/one": Access.AUTO, "acme/two": Access.AUTO}
    assert apply(known, "").access == {}


def test_what_a_person_set_wins(known: Store) -> None:
    by_person = {f"{what}_set_by": "person" for what in ("access", "is_active", "override")}
    put(known, "acme/one", access="allow", is_active=True, **by_person)
    put(known, "acme/two", retired_at=NOW, retired_set_by="person")
    before = registry_rows(known)[0]

    apply(
        known,
        "models: {deny: ['acme/one'], active: ['acme/one'], retire: {models: ['acme/*']},"
        " prices: {acme/one: {prompt: 1, completion: 1}}}",
    )

    assert registry_rows(known)[0] == before


def test_the_reason_names_the_pattern_that_decided(known: Store) -> None:
    apply(known, "models: {deny: ['acme/*', acme/two]}")

    assert stored(known, "acme/one", "access_reason") == ("deny: acme/*",)
    assert stored(known, "acme/two", "access_reason") == ("deny: acme/two",)


def test_another_pattern_with_the_same_outcome_is_no_change_of_access(known: Store) -> None:
    apply(known, "models: {deny: ['acme/*']}")

    assert apply(known, "models: {deny: ['a*']}").access == {}
    assert stored(known, "acme/one", "access_reason") == ("deny: a*",)


def test_patterns_let_models_play_until_they_are_taken_out(known: Store) -> None:
    assert apply(known, "models: {active: ['acme/*']}").active == {
        "acme/one": True,
        "acme/two": True,
    }
    assert stored(known, "acme/one", *ACTIVE) == (True, "yaml", "active: acme/*")

    assert apply(known, "models: {active: [acme/two]}").active == {"acme/one": False}
    assert stored(known, "acme/one", *ACTIVE) == (False, None, None)


def test_of_prices_the_slugs_own_win_then_the_first_pattern(known: Store) -> None:
    report = apply(
        known,
        "models: {prices: {'acme/*': {prompt: 1, completion: 1},"
        " '*': {prompt: 2, completion: 2}, acme/two: {prompt: 0.3, completion: null}}}",
    )

    assert report.prices == {
        "acme/one": (1, 1),
        "acme/two": (Decimal("0.3"), None),
        "zeta/one": (2, 2),
    }
    assert stored(known, "acme/two", *PRICES) == (Decimal("0.3"), None, "yaml")
    assert stored(known, "acme/two", "price_prompt", "price_completion") == (1, 2)
    assert apply(known, "").prices == dict.fromkeys(report.prices)


def test_patterns_retire_models_until_they_are_taken_out(known: Store) -> None:
    assert apply(known, "models: {retire: {models: ['acme/*']}}").retired == (
        "acme/one",
        "acme/two",
    )
    assert stored(known, "acme/one", *RETIRED) == (NOW, "yaml", "retire: acme/*")

    report = apply(known, "models: {retire: {models: [acme/two]}}")

    assert (report.retired, report.unretired) == ((), ("acme/one",))
    assert stored(known, "acme/one", *RETIRED) == (None, None, None)


def test_what_the_catalog_has_not_listed_for_long_is_retired_until_it_is_back(days: Days) -> None:
    listed = [row(f"acme/{number}") for number in range(9)]
    days.next(*listed)
    days.next(*listed[1:])
    text = "models: {retire: {removed_days: 30}}"

    assert apply(days.store, text).retired == ("acme/0",)
    assert stored(days.store, "acme/0", *RETIRED) == (
        NOW,
        "policy",
        "no longer in the catalog since 2026-01-02",
    )
    days.next(*listed)
    assert apply(days.store, text).unretired == ("acme/0",)


def test_the_same_file_again_changes_nothing(known: Store) -> None:
    apply(known, EVERYTHING)
    before = registry_rows(known)

    again = sync_overrides(known, parse_models_file(EVERYTHING, "f"))

    assert again == OverridesReport({}, 0, ())
    assert registry_rows(known) == before


def test_taking_everything_out_leaves_what_the_catalog_says(known: Store) -> None:
    flags = ("access", "access_set_by", "access_reason", *ACTIVE, *PRICES, *RETIRED)
    slugs = ("acme/one", "acme/two", "zeta/one")
    before = {slug: stored(known, slug, *flags) for slug in slugs}
    apply(known, EVERYTHING)
    assert all(stored(known, slug, *flags) != before[slug] for slug in slugs)

    apply(known, "")

    assert {slug: stored(known, slug, *flags) for slug in slugs} == before
    assert model(known, "uno").slug == "acme/one"


def test_a_sync_of_the_catalog_leaves_what_the_file_set(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"), row("zeta/one"))
    apply(days.store, EVERYTHING)
    flags = ("access", "access_set_by", *ACTIVE, *PRICES, *RETIRED)
    before = [stored(days.store, slug, *flags) for slug in ("acme/one", "acme/two", "me/tuned")]

    days.next(row("acme/one", prompt="0.000009"), row("acme/two"), row("zeta/one"))

    after = [stored(days.store, slug, *flags) for slug in ("acme/one", "acme/two", "me/tuned")]
    assert after == before
    assert stored(days.store, "acme/one", "price_prompt") == (9,)


def test_the_report_is_shown_as_json(known: Store) -> None:
    shown = apply(known, EVERYTHING).to_json()

    assert shown["access"]["zeta/one"] == "deny"
    assert shown["active"] == {"acme/one": True, "me/tuned": True}
    assert shown["prices"]["acme/one"] == {"prompt": "0.5", "completion": None}
    assert shown["prices"]["zeta/one"] == {"prompt": "7", "completion": "7"}
    assert (shown["added"], shown["retired"]) == (["me/tuned"], ["acme/two"])
    assert (shown["gateways"], shown["names_added"]) == (["local", "openrouter"], 3)


def test_slugs_of_the_file_that_nobody_knows_are_named(known: Store) -> None:
    price = "{prompt: 1, completion: 1}"

    assert apply(known, f"models: {{prices: {{acme/non: {price}, 'no*': {price}}}}}").unknown == (
        "acme/non",
    )


@pytest.mark.parametrize("part", ["allow: {}", "deny: {}", "active: {}", "retire: {{models: {}}}"])
def test_a_decision_about_a_model_nobody_knows_is_reported(known: Store, part: str) -> None:
    slugs = "[acme/one, acme/non, 'no*', 'Acme: One']"

    assert apply(known, f"models: {{{part.format(slugs)}}}").unknown == ("Acme: One", "acme/non")


def test_further_names_are_known_once_and_unknown_models_reported(known: Store) -> None:
    text = "models: {names: {acme/one: [uno, uno, eins], acme/nobody: [x]}}"

    assert (apply(known, text).names_added, apply(known, text).names_added) == (2, 0)
    assert apply(known, text).unknown == ("acme/nobody",)
    assert model(known, "uno").slug == "acme/one"
