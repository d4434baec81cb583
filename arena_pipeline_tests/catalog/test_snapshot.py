import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.diff import diff
from arena_pipeline.catalog.errors import CatalogUnreadable
from arena_pipeline.catalog.snapshot import Catalog, parse
from arena_pipeline_tests.catalog.rows import body, row


def test_a_bad_row_is_reported_and_the_others_are_read() -> None:
    catalog = parse(body(row("acme/one"), row("acme/two", prompt="free"), 3, row("acme/three")))

    assert sorted(catalog.models) == ["acme/one", "acme/three"]
    assert [skipped.row for skipped in catalog.skipped] == [1, 2]
    assert catalog.skipped[0].to_json()["reason"] == "acme/two: pricing.prompt: 'free' is no price"
    assert catalog.unread == {"acme/two"}


def test_of_two_rows_with_one_id_the_first_counts_and_the_second_is_reported() -> None:
    catalog = parse(body(row("acme/one", name="First"), row("acme/one", name="Second")))

    assert catalog.models["acme/one"].name == "First"
    assert [(s.row, s.slug) for s in catalog.skipped] == [(1, "acme/one")]
    assert catalog.unread == set()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "not JSON"),
        (b"<!DOCTYPE html><title>502</title>", "begins with '<!DOCTYPE html>"),
        (body(row("acme/one"))[:-9], "not JSON"),
        (b"[]", "not list"),
        (b"null", "not NoneType"),
        (b'{"error": {"message": "no key"}}', "no key"),
        (b'{"data": {}}', "no list 'data'"),
        (b'{"data": [NaN]}', "NaN is no JSON number"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_catalog_says_what_it_is_instead(answer: bytes, reason: str) -> None:
    with pytest.raises(CatalogUnreadable, match=reason):
        parse(answer)


def test_an_empty_catalog_is_read_as_empty() -> None:
    assert parse(b'{"data": []}').models == {}


def test_numbers_no_database_can_hold_stay_text() -> None:
    catalog = parse(b'{"data": [{"id": "acme/one", "x": 1e999, "y": 1' + b"0" * 5000 + b"}]}")

    assert catalog.models["acme/one"].details["x"] == "1e999"


def test_a_row_nested_without_end_is_skipped() -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]

    catalog = parse(
        body(row("acme/deep", deep=deep), row("acme/one"), row("acme/b", benchmarks=deep))
    )

    assert catalog.models.keys() == {"acme/one"}
    assert {skipped.reason for skipped in catalog.skipped} == {"nested deeper than 32 levels"}


@given(seed=st.integers())
def test_order_descriptions_and_benchmarks_make_no_other_content(seed: int) -> None:
    rows = [row(f"acme/m{number}") for number in range(6)]
    digest = parse(body(*rows)).digest
    chance = random.Random(seed)

    shuffled = [
        dict(chance.sample(list(r.items()), len(r))) for r in chance.sample(rows, len(rows))
    ]
    for changed in shuffled:
        changed["description"] = str(chance.random())
        changed["benchmarks"] = {"elo": chance.random()}
        chance.shuffle(words := list(changed["supported_parameters"]))
        changed["supported_parameters"] = words

    assert parse(body(*shuffled)).digest == digest


@pytest.mark.parametrize(
    "change",
    [{"name": "Else"}, {"context_length": 1}, {"new_field": 0}, {"pricing": {"prompt": "0.1"}}],
)
def test_any_other_change_makes_other_content(change: dict[str, Any]) -> None:
    assert parse(body(row("acme/one", **change))).digest != parse(body(row("acme/one"))).digest


def test_a_catalog_fetched_in_another_hour_has_the_same_content_and_the_same_models() -> None:
    hours = [
        {"utc_start": 600, "utc_end": 1000, "prompt": "0.000002", "completion": "0.000002"},
        {"utc_start": 1000, "utc_end": 600, "prompt": "0.000001", "completion": "0.000001"},
    ]

    def fetched(now: dict[str, Any]) -> Catalog:
        shown = {key: now[key] for key in ("prompt", "completion")}
        return parse(body(row("acme/one", pricing=shown | {"overrides": hours})))

    first, second = map(fetched, hours)

    assert first == second
    assert diff(first, second).is_empty


def test_another_price_in_any_window_makes_other_content() -> None:
    def with_evening(price: str) -> Catalog:
        hours = [
            {"utc_start": 0, "utc_end": 2000, "prompt": "0.000001"},
            {"utc_start": 2000, "utc_end": 0, "prompt": price},
        ]
        return parse(body(row("acme/one", pricing={"prompt": "0.000001", "overrides": hours})))

    assert with_evening("0.000002").digest != with_evening("0.000003").digest
