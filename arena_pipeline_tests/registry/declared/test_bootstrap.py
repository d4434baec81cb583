from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert

from arena_pipeline.registry.declared.models_file import parse_models_file, read_models_file
from arena_pipeline.registry.declared.overrides import OverridesReport, sync_overrides
from arena_pipeline.registry.models import model
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days, count
from arena_pipeline_tests.registry.stored import history, registry_rows, stored

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOCAL = "gateways: [{name: local, base_url: 'http://localhost:8000/v1'}]\n"
OVERRIDE = ("override_prompt", "override_completion", "override_set_by")
CALLED = ("gateway", "client_name")


def apply(store: Store, text: str, now: datetime = NOON) -> OverridesReport:
    return sync_overrides(store, parse_models_file(text, "models.yaml"), now=now)


def tuned(**more: str) -> str:
    given = {"slug": "me/tuned", "gateway": "local", **more}
    pairs = ", ".join(f"{key}: {value}" for key, value in given.items())
    return f"{LOCAL}models: {{bootstrap: [{{{pairs}}}]}}"


def test_a_model_no_catalog_lists_comes_in_inactive(store: Store) -> None:
    report = apply(store, tuned(name="Tuned", client_name="tuned-7b", context_length="32768"))

    assert report.added == ("me/tuned",)
    names = ("source", "vendor", "display_name", "is_active", "context_length", *CALLED)
    assert stored(store, "me/tuned", *names) == (
        "yaml", "me", "Tuned", False, 32768, "local", "tuned-7b"
    )  # fmt: skip


def test_a_model_is_called_by_its_slug_at_the_built_in_gateway_unless_said_otherwise(
    store: Store,
) -> None:
    apply(store, "models: {bootstrap: [{slug: me/stealth}]}")

    names = ("display_name", "price_prompt", *CALLED)
    assert stored(store, "me/stealth", *names) == ("stealth", None, "openrouter", "me/stealth")
    assert history(store, "me/stealth") == []


def test_changed_facts_are_taken_over_and_the_same_again_changes_nothing(store: Store) -> None:
    apply(store, tuned(name="Tuned"))
    assert apply(store, tuned(name="Tuned two")).changed == ("me/tuned",)
    before = registry_rows(store)

    report = apply(store, tuned(name="Tuned two"), now=NOON + HOUR)

    assert (report.added, report.changed, report.gateways) == ((), (), ())
    assert registry_rows(store) == before


def test_prices_and_each_change_of_them_are_on_record(store: Store) -> None:
    apply(store, tuned(prices="{prompt: 0.1, completion: 2}"))
    apply(store, tuned(prices="{prompt: 0.1, completion: 2}"), now=NOON + HOUR)
    apply(store, tuned(prices="{prompt: 0.2, completion: 2}"), now=NOON + 2 * HOUR)
    apply(store, tuned(), now=NOON + 3 * HOUR)

    assert history(store, "me/tuned") == [
        (NOON, Decimal("0.1"), Decimal(2), None),
        (NOON + 2 * HOUR, Decimal("0.2"), Decimal(2), None),
        (NOON + 3 * HOUR, None, None, None),
    ]


@pytest.mark.parametrize(
    ("since", "valid_from"),
    [("2025-04-30", datetime(2025, 4, 30, tzinfo=UTC)), ("2030-01-01", NOON)],
)
def test_a_price_holds_since_its_day_but_never_from_the_future_on(
    store: Store, since: str, valid_from: datetime
) -> None:
    apply(store, tuned(prices=f"{{prompt: 1, completion: 2, since: {since}}}"))

    assert history(store, "me/tuned") == [(valid_from, Decimal(1), Decimal(2), None)]


def test_a_new_price_of_the_same_day_mends_it_and_one_of_an_older_day_holds_from_now_on(
    store: Store,
) -> None:
    apply(store, tuned(prices="{prompt: 1, completion: 2, since: 2025-04-30}"))
    apply(store, tuned(prices="{prompt: 3, completion: 2, since: 2025-04-30}"), now=NOON + HOUR)
    apply(store, tuned(prices="{prompt: 4, completion: 2, since: 2025-01-01}"), now=NOON + HOUR)

    assert [(at, prompt) for at, prompt, _, _ in history(store, "me/tuned")] == [
        (datetime(2025, 4, 30, tzinfo=UTC), Decimal(3)),
        (NOON + HOUR, Decimal(4)),
    ]


def test_what_the_catalog_lists_stays_the_catalogs_and_gets_its_price_overridden(
    days: Days,
) -> None:
    days.next(row("acme/one", name="Acme: One"))
    before = stored(days.store, "acme/one", "display_name", "price_prompt", "gateway", "source")

    text = "models: {bootstrap: [{slug: acme/one, name: X, prices: {prompt: 9, completion: 8}}]}"
    report = apply(days.store, text)

    assert report.prices == {"acme/one": (Decimal(9), Decimal(8))}
    now = stored(days.store, "acme/one", "display_name", "price_prompt", "gateway", "source")
    assert now == before
    assert stored(days.store, "acme/one", *OVERRIDE) == (9, 8, "yaml")
    assert apply(days.store, "").prices == {"acme/one": None}
    assert stored(days.store, "acme/one", *OVERRIDE) == (None, None, None)


def test_an_entry_stands_for_the_model_that_is_known_by_its_slug_as_another_name(
    days: Days,
) -> None:
    days.next(row("acme/one", canonical_slug="acme/one-20250131"))

    own = "acme/one-20250131"
    text = f"models: {{bootstrap: [{{slug: {own}}}], deny: [{own}], names: {{{own}: [uno]}}}}"
    report = apply(days.store, text)

    assert (report.added, report.unknown) == ((), ())
    assert model(days.store, "uno").slug == "acme/one"
    assert stored(days.store, "acme/one", "access", "access_reason") == ("deny", "deny: acme/one")


def test_of_entries_that_stand_for_one_model_the_first_decides(store: Store) -> None:
    def entry(slug: str, price: int) -> str:
        return f"{{slug: {slug}, prices: {{prompt: {price}, completion: {price}}}}}"

    names = "names: {me/tuned: [old/tuned]}"
    apply(store, f"models: {{bootstrap: [{entry('me/tuned', 1)}], {names}}}")
    before = registry_rows(store)

    both = f"{entry('me/tuned', 1)}, {entry('old/tuned', 2)}"
    report = apply(store, f"models: {{bootstrap: [{both}], {names}}}", NOON + HOUR)

    assert (report.changed, report.prices) == ((), {})
    assert registry_rows(store) == before


def test_entries_that_stand_for_one_model_each_give_it_their_names(days: Days) -> None:
    days.next(row("acme/one", canonical_slug="acme/one-20250131"))
    entry = "{{name: {}, model_name: {}, provider: acme}}"
    entries = (entry.format("low", "one-20250131"), entry.format("plain", "one"))

    assert apply(days.store, f"models: [{', '.join(entries)}]").names_added == 4

    for name in ("low", "one-20250131", "plain", "one"):
        assert model(days.store, name).slug == "acme/one"


def test_a_name_of_several_models_is_none_to_stand_for(days: Days) -> None:
    days.next(*(row(f"acme/one{v}", canonical_slug="acme/base") for v in ("", ":free")))

    assert apply(days.store, "models: {bootstrap: [{slug: acme/base}]}").added == ("acme/base",)
    assert model(days.store, "acme/base").slug == "acme/base"


def test_a_model_of_the_file_that_the_catalog_comes_to_list_has_the_catalogs_facts(
    days: Days,
) -> None:
    text = tuned(name="Mine", prices="{prompt: 1, completion: 2}")
    apply(days.store, text)
    days.next(row("me/tuned", name="Me: Tuned", prompt="0.000005"))

    apply(days.store, text)

    names = ("display_name", "price_prompt", *CALLED, *OVERRIDE)
    listed = ("Me: Tuned", 5, "openrouter", "me/tuned", None, None, None)
    assert stored(days.store, "me/tuned", *names) == listed
    apply(days.store, tuned(gateway="openrouter", prices="{prompt: 1, completion: 2}"))
    assert stored(days.store, "me/tuned", *names) == (*listed[:4], 1, 2, "yaml")
    apply(days.store, "")
    assert stored(days.store, "me/tuned", *names) == (
        "Me: Tuned", 5, "openrouter", "me/tuned", None, None, None
    )  # fmt: skip


def test_a_model_that_the_catalog_drops_is_called_where_the_file_says_again(days: Days) -> None:
    other = row("acme/other")
    apply(days.store, tuned(name="Mine"))
    days.next(other, row("me/tuned", name="Me: Tuned"))
    apply(days.store, tuned(name="Mine"))
    days.next(other, accept_drop=True)
    assert stored(days.store, "me/tuned", "gateway") == ("openrouter",)

    apply(days.store, tuned(name="Mine"))

    found = stored(days.store, "me/tuned", "display_name", "gateway", "removed_at")
    assert found == ("Mine", "local", None)
    assert days.next(other, row("acme/new")).diff.removed == ()


def test_prices_of_another_gateway_are_none_of_a_listed_models(days: Days) -> None:
    days.next(row("me/tuned", prompt="0.000005"))

    apply(days.store, tuned(prices="{prompt: 1, completion: 2}"))

    found = stored(days.store, "me/tuned", "gateway", "price_prompt", *OVERRIDE)
    assert found == ("openrouter", 5, None, None, None)


def test_a_model_taken_out_can_be_called_no_more_and_comes_back_as_itself(store: Store) -> None:
    apply(store, tuned())
    before = stored(store, "me/tuned", *(column.name for column in Model.__table__.columns))

    assert apply(store, "").changed == ("me/tuned",)
    assert stored(store, "me/tuned", "gateway") == (None,)
    assert apply(store, tuned()).changed == ("me/tuned",)
    assert stored(store, "me/tuned", *(c.name for c in Model.__table__.columns)) == before


def test_an_imported_model_becomes_callable_and_keeps_its_name(store: Store) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Model).values(
                slug="me/tuned", source="import", display_name="Old", vendor="me",
                discovered_at=NOON,
            )
        )  # fmt: skip

    apply(store, tuned(name="New", prices="{prompt: 1, completion: 2}"))

    names = ("display_name", "source", *CALLED, "price_prompt", *OVERRIDE)
    assert stored(store, "me/tuned", *names) == (
        "Old", "import", "local", "me/tuned", None, 1, 2, "yaml"
    )  # fmt: skip


@pytest.mark.shared
def test_the_published_older_list_comes_in_once(store: Store, shared_data: Path) -> None:
    declared = read_models_file(shared_data / "snakebench" / "model_list.yaml")

    report = sync_overrides(store, declared, now=NOON)
    before = registry_rows(store)
    again = sync_overrides(store, declared, now=NOON + HOUR)

    assert (len(report.added), count(store, Model)) == (59, 59)
    assert (again.added, again.changed, again.names_added) == ((), (), 0)
    assert registry_rows(store) == before
    assert model(store, "o3-mini-2025-01-31-high").slug == "openai/o3-mini-2025-01-31"
    assert history(store, "openai/o3-2025-04-16") == [
        (datetime(2025, 4, 30, tzinfo=UTC), Decimal(2), Decimal(8), None)
    ]
