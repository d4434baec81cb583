"""Names that no rule told the model of, with the models they may mean."""

import pytest
import yaml

from arena_pipeline.registry.history import UnresolvedName, unresolved_names
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.imported import bear


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows four models of a catalog."""
    days.next(
        row("acme/free"),
        row("acme/cheap"),
        row("acme/cheap:batch"),
        row("zeta/router", name="Zeta: The Router"),
    )
    return days.store


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Cheap", "acme/cheap"),
        ("other/cheap_batch", "acme/cheap:batch"),
        ("CHEAP:free", "acme/cheap"),
        ("Other: The Router", "zeta/router"),
        ("cheap", "acme/cheap"),
        ("qqqq", None),
        ("\u2603", None),
    ],
)
def test_the_nearest_models_are_suggested_for_an_unresolved_name(
    known: Store, name: str, nearest: str | None
) -> None:
    bear(known, "snakebench/it", name)
    bear(known, "snakebench/cheap1", "cheap1")

    found = {one.name: one for one in unresolved_names(known)}[name]

    assert (found.model, found.matches) == ("snakebench/it", 0)
    assert found.suggestions[:1] == ((nearest,) if nearest else ())
    assert "snakebench/cheap1" not in found.suggestions


def test_models_of_an_import_that_a_rule_found_are_suggested_too(known: Store) -> None:
    bear(known, "beta/Llama-70b", "Llama-70b", rule="slug_suffix")
    bear(known, "snakebench/Llama-70B", "Llama-70B")

    (found,) = unresolved_names(known)

    assert (found.name, found.suggestions) == ("Llama-70B", ("beta/Llama-70b",))


def test_a_store_without_imports_has_no_unresolved_names(known: Store) -> None:
    assert unresolved_names(known) == ()


@pytest.mark.parametrize("name", ["Plain", 'A: "quoted" ', "[odd]: {x}\t# no\\comment", "\u7a7a"])
def test_the_line_that_joins_a_name_is_yaml(name: str) -> None:
    one = UnresolvedName(name, "snakebench/x", 1, ())

    assert yaml.safe_load(one.line("acme/one")) == {"acme/one": [name]}
