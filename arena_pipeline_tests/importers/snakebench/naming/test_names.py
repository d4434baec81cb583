"""Which model a published name means, rule by rule; nothing is guessed."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.row import is_slug
from arena_pipeline.importers.snakebench.naming.names import (
    Known,
    ListedModel,
    Resolution,
    Rule,
    digest_of,
    is_placeholder,
    resolve,
    slug_of,
)

KNOWN = Known(
    slugs=(
        "acme/one",
        "acme/two",
        "beta/two",
        "beta/three:free",
        "acme/four",
        "acme/four:free",
        "acme/dated-2025",
        "snakebench/Lost",
        "snakebench/x/two-of-them",
    ),
    client_names={"one-at-acme": ("acme/one",), "both": ("acme/two", "beta/two")},
    said={
        "given": ("acme/one",),
        "acme/two": ("beta/two",),
        "torn": ("acme/one", "acme/two"),
        "lost": ("snakebench/Lost",),
    },
    display_names={
        "Acme: One": ("acme/one",),
        "Twins": ("acme/two", "beta/two"),
        "one": ("beta/two",),
    },
)
LOW, HIGH = {"reasoning_effort": "low"}, {"reasoning_effort": "high"}
LISTED = (
    ListedModel("mini-low", "mini-2025", "gamma/mini-2025", LOW),
    ListedModel("mini-high", "mini-2025", "gamma/mini-2025", HIGH),
    ListedModel("Llama-70b", "meta/Llama-70b", "meta/Llama-70b", {"max_tokens": 9}),
    ListedModel("listed-one", "one-at-acme", "gamma/one-at-acme"),
    ListedModel("listed-dated", "dated-2025", "gamma/dated-2025"),
    ListedModel("listed-both", "both", "gamma/both"),
)


def found(name: str, known: Known = KNOWN) -> Resolution:
    return resolve([name], LISTED, known)[name]


@pytest.mark.parametrize(
    ("name", "rule", "slug"),
    [
        ("acme/one", Rule.EXACT, "acme/one"),
        ("given", Rule.EXACT, "acme/one"),
        ("lost", Rule.EXACT, "snakebench/Lost"),
        ("acme/two", Rule.EXACT, "beta/two"),
        ("meta/Llama-70b", Rule.EXACT, "meta/Llama-70b"),
        ("mini-low", Rule.YAML, "gamma/mini-2025"),
        ("mini-high", Rule.YAML, "gamma/mini-2025"),
        ("listed-one", Rule.YAML, "acme/one"),
        ("listed-dated", Rule.YAML, "acme/dated-2025"),
        ("listed-both", Rule.YAML, "gamma/both"),
        ("one", Rule.SLUG_SUFFIX, "acme/one"),
        ("mini-2025", Rule.SLUG_SUFFIX, "gamma/mini-2025"),
        ("three", Rule.SLUG_SUFFIX, "beta/three:free"),
        ("three:free", Rule.SLUG_SUFFIX, "beta/three:free"),
        ("four", Rule.SLUG_SUFFIX, "acme/four"),
        ("acme/four:free", Rule.EXACT, "acme/four:free"),
        ("acme/one:free", Rule.SLUG_SUFFIX, "acme/one"),
        ("Acme: One", Rule.DISPLAY_NAME, "acme/one"),
        ("acme: one", Rule.UNRESOLVED, "snakebench/acme-one"),
        ("Acme: One ", Rule.UNRESOLVED, "snakebench/Acme-One"),
        ("ACME/one", Rule.UNRESOLVED, "snakebench/ACME/one"),
        ("Llama-70B", Rule.UNRESOLVED, "snakebench/Llama-70B"),
        ("Lost", Rule.UNRESOLVED, f"snakebench/Lost-{digest_of('Lost')}"),
        ("two-of-them", Rule.UNRESOLVED, "snakebench/two-of-them"),
        ("snakebench/Lost", Rule.UNRESOLVED, "snakebench/snakebench/Lost"),
    ],
)
def test_a_name_is_resolved_by_the_first_rule_that_knows_one_model(
    name: str, rule: Rule, slug: str
) -> None:
    resolution = found(name)

    assert (resolution.rule, resolution.model.slug) == (rule, slug)


def test_a_rule_that_knows_several_models_knows_none_and_is_reported() -> None:
    torn, two, twins = (found(name) for name in ("torn", "two", "Twins"))

    assert (torn.rule, torn.doubts) == (Rule.UNRESOLVED, ((Rule.EXACT, ("acme/one", "acme/two")),))
    assert two.rule is Rule.UNRESOLVED
    assert two.doubts[0] == (Rule.SLUG_SUFFIX, ("acme/two", "beta/two"))
    assert twins.doubts == ((Rule.DISPLAY_NAME, ("acme/two", "beta/two")),)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mini-low", LOW),
        ("mini-high", HIGH),
        ("mini-2025", {}),
        ("meta/Llama-70b", {"max_tokens": 9}),
        ("acme/one", {}),
    ],
)
def test_variants_of_a_model_are_told_apart_by_how_they_were_called(
    name: str, settings: Mapping[str, object]
) -> None:
    assert found(name).settings == settings


def test_what_a_name_was_called_with_holds_whoever_says_whose_it_is() -> None:
    known = Known(slugs=("gamma/mini-2025",), said={"mini-low": ("gamma/mini-2025",)})

    assert (found("mini-low", known).rule, found("mini-low", known).settings) == (Rule.EXACT, LOW)


def test_a_model_of_the_list_is_made_under_what_it_was_called() -> None:
    made = found("mini-low").model

    assert (made.slug, made.display_name, made.client_name) == (
        "gamma/mini-2025",
        "mini-2025",
        "mini-2025",
    )


@pytest.mark.parametrize(
    "name", ["Z.AI: GLM 4 ", "a  b", " ", "", "\u7a7a", "..", "a/../b", "x" * 999]
)
def test_a_model_of_its_own_has_the_name_as_published_and_a_slug(name: str) -> None:
    made = found(name).model

    assert made.display_name == (name if name.strip() else "(no name)")
    assert is_slug(made.slug)


NAMES = st.one_of(
    st.text(max_size=20),
    st.lists(st.sampled_from(["a", "A", " ", "-", "/", ":", ".", "b", ":free"]), max_size=6).map(
        "".join
    ),
    st.sampled_from(["one", "acme/one", "mini-low", "Twins", "Lost"]),
)


@given(st.lists(NAMES, max_size=12), st.randoms())
def test_the_order_of_names_makes_no_difference(names: list[str], chance: object) -> None:
    shuffled = list(names)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert resolve(shuffled, LISTED, KNOWN) == resolve(names, LISTED, KNOWN)


@given(st.lists(NAMES, max_size=12))
def test_unresolved_names_never_share_a_model(names: list[str]) -> None:
    own = [
        one.model.slug for one in resolve(names, LISTED, KNOWN).values() if one.rule == "unresolved"
    ]

    assert len(own) == len(set(own))
    assert all(is_slug(slug) for slug in own)
    assert not set(own) & set(KNOWN.slugs)


@given(NAMES)
def test_a_name_that_can_be_a_slug_is_one(name: str) -> None:
    assert is_slug(slug_of(name))


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("name", True),
        ("LLMPlayer", True),
        ("gpt-4o", True),
        ("Auto Router", True),
        ("", True),
        (" \t", True),
        ("Name", False),
        ("gpt-4o-2024-08-06", False),
        ("OpenAI: GPT-4o", False),
    ],
)
def test_placeholders_are_told_by_the_very_name(name: str, is_so: bool) -> None:
    assert is_placeholder(name) is is_so
