"""`arena models`: lists, one model, verdicts."""

import json
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from arena_pipeline.cli.registry.models import Status, usd
from arena_pipeline.registry.models import TestStatus
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, HOSTILE, Later, row
from arena_pipeline_tests.registry.imported import bear


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


def test_a_wrong_choice_is_told_in_words_of_the_option(synced: Arena) -> None:
    ran = synced("models", "--status", "foo")

    assert ran.code == 2
    assert "Invalid value for '--status': 'foo' is not one of" in ran.err


@pytest.mark.parametrize("options", [("--unresolved",), ("--status", "ranked")])
def test_a_filter_that_fits_no_model_is_not_an_empty_registry(
    synced: Arena, options: tuple[str, ...]
) -> None:
    assert synced("models", *options).out == "None of the 2 models is like that.\n"


@pytest.mark.parametrize(
    ("cost", "shown"),
    [(None, None), ("0", "0"), ("0.00001", "<0.0001"), ("0.0001", "0.0001"), ("1.5", "1.5000")],
)
def test_a_free_match_does_not_look_like_a_cheap_one(cost: str | None, shown: str | None) -> None:
    assert usd(None if cost is None else Decimal(cost)) == shown


def test_one_model_is_shown_with_its_names_and_nothing_acts_on_the_terminal(synced: Arena) -> None:
    ran = synced("models", "b/two:free")

    assert "[red]Two[/]" in ran.out
    assert "\x1b" not in ran.out
    assert synced("models", "b/two:free", "--json").document["is_free"] is True


def test_an_unknown_model_names_the_nearest(synced: Arena) -> None:
    ran = synced("models", "a/on")

    assert (ran.code, ran.err) == (1, "arena: No model goes by 'a/on'; did you mean 'a/one'?\n")


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


def test_why_says_of_each_model_whether_it_may_be_evaluated_and_counts(synced: Arena) -> None:
    ran = synced("models", "--why", "--json")

    verdicts = {one["slug"]: one["verdict"] for one in ran.document["models"]}
    assert verdicts["a/one"]["reason"] == "no key"
    assert verdicts["a/one"]["detail"] == "set OPENROUTER_API_KEY"
    assert Decimal(verdicts["a/one"]["estimate"]) > 0
    assert ran.document["counts"] == {"no key": 2}


def test_why_is_shown_with_the_first_reason_and_a_table_of_counts(synced: Arena) -> None:
    synced("models", "deny", "a/one", "--reason", HOSTILE)

    out = synced("models", "--why").out

    line = next(line for line in out.splitlines() if line.strip().startswith("a/one"))
    assert "denied" in line
    assert "[red]Two[/]" in line
    assert "\x1b" not in out
    assert [line.split() for line in out.splitlines() if line.strip().startswith("denied")] == [
        ["denied", "1"]
    ]


@pytest.mark.parametrize(
    ("arguments", "slugs"), [(("--free",), ["b/two:free"]), (("--vendor", "a"), ["a/one"])]
)
def test_why_goes_with_filters(synced: Arena, arguments: tuple[str, ...], slugs: list[str]) -> None:
    document = synced("models", "--why", *arguments, "--json").document

    assert [one["slug"] for one in document["models"]] == slugs
    assert sum(document["counts"].values()) == len(slugs)


def test_why_goes_with_a_slug(synced: Arena) -> None:
    out = synced("models", "a/one", "--why").out

    assert "set OPENROUTER_API_KEY" in out
    assert "b/two:free" not in out


def test_a_slug_and_a_filter_together_are_a_wrong_call(synced: Arena) -> None:
    assert synced("models", "a/one", "--free").code == 2


def test_one_model_says_where_each_value_comes_from_and_why(synced: Arena) -> None:
    synced("models", "deny", "a/one", "--reason", "too chatty")

    document = synced("models", "a/one", "--json").document

    origins = {one["fact"]: one for one in document["origins"]}
    assert origins["prompt price"]["set_by"] == "catalog"
    assert (origins["access"]["value"], origins["access"]["set_by"]) == ("deny", "person")
    assert origins["access"]["reason"] == "too chatty"
    assert document["verdict"]["reason"] == "denied"
    assert "too chatty" in synced("models", "a/one").out


def test_one_model_says_when_it_was_away_and_who_plays_with_it(
    synced: Arena, later: Later, models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_CATALOG_MAX_DROP", "0.5")
    models_file.write_text("agents: [{alias: one, model: a/one}]")
    later(2, FREE)
    later(3, row("a/one"), FREE)

    document = synced("models", "a/one", "--json").document
    out = synced("models", "a/one").out

    (away,) = document["away"]
    assert (away["since"][:10], away["until"][:10]) == ("2026-11-02", "2026-11-03")
    assert document["agents"] == ["one"]
    assert "from 2026-11-02 00:00 until 2026-11-03 00:00" in out
    assert "agent one" in out


def test_an_old_name_leads_to_the_model(synced: Arena, later: Later) -> None:
    later(2, row("a/one", name="Uno"), FREE)
    later(3, row("a/one", name="One"), FREE)

    document = synced("models", "Uno", "--json").document

    assert document["slug"] == "a/one"
    assert {one["alias"] for one in document["aliases"]} == {"Uno", "One"}


def test_unresolved_names_are_listed_with_what_they_may_be(synced: Arena, fresh_dir: Path) -> None:
    store = open_ready_store(Settings.load(data_dir=fresh_dir))
    bear(store, "snakebench/one", HOSTILE)
    bear(store, "snakebench/xyzzy", "xyzzy")
    store.close()

    shown = synced("models", "--unresolved", "--json").document["models"]
    out = synced("models", "--unresolved").out

    assert [(one["slug"], one["name"], one["matches"]) for one in shown] == [
        ("snakebench/one", HOSTILE, 0),
        ("snakebench/xyzzy", "xyzzy", 0),
    ]
    assert [one["suggestions"] for one in shown] == [["b/two:free"], []]
    assert "2 names of imported matches" in out
    assert "\n    vendor/model: [" in out
    assert "\x1b" not in out


def test_a_list_without_models_says_how_to_get_some(arena: Arena, played_dir: Path) -> None:
    assert "arena sync fetches the catalog" in arena("models").out
