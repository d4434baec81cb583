"""SnakeBench's list of models, and a models file of ours, as entries to resolve names by."""

from pathlib import Path

import pytest

from arena_pipeline.importers.snakebench.naming.names import ListedModel
from arena_pipeline.importers.snakebench.reading.model_list import read_model_list
from arena_pipeline.registry.declared.models_file import ModelsFileError

OLD = """
models:
  - {name: "Mini: low ", model_name: mini-2025, provider: acme, reasoning_effort: low}
  - {name: mini-high, model_name: mini-2025, provider: acme, kwargs: {seed: 7}, api_type: x}
  - {name: routed, model_name: acme/one, provider: openrouter, max_tokens: 9}
"""
OURS = """
agents:
  - {alias: mini-low, model: acme/mini-2025, settings: {reasoning_effort: low}}
models:
  bootstrap:
    - {slug: acme/mini-2025, client_name: mini}
  names:
    acme/one: ["The One"]
"""


def test_entries_keep_their_names_models_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(OLD)

    assert read_model_list(path) == (
        ListedModel("Mini: low ", "mini-2025", "acme/mini-2025", {"reasoning_effort": "low"}),
        ListedModel("mini-high", "mini-2025", "acme/mini-2025", {"seed": 7, "api_type": "x"}),
        ListedModel("routed", "acme/one", "acme/one", {"max_tokens": 9}),
    )


def test_a_models_file_of_ours_serves_as_well(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(OURS)

    assert read_model_list(path) == (
        ListedModel("mini-low", "mini", "acme/mini-2025", {"reasoning_effort": "low"}),
        ListedModel("The One", "acme/one", "acme/one"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("models: [{name: a, provider: b}]", ":1:10: 'model_name' is missing"),
        ("models: [", ":1:"),
        ("nothing: 1", ":1:1: unknown key 'nothing'"),
    ],
)
def test_a_wrong_list_is_told_by_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(text)

    with pytest.raises(ModelsFileError, match="nothing was changed") as raised:
        read_model_list(path)

    assert f"{path}{problem}" in str(raised.value)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelsFileError, match="There is no list of models"):
        read_model_list(tmp_path / "none.yaml")


def test_settings_that_no_store_keeps_are_told(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("models: [{name: a, model_name: b, provider: c, heat: .nan}]")

    with pytest.raises(ModelsFileError, match="the settings of 'a' hold the number nan"):
        read_model_list(path)
