"""`arena sync`, `arena models`, `arena agents`."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from arena_pipeline.cli.registry import Status
from arena_pipeline.registry.models import TestStatus
from arena_pipeline_tests.cli.conftest import Arena

ISSUE_KEYS = {
    "snapshot", "fetched_at", "models", "added", "removed", "returned", "repriced", "repointed",
    "renamed", "limits_changed", "skipped", "refused", "reason",
}  # fmt: skip


def row(slug: str, prompt: str = "0.000001", **others: Any) -> dict[str, Any]:
    return {
        "id": slug,
        "name": others.pop("name", slug),
        "created": 1_700_000_000,
        "context_length": 8192,
        "pricing": {"prompt": prompt, "completion": prompt},
        "architecture": {"modality": "text->text"},
        **others,
    }


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalog of two models, one of them free and of a hostile name."""
    path = tmp_path / "catalog-2026-11-01.json"
    rows = [row("a/one"), row("b/two:free", "0", name="[red]Two[/] \x1b[2J")]
    path.write_text(json.dumps({"data": rows}))
    return path


@pytest.fixture
def synced(arena: Arena, fresh_dir: Path, catalog: Path) -> Arena:
    """The command over an arena that knows the catalog."""
    assert arena("sync", "--file", catalog).code == 0
    return arena


def test_sync_makes_the_store_and_prints_what_changed(
    arena: Arena, fresh_dir: Path, catalog: Path
) -> None:
    document = arena("sync", "--file", catalog, "--json").document

    assert document.keys() >= ISSUE_KEYS
    assert (document["models"], document["added"]) == (2, ["a/one", "b/two:free"])
    assert document["fetched_at"].startswith("2026-11-01")


def test_a_new_price_is_told_before_and_after(synced: Arena, tmp_path: Path) -> None:
    later = tmp_path / "catalog-2026-11-02.json"
    later.write_text(json.dumps({"data": [row("a/one", "0.000002"), row("b/two:free", "0")]}))

    ran = synced("sync", "--file", later)

    assert "1 repriced" in ran.out
    line = next(line for line in ran.out.splitlines() if line.strip().startswith("repriced"))
    assert line.split() == ["repriced", "a/one", "prompt", "1,", "completion", "1", "prompt", "2,",
                            "completion", "2"]  # fmt: skip


def test_a_refused_catalog_is_a_document_of_the_same_shape_and_fails(
    synced: Arena, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"data": []}')

    ran = synced("sync", "--file", empty, "--json")

    assert (ran.code, ran.err) == (1, "")
    assert ran.document.keys() >= ISSUE_KEYS
    assert ran.document["refused"] is True
    assert ran.document["error"] == ran.document["reason"]


def test_without_a_network_the_sample_is_taken_and_that_is_said(
    arena: Arena, fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_CATALOG_URL", "http://127.0.0.1:9/models")
    monkeypatch.setenv("ARENA_CATALOG_RETRIES", "0")

    ran = arena("sync", "--json")

    assert ran.document["is_sample"] is True
    assert "sample catalog" in ran.err


def test_sync_declares_the_agents_of_the_models_file_and_names_those_left_out(
    arena: Arena, fresh_dir: Path, catalog: Path, models_file: Path
) -> None:
    models_file.write_text("bots: [{alias: r, policy: random}, {alias: x, policy: greddy}]")

    ran = arena("sync", "--file", catalog)

    assert "x of models.yaml is left out: There is no bot 'greddy'; did you mean greedy?" in ran.err
    assert [one["alias"] for one in arena("agents", "--json").document["agents"]] == ["r"]


def test_sync_names_a_bot_with_settings_its_policy_refuses(
    arena: Arena, fresh_dir: Path, catalog: Path, models_file: Path
) -> None:
    models_file.write_text("bots: [{alias: x, policy: search, settings: {depth: 9}}]")

    ran = arena("sync", "--file", catalog)

    assert "x of models.yaml is left out: Bot 'search' can't take the setting 'depth'" in ran.err


@pytest.mark.parametrize(
    ("options", "slugs"),
    [
        ((), ["a/one", "b/two:free"]),
        (("--free",), ["b/two:free"]),
        (("--vendor", "a"), ["a/one"]),
        (("--max-price", "0.5"), ["b/two:free"]),
        (("--status", "ranked"), []),
    ],
)
def test_models_are_filtered(synced: Arena, options: tuple[str, ...], slugs: list[str]) -> None:
    shown = synced("models", *options, "--json").document["models"]

    assert [one["slug"] for one in shown] == slugs


def test_every_test_status_can_be_asked_for() -> None:
    assert get_args(Status) == tuple(TestStatus)


@pytest.mark.parametrize("price", ["much", "-1", "NaN"])
def test_a_price_that_is_none_is_a_wrong_call(synced: Arena, price: str) -> None:
    ran = synced("models", f"--max-price={price}")

    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_one_model_is_shown_with_its_names_and_nothing_acts_on_the_terminal(synced: Arena) -> None:
    ran = synced("models", "b/two:free")

    assert "[red]Two[/]" in ran.out
    assert "\x1b" not in ran.out
    assert synced("models", "b/two:free", "--json").document["is_free"] is True


def test_an_unknown_model_names_the_nearest(synced: Arena) -> None:
    ran = synced("models", "a/on")

    assert (ran.code, ran.err) == (1, "arena: No model goes by 'a/on'; did you mean 'a/one'?\n")


def test_agents_are_listed_with_what_they_play_by(synced: Arena) -> None:
    agents = synced("agents", "--json").document["agents"]

    assert [(one["alias"], one["policy"]) for one in agents] == [
        ("greedy", "greedy"),
        ("random", "random"),
    ]
    assert "Greedy" in synced("agents").out


def test_no_slug_is_broken_at_80_columns(
    arena: Arena, fresh_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs = ["vendor/" + "long-name-" * 3 + end for end in ("one", "two:free")]
    file = tmp_path / "catalog-2026-11-01.json"
    file.write_text(json.dumps({"data": [row(slug) for slug in slugs]}))
    arena("sync", "--file", file)
    monkeypatch.setenv("COLUMNS", "80")

    words = arena("models").out.split()

    assert set(slugs) <= set(words)
    assert words[:4] == ["slug", "status", "prompt", "completion"]


def test_a_catalog_file_is_read_to_the_limit_of_the_settings(
    arena: Arena, fresh_dir: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_CATALOG_MAX_MB", "0.0001")

    ran = arena("sync", "--file", catalog, "--json")

    assert ran.code == 1
    assert "holds more than 0.0001 MB" in ran.document["error"]


def test_a_catalog_file_is_believed_as_far_as_the_settings_say(
    synced: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halved = tmp_path / "catalog-2026-11-02.json"
    halved.write_text(json.dumps({"data": [row("a/one")]}))

    assert synced("sync", "--file", halved).code == 1
    monkeypatch.setenv("ARENA_CATALOG_MAX_DROP", "0.5")
    assert synced("sync", "--file", halved).code == 0


def test_a_device_is_no_catalog_file(arena: Arena, fresh_dir: Path) -> None:
    ran = arena("sync", "--file", "/dev/zero")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "is not a regular file" in ran.err
