import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.diff import Change, PricePair, diff
from arena_pipeline.catalog.snapshot import Catalog, parse
from arena_pipeline_tests.catalog.rows import MAY, body, row

SLUGS = [f"acme/m{number}" for number in range(8)]


def catalog(*rows: object) -> Catalog:
    return parse(body(*rows))


def test_arrivals_departures_and_returns_are_told_apart() -> None:
    found = diff(
        catalog(row("acme/stays"), row("acme/goes")),
        catalog(row("acme/stays"), row("acme/new"), row("acme/back")),
        known={"acme/back", "acme/stays", "acme/goes"},
    )

    assert (found.added, found.removed, found.returned) == (
        ("acme/new",),
        ("acme/goes",),
        ("acme/back",),
    )


def test_a_price_differs_as_a_number_not_as_text() -> None:
    before = catalog(row("acme/one", prompt="0.0000010"), row("acme/two", prompt="0.000001"))
    after = catalog(row("acme/one", prompt="0.000001"), row("acme/two", prompt="0.000003"))

    assert diff(before, after).repriced == (
        Change(
            "acme/two",
            {"prompt": "1", "completion": "2"},
            {"prompt": "3", "completion": "2"},
        ),
    )


def test_unknown_is_another_price_than_free() -> None:
    before, after = catalog(row("acme/one", prompt="-1")), catalog(row("acme/one", prompt="0"))

    (change,) = diff(before, after).repriced

    assert (change.before["prompt"], change.after["prompt"]) == (None, "0")


@pytest.mark.parametrize(
    ("recent", "is_flip"),
    [
        ({"acme/one": {(Decimal("3.0"), Decimal(2))}}, True),
        ({"acme/one": {(Decimal(3), Decimal(9)), (None, Decimal(2))}}, False),
        ({"acme/two": {(Decimal(3), Decimal(2))}}, False),
        ({}, False),
    ],
)
def test_a_price_the_model_had_a_short_while_ago_is_a_flip(
    recent: dict[str, set[PricePair]], is_flip: bool
) -> None:
    before = catalog(row("acme/one"), row("acme/two"))
    after = catalog(row("acme/one", prompt="0.000003"), row("acme/two"))

    found = diff(before, after, recent=recent)

    assert [change.slug for change in found.repriced] == ["acme/one"]
    assert found.flipped == (found.repriced if is_flip else ())


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("repointed", {"created": MAY + 86_400}),
        ("renamed", {"name": "Another"}),
        ("limits_changed", {"context_length": 1}),
        ("limits_changed", {"top_provider": {"max_completion_tokens": 1}}),
        ("expiring", {"expiration_date": "2027-01-01"}),
    ],
)
def test_each_kind_of_change_is_seen_alone(kind: str, fields: dict[str, Any]) -> None:
    found = diff(catalog(row("acme/one")), catalog(row("acme/one", **fields)))

    assert [(str(change[0]), change[1]) for change in found.changes()] == [(kind, "acme/one")]


def test_a_first_date_of_creation_points_nowhere_else() -> None:
    undated = {key: value for key, value in row("acme/one").items() if key != "created"}

    assert diff(catalog(undated), catalog(row("acme/one"))).is_empty


def test_a_model_whose_row_cant_be_read_is_not_gone() -> None:
    found = diff(catalog(row("acme/one")), catalog(row("acme/one", prompt="free")))

    assert found.is_empty


catalogs = st.lists(
    st.builds(
        row,
        st.sampled_from(SLUGS),
        prompt=st.sampled_from(["0", "-1", "0.000001", "0.0000010"]),
        name=st.sampled_from(["A", "B"]),
        context_length=st.sampled_from([1, 2]),
    ),
    unique_by=lambda r: r["id"],
)


@given(catalogs)
def test_a_catalog_does_not_differ_from_itself(rows: list[Any]) -> None:
    assert diff(catalog(*rows), catalog(*rows)).is_empty


@given(catalogs, catalogs, st.randoms(use_true_random=False))
def test_order_never_matters(before: list[Any], after: list[Any], chance: random.Random) -> None:
    found = diff(catalog(*before), catalog(*after))
    chance.shuffle(before)
    chance.shuffle(after)

    assert diff(catalog(*before), catalog(*after)) == found


@given(catalogs, catalogs)
def test_the_way_back_undoes_the_way_there(before: list[Any], after: list[Any]) -> None:
    there, back = diff(catalog(*before), catalog(*after)), diff(catalog(*after), catalog(*before))

    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(c.slug, c.before, c.after) for c in there.repriced] == [
        (c.slug, c.after, c.before) for c in back.repriced
    ]
