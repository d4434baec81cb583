"""Single rows that can't be used, or hold what no row should: the rest of the catalog counts."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, CatalogSnapshot, ModelAlias, ModelPrice
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.registry.days import count
from arena_pipeline_tests.registry.syncing.upstream import KNOWN, TABLES, Upstream

NO_SLUGS = [
    "../../etc/passwd", "acme/../m0", "acme/m0\x00", "acme/<b>", "acme/\u202eone", "", "acme",
    "acme/" + "x" * 300, 7, None, ["acme/one"],
]  # fmt: skip


@pytest.fixture
def upstream(store: Store, httpserver: HTTPServer, tmp_path: Path) -> Upstream:
    """A store that knows four models, and the server it knows them from."""
    return Upstream(store, httpserver, tmp_path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("acme/m3", prompt="1e999"), "can't be a price"),
        (row("acme/m3", completion="free"), "'free' is no price"),
        (row("acme/m3", pricing=[1]), "pricing: "),
        (row("acme/m3", context_length="many"), "no number of tokens"),
        (row("acme/m3", created=10**18), "is no time"),
    ],
)
def test_a_bad_row_is_skipped_with_its_reason_and_its_model_stays_as_it_was(
    upstream: Upstream, bad: dict[str, Any], reason: str
) -> None:
    known = upstream.listed()
    upstream.serve(body(*KNOWN[:3], bad, row("acme/new")))

    report = upstream.sync()

    assert [(s.row, s.slug) for s in report.skipped] == [(3, "acme/m3")]
    assert reason in report.skipped[0].reason
    assert (report.diff.added, report.diff.removed) == (("acme/new",), ())
    assert upstream.listed().keys() == known.keys() | {"acme/new"}
    assert upstream.listed()["acme/m3"].price_prompt == known["acme/m3"].price_prompt
    assert count(upstream.store, ModelPrice) == len(KNOWN) + 1
    assert upstream.now(Agent) == [upstream.before[TABLES.index(Agent)]]


def test_what_is_no_slug_never_gets_into_the_store(upstream: Upstream) -> None:
    upstream.serve(body(*KNOWN, *(row("acme/bad", id=slug) for slug in NO_SLUGS)))

    report = upstream.sync()

    assert [s.row for s in report.skipped] == list(range(len(KNOWN), len(KNOWN) + len(NO_SLUGS)))
    assert all("is no slug" in s.reason and s.slug is None for s in report.skipped)
    assert upstream.listed().keys() == {r["id"] for r in KNOWN}
    assert upstream.now(ModelPrice) == [upstream.before[TABLES.index(ModelPrice)]]


def test_skipped_rows_are_written_down_with_the_snapshot(upstream: Upstream) -> None:
    upstream.serve(body(*KNOWN, "what?"))

    upstream.sync()

    with upstream.store.read() as connection:
        skipped = connection.scalars(
            select(CatalogSnapshot.skipped).order_by(CatalogSnapshot.id)
        ).all()
    assert [*skipped] == [[], [{"row": 4, "reason": "a model is an object, this is str"}]]


def test_of_rows_with_one_id_the_first_counts(upstream: Upstream) -> None:
    upstream.serve(body(*KNOWN, row("acme/m0", prompt="0.5", name="Impostor")))

    report = upstream.sync()

    assert [s.to_json() for s in report.skipped] == [
        {"row": 4, "reason": "acme/m0: listed before; the first row counts"}
    ]
    assert report.diff.is_empty
    assert upstream.now(ModelPrice) == [upstream.before[TABLES.index(ModelPrice)]]
    assert count(upstream.store, ModelAlias, ModelAlias.alias == "Impostor") == 0


def test_a_name_is_stored_as_text_without_anything_unseen_in_it(upstream: Upstream) -> None:
    names = {
        "acme/escape": ("Nice\x1b[2J\x00\x07Model", "Nice [2J  Model"),
        "acme/bidi": ("\u202eledoM", "ledoM"),
        "acme/markup": ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        "acme/half": ("lone \ud800 half", "lone \ufffd half"),
        "acme/long": ("x" * 10_000, "x" * 300),
    }
    rows = [row(slug, name=name, description=name) for slug, (name, _) in names.items()]
    upstream.serve(body(*KNOWN, *rows))

    assert upstream.sync().skipped == ()
    listed = upstream.listed()
    assert {s: listed[s].display_name for s in names} == {
        s: clean for s, (_, clean) in names.items()
    }


def test_strange_fields_are_stored_as_they_are_but_for_what_no_database_holds(
    upstream: Upstream,
) -> None:
    strange: dict[str, Any] = {"zero": "\x00", "half": "\ud800", "whole": 10**29, "$x\x00": [None]}
    prices = {"prompt": "0.1", "completion": "0.1", "overrides": "\x00"}
    upstream.serve(body(*KNOWN, row("acme/new", pricing=prices) | strange))

    assert upstream.sync().diff.added == ("acme/new",)
    details = upstream.listed()["acme/new"].details
    assert {key: details[key] for key in ("zero", "half", "whole", "$x\ufffd", "pricing")} == {
        "zero": "\ufffd",
        "half": "\ufffd",
        "whole": 10**29,
        "$x\ufffd": [None],
        "pricing": {"overrides": "\ufffd"},
    }


def test_a_catalog_fetched_in_another_hour_is_no_repricing_and_no_new_snapshot(
    upstream: Upstream,
) -> None:
    hours = [
        {"utc_start": 600, "utc_end": 1000, "prompt": "0.000002", "completion": "0.000002"},
        {"utc_start": 1000, "utc_end": 600, "prompt": "0.000001", "completion": "0.000001"},
    ]
    reports = []
    for now in [*hours, *hours]:
        shown = {key: now[key] for key in ("prompt", "completion")}
        priced = row("acme/hourly", pricing=shown | {"overrides": hours})
        upstream.serve(body(*KNOWN, priced))
        reports.append(upstream.sync())

    assert [report.changed for report in reports] == [True, False, False, False]
    assert count(upstream.store, CatalogSnapshot) == 2
    assert count(upstream.store, ModelPrice) == len(KNOWN) + 1
