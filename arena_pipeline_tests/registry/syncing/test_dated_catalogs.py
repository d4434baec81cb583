"""The dated catalogs of two and a half years, one after the other, against a count of their own."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.registry.models import models
from arena_pipeline.registry.syncing.refresh import sync_from_file
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelAlias, ModelPrice

pytestmark = pytest.mark.shared

FAR_APART = {"2025-01-16", "2025-06-17", "2025-11-12"}
"""Catalogs that miss more than a quarter of the one before."""


@pytest.fixture
def dated(shared_data: Path) -> list[Path]:
    """The files, oldest first."""
    files = sorted((shared_data / "openrouter").glob("*.json"))
    assert len(files) > 30
    return files


def plain(file: Path) -> dict[str, Any]:
    """A catalog as nothing but JSON by id."""
    return {row["id"]: row for row in json.loads(file.read_bytes())["data"]}


def price(row: dict[str, Any]) -> tuple[Decimal | None, ...]:
    """Prompt and completion price; unknown if negative."""
    numbers = (Decimal(row["pricing"][key]) for key in ("prompt", "completion"))
    return tuple(None if number < 0 else number for number in numbers)


def expected_counts(old: dict[str, Any], new: dict[str, Any], ever: set[str]) -> dict[str, int]:
    """What changed, counted the plainest way."""
    arrived, both = new.keys() - old.keys(), new.keys() & old.keys()
    return {
        "added": len(arrived - ever),
        "returned": len(arrived & ever),
        "removed": len(old.keys() - new.keys()),
        "repriced": sum(price(old[id_]) != price(new[id_]) for id_ in both),
        "repointed": sum(
            "created" in old[id_] and old[id_]["created"] != new[id_]["created"] for id_ in both
        ),
        "renamed": sum(old[id_]["name"].strip() != new[id_]["name"].strip() for id_ in both),
        "limits_changed": sum(limits(old[id_]) != limits(new[id_]) for id_ in both),
        "expiring": sum(
            old[id_].get("expiration_date") != new[id_].get("expiration_date") for id_ in both
        ),
    }


def limits(row: dict[str, Any]) -> list[int]:
    """Whole tokens of context and reply, 0 for no limit; in 2024 some rows had fractions of one."""
    return [
        int(row["context_length"]),
        int(row["top_provider"].get("max_completion_tokens") or 0),
    ]


def test_each_interval_shows_exactly_what_changed(
    store: Store, dated: list[Path], tmp_path: Path
) -> None:
    old: dict[str, Any] = {}
    ever: set[str] = set()
    refused = set()
    for file in dated:
        new = plain(file)
        try:
            report = sync_from_file(store, file, catalog_dir=tmp_path)
        except CatalogRefused:
            refused.add(file.stem)
            report = sync_from_file(store, file, catalog_dir=tmp_path, accept_drop=True)
        found = report.to_json()
        expected = expected_counts(old, new, ever)

        assert {kind: len(found[kind]) for kind in expected} == expected, file.name
        assert found["models"] == len(new)
        old, ever = new, ever | new.keys()

    assert refused == FAR_APART
    assert {model.slug for model in models(store)} == ever
    assert {model.slug for model in models(store, removed=False)} == old.keys()


def test_the_store_answers_what_a_model_cost_and_was_called_on_any_day(
    store: Store, dated: list[Path], tmp_path: Path
) -> None:
    names: dict[str, set[str]] = {}
    for file in dated:
        sync_from_file(store, file, catalog_dir=tmp_path, accept_drop=True)
        for id_, row in plain(file).items():
            names.setdefault(id_, set()).add(row["name"].strip())

    with store.read() as connection:
        history = connection.execute(
            select(
                Model.slug,
                ModelPrice.valid_from,
                ModelPrice.price_prompt,
                ModelPrice.price_completion,
            )
            .join(Model)
            .order_by(ModelPrice.valid_from)
        ).all()
        called = connection.execute(
            select(Model.slug, ModelAlias.alias)
            .join(Model)
            .where(ModelAlias.origin == "catalog_name")
        ).all()
    for file in dated[::6]:
        day = archive.time_of(file)
        cost = {
            slug: (prompt, completion)
            for slug, since, prompt, completion in history
            if since <= day
        }
        for id_, row in plain(file).items():
            per_token = (p if p is None else p.scaleb(-6) for p in cost[id_])
            assert tuple(per_token) == price(row), (file.name, id_)
    assert Counter(slug for slug, _ in called) == Counter({s: len(n) for s, n in names.items()})
