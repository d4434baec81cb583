"""`arena sync`."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, Later, row

ISSUE_KEYS = {
    "snapshot", "fetched_at", "models", "added", "removed", "returned", "repriced", "repointed",
    "renamed", "limits_changed", "skipped", "refused", "reason",
}  # fmt: skip


def test_sync_makes_the_store_and_prints_what_changed(
    arena: Arena, fresh_dir: Path, catalog: Path
) -> None:
    document = arena("sync", "--file", catalog, "--json").document

    assert document.keys() >= ISSUE_KEYS
    assert (document["models"], document["added"]) == (2, ["a/one", "b/two:free"])
    assert document["fetched_at"].startswith("2026-11-01")


def test_a_new_price_is_told_before_and_after(synced: Arena, tmp_path: Path) -> None:
    later = tmp_path / "catalog-2026-11-02.json"
    later.write_text(json.dumps({"data": [row("a/one", "0.000002"), FREE]}))

    ran = synced("sync", "--file", later)

    assert "1 repriced" in ran.out
    line = next(line for line in ran.out.splitlines() if line.strip().startswith("repriced"))
    assert line.strip().split(maxsplit=2) == [
        "repriced",
        "a/one",
        "prompt 1 -> 2, completion 1 -> 2",
    ]


def test_a_price_that_goes_back_is_marked_as_a_flip(later: Later) -> None:
    later(2, row("a/one", "0.000002"), FREE)

    ran = later(3, row("a/one"), FREE)

    assert "1 repriced (1 of them back to what it had been: a flip)" in ran.out
    assert "repriced (flip)" in ran.out


def test_how_far_back_a_flip_is_looked_for_is_a_setting(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_PRICE_FLIP_DAYS", "2")
    later(2, row("a/one", "0.000002"), FREE)

    ran = later(9, row("a/one"), FREE, options=("--json",))

    assert ran.document["flipped"] == []


def test_json_is_the_report_and_nothing_else(later: Later) -> None:
    ran = later(2, row("a/one", "0.000002"), FREE, options=("--json",))

    assert ran.document.keys() >= ISSUE_KEYS
    assert ran.document["repriced"] == [
        {
            "slug": "a/one",
            "before": {"prompt": "1", "completion": "1"},
            "after": {"prompt": "2", "completion": "2"},
        }
    ]


def test_agents_of_a_model_that_was_replaced_are_named(
    synced: Arena, later: Later, models_file: Path
) -> None:
    models_file.write_text("agents: [{alias: one, model: a/one}]")
    later(2, row("a/one"), FREE)

    ran = later(3, row("a/one", created=1_800_000_000), FREE)

    assert "New versions of agents whose model was replaced: one@2" in ran.out


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


def test_a_drop_that_comes_from_the_network_is_believed_with_accept_drop(
    synced: Arena, tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    halved = tmp_path / "catalog-2026-11-02.json"
    halved.write_text(json.dumps({"data": [row("a/one")]}))
    httpserver.expect_request("/models").respond_with_data(halved.read_bytes())
    monkeypatch.setenv("ARENA_CATALOG_URL", httpserver.url_for("/models"))

    assert synced("sync").code == 1
    assert synced("sync", "--accept-drop", "--json").document["removed"] == ["b/two:free"]
    [act] = synced("audit", "--json").document["audit"]
    assert (act["action"], act["subject_kind"]) == ("accept-drop", "catalog")
    assert (act["before"]["models"], act["after"]["missing"]) == (2, 1)


def test_a_refused_catalog_says_how_many_models_it_had_and_where_it_is_kept(
    synced: Arena, later: Later, fresh_dir: Path
) -> None:
    document = later(2, row("a/one"), options=("--json",)).document
    said = later(2, row("a/one")).err

    assert (document["models"], document["fetched_at"][:10]) == (1, "2026-11-02")
    (file,) = [Path(line.partition(": ")[2]) for line in said.splitlines() if "Kept" in line]
    assert file.is_file()
    assert file.is_relative_to(fresh_dir)


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


def test_sync_names_what_the_models_file_says_of_nobody(
    arena: Arena, fresh_dir: Path, catalog: Path, models_file: Path
) -> None:
    models_file.write_text("models: {deny: [a/onne]}")

    assert "models.yaml names models nobody knows: a/onne" in arena("sync", "--file", catalog).err


def test_sync_names_a_bot_with_settings_its_policy_refuses(
    arena: Arena, fresh_dir: Path, catalog: Path, models_file: Path
) -> None:
    models_file.write_text("bots: [{alias: x, policy: search, settings: {depth: 9}}]")

    ran = arena("sync", "--file", catalog)

    assert "x of models.yaml is left out: Bot 'search' can't take the setting 'depth'" in ran.err


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


def test_models_that_may_play_are_enrolled_and_the_others_wait_for_a_reason(
    arena: Arena, fresh_dir: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")
    monkeypatch.setenv("ARENA_ACTIVATE_UNDER", "0.1")

    ran = arena("sync", "--file", catalog)

    assert ran.code == 0
    assert "Made active by the policy: b/two:free\n" in ran.err
    assert "Enrolled with a default agent: b/two:free\n" in ran.err
    assert "Models without an agent: no budget (set ARENA_BUDGET) 1\n" in ran.out
    (enrolled,) = (one for one in arena("agents", "--json").document["agents"] if one["is_default"])
    assert (enrolled["alias"], enrolled["prompt"]) == ("b/two:free", "snake@1")
