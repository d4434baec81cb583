import pytest
from sqlalchemy import update

from arena_pipeline.registry.models import model
from arena_pipeline.registry.models_file import parse_models_file
from arena_pipeline.registry.overrides import OverridesReport, sync_overrides
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Access, Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.syncing import Days


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows three models."""
    days.next(row("acme/one"), row("acme/two"), row("zeta/one"))
    return days.store


def apply(store: Store, text: str) -> OverridesReport:
    return sync_overrides(store, parse_models_file(text, "models.yaml"))


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
    with known.write() as connection:
        connection.execute(update(Model).values(access="allow", access_set_by="person"))

    assert apply(known, "models: {deny: ['*']}").access == {}
    assert model(known, "acme/one").access == "allow"


def test_further_names_are_known_once_and_unknown_models_reported(known: Store) -> None:
    text = "models: {names: {acme/one: [uno, uno, eins], acme/nobody: [x]}}"

    assert (apply(known, text).names_added, apply(known, text).names_added) == (2, 0)
    assert apply(known, text).unknown == ("acme/nobody",)
    assert model(known, "uno").slug == "acme/one"
