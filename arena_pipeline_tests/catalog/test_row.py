from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from arena_pipeline.catalog.row import is_slug, read_row, slug_of
from arena_pipeline_tests.catalog.rows import row


def test_a_row_becomes_a_model() -> None:
    model = read_row(row("acme/one", prompt="0.0000003", completion="0"))

    assert (model.slug, model.name, model.vendor) == ("acme/one", "One", "acme")
    assert (model.price_prompt, model.price_completion) == (Decimal("0.3"), Decimal(0))
    assert model.created == datetime(2025, 5, 1, tzinfo=UTC)
    assert (model.context_length, model.max_completion_tokens) == (128_000, 8192)
    assert model.canonical_slug == "acme/one-20250501"


def test_the_form_of_2023_is_read() -> None:
    model = read_row(
        {
            "id": "acme/old",
            "name": "Acme: Old",
            "pricing": {"prompt": "0.0000007", "completion": "0.0000028"},
            "context_length": 32_000,
            "architecture": {"tokenizer": "Llama2", "instruct_type": "vicuna"},
            "top_provider": {"max_completion_tokens": None},
            "per_request_limits": {"prompt_tokens": "60468063", "completion_tokens": "15117015"},
        }
    )

    assert (model.created, model.canonical_slug, model.max_completion_tokens) == (None, None, None)


def test_unknown_fields_and_further_prices_are_kept() -> None:
    overrides = [{"min_prompt_tokens": 200_000, "prompt": "0.000002", "completion": "0.000004"}]
    prices = {"prompt": "0.000001", "completion": "0.000002", "overrides": overrides}

    model = read_row(row("acme/one", pricing=prices, favourite_colour={"day": "blue"}))

    assert model.details["favourite_colour"] == {"day": "blue"}
    assert model.other_prices == {"overrides": overrides}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"context_length": 25804.8}, {"context_length": 25804}),
        ({"top_provider": {"max_completion_tokens": 0}}, {"max_completion_tokens": None}),
        ({"top_provider": None}, {"max_completion_tokens": None}),
        ({"top_provider": []}, {"max_completion_tokens": None}),
        ({"default_parameters": []}, {"slug": "acme/one"}),
        ({"top_provider": {"max_completion_tokens": 4096.0}}, {"max_completion_tokens": 4096}),
        ({"context_length": None}, {"context_length": None}),
        ({"pricing": {}}, {"price_prompt": None, "price_completion": None}),
        ({"pricing": []}, {"price_prompt": None, "price_completion": None}),
        ({"pricing": {"prompt": "0"}}, {"price_prompt": 0, "price_completion": None}),
        ({"pricing": {"prompt": "-1", "completion": "-1"}}, {"price_prompt": None}),
        ({"name": "  Acme: One "}, {"name": "Acme: One"}),
        ({"name": None}, {"name": "acme/one"}),
        ({"name": "One\x1b[31m\x00\u202eTwo"}, {"name": "One [31m  Two"}),
        ({"name": "lone \ud800"}, {"name": "lone \ufffd"}),
        ({"expiration_date": "2026-02-01"}, {"expires": date(2026, 2, 1)}),
        ({"expiration_date": "soon"}, {"expires": None}),
        ({"expiration_date": None}, {"expires": None}),
        ({"hugging_face_id": ""}, {"slug": "acme/one"}),
        ({"hugging_face_id": None}, {"slug": "acme/one"}),
        ({"supported_parameters": []}, {"slug": "acme/one"}),
        ({"canonical_slug": None}, {"canonical_slug": None}),
        ({"canonical_slug": "a" * 201}, {"canonical_slug": None}),
        ({"canonical_slug": "../up"}, {"canonical_slug": None}),
        ({"canonical_slug": "acme/\x1b[31mone"}, {"canonical_slug": None}),
        ({"name": "<script>alert(1)</script>"}, {"name": "<script>alert(1)</script>"}),
        ({"name": "x" * 400}, {"name": "x" * 300}),
    ],
)
def test_known_irregularities_are_put_right(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    model = read_row(row("acme/one", **fields))

    assert {name: getattr(model, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("a string", "a model is an object"),
        (row("acme/one", id=7), "id: 7 is no slug"),
        (row("acme/../../etc/passwd"), "is no slug"),
        (row("acme/<script>"), "is no slug"),
        (row("acme/one\x1b[31m"), "is no slug"),
        (row("acme/\u202eeno"), "is no slug"),
        (row("acme/one\n"), "is no slug"),
        (row("/acme/one"), "is no slug"),
        (row("acme/" + "x" * 200), "is no slug"),
        (row("acme"), "is no slug"),
        (row("acme/one", prompt="free"), "pricing.prompt: 'free' is no price"),
        (
            row("acme/one", completion="1e999"),
            "pricing.completion: '1e999' USD per token can't be a price",
        ),
        (row("acme/one", prompt="NaN"), "pricing.prompt: 'NaN' is no price"),
        (row("acme/one", pricing="cheap"), "pricing: "),
        (row("acme/one", top_provider="us"), "top_provider: "),
        (row("acme/one", context_length=-1), "context_length: -1 is no number of tokens"),
        (row("acme/one", context_length=2**40), "is no number of tokens"),
        (row("acme/one", created=10**20), "created: .* is no time"),
        (row("acme/one", created="yesterday"), "created: .* is no time"),
        (row("acme/one", created=-62_135_596_800), "created: .* is no time"),
        (row("acme/one", created=253_402_300_799), "created: .* is no time"),
        (row("acme/one", name=["One"]), "name: .* is no name"),
    ],
)
def test_a_row_that_cant_be_used_says_why(bad: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_row(bad)


def test_limits_beyond_each_other_are_kept_as_they_came() -> None:
    model = read_row(
        row("acme/one", context_length=4095, top_provider={"max_completion_tokens": 4096})
    )

    assert (model.context_length, model.max_completion_tokens) == (4095, 4096)


@pytest.mark.parametrize(
    ("slug", "price"), [("acme/one:free", "0.000001"), ("acme/one", "0"), ("acme/one:free", "0")]
)
def test_a_model_is_free_by_its_price_not_by_its_name(slug: str, price: str) -> None:
    model = read_row(row(slug, prompt=price, completion=price))

    assert model.price_prompt == model.price_completion == Decimal(price) * 10**6


@pytest.mark.parametrize("shown", ["0.000001", "0.000002"])
def test_prices_by_the_hour_are_on_record_as_for_the_longest_part_of_the_day(shown: str) -> None:
    hours = [
        {"utc_start": 600, "utc_end": 1000, "prompt": "0.000002", "input_cache_read": "0.0000002"},
        {"utc_start": 1000, "utc_end": 600, "prompt": "0.000001", "input_cache_read": "0.0000001"},
    ]
    pricing = {"prompt": shown, "completion": "0.000003", "overrides": hours}

    model = read_row(row("acme/one", pricing=pricing))

    assert (model.price_prompt, model.price_completion) == (Decimal(1), Decimal(3))
    assert model.other_prices == {"input_cache_read": "0.0000001", "overrides": hours}


@pytest.mark.parametrize(
    "overrides",
    ["none", [7], [{"min_prompt_tokens": -5, "prompt": "free"}], [{"utc_start": 9999}], [None]],
)
def test_overrides_that_cant_be_read_break_no_row(overrides: object) -> None:
    pricing = {"prompt": "0.000001", "completion": "0.000002", "overrides": overrides}

    model = read_row(row("acme/one", pricing=pricing))

    assert (model.price_prompt, model.other_prices) == (Decimal(1), {"overrides": overrides})


@pytest.mark.parametrize("slug", ["~acme/one-latest", "acme/one:free", "acme/one.5-b+c", "a/b/c"])
def test_slugs_of_every_real_form_are_known(slug: str) -> None:
    assert is_slug(slug)


def test_the_slug_of_a_bad_row_is_still_found_if_it_is_one() -> None:
    assert slug_of(row("acme/one", prompt="free")) == "acme/one"
    assert slug_of({"id": "../x"}) is None
    assert slug_of(None) is None
