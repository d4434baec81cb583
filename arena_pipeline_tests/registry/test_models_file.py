from pathlib import Path

import pytest

from arena_pipeline.players import bots
from arena_pipeline.registry.models_file import (
    BotEntry,
    ModelsFile,
    ModelsFileError,
    parse_models_file,
    read_models_file,
)
from arena_pipeline.settings import PROJECT_ROOT

GOOD = """\
bots:
  - {alias: one, policy: random}
  - alias: two
    policy: search
    title: The second
    active: false
    settings: {depth: 3}
agents:
  - alias: mini-low
    model: openai/gpt-5-mini
    settings: {reasoning_effort: low}
models:
  allow: ["acme/*"]
  names: {acme/one: [one, uno]}
"""


def test_bots_agents_and_overrides_are_read() -> None:
    declared = parse_models_file(GOOD, "models.yaml")

    assert declared.bots[0] == BotEntry(alias="one", policy="random")
    assert (declared.bots[1].active, declared.bots[1].settings) == (False, {"depth": 3})
    assert declared.agents[0].model == "openai/gpt-5-mini"
    assert declared.models.allow == ("acme/*",)
    assert declared.models.names == {"acme/one": ("one", "uno")}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "bots:\nagents:\nmodels:\n", "bots: []"])
def test_a_file_may_declare_nothing(text: str) -> None:
    assert parse_models_file(text, "models.yaml") == ModelsFile()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("bots:\n  - alias: one\n", "models.yaml:2:5: 'policy' is missing"),
        (
            "bots:\n  - alias: one\n    polcy: random\n    policy: random\n",
            "models.yaml:3:5: unknown key 'polcy'; did you mean 'policy'?",
        ),
        ("bot: []\n", "models.yaml:1:1: unknown key 'bot'; did you mean 'bots'?"),
        (
            "bots:\n  - {alias: 1, policy: x}\n",
            "models.yaml:2:6: alias: Input should be a valid string",
        ),
        ("bots:\n  - {alias: one@2, policy: x}\n", "models.yaml:2:6: alias: 'one@2' is no alias"),
        ("bots:\n  - {alias: a/../b, policy: x}\n", "is no alias"),
        (
            "bots:\n  - {alias: a, policy: x, active: 1}\n",
            "models.yaml:2:27: active: Input should be a valid bool",
        ),
        (
            "bots:\n  - {alias: a, policy: x}\n  - {alias: a, policy: y}\n",
            "models.yaml:3:6: alias 'a' is taken already (line 2)",
        ),
        ("bots:\n  alias: one\n", "models.yaml:1:1: bots: "),
        ("bots:\n  - one\n", "models.yaml:2:5: 0: "),
        ("models:\n  names: {nobody: [x]}\n", "is no slug like vendor/model"),
        ("bots:\n  - {alias: a, policy: x, settings: {day: 2026-01-01}}\n", "models.yaml:2:"),
        ("- bots\n", "models.yaml:1:1: "),
        ("bots: [\n", "models.yaml:2:1: "),
        ("bots: &b\n  - *b\n", "models.yaml:2:5: an alias (*b) can't stand here"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, mistake: str) -> None:
    with pytest.raises(ModelsFileError) as caught:
        parse_models_file(text, "models.yaml")

    assert mistake in str(caught.value)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ModelsFileError) as caught:
        parse_models_file("bots:\n  - alias: one\n  - policy: two\nmodel: {}\n", "f")

    assert str(caught.value).splitlines()[1:] == [
        "f:2:5: 'policy' is missing",
        "f:3:5: 'alias' is missing",
        "f:4:1: unknown key 'model'; did you mean 'models'? (valid: bots, agents, models)",
    ]


def test_a_missing_or_unreadable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelsFileError, match=r"There is no models file .*ARENA_MODELS_FILE"):
        read_models_file(tmp_path / "nowhere.yaml")
    with pytest.raises(ModelsFileError, match="not a regular file"):
        read_models_file(tmp_path)
    with pytest.raises(ModelsFileError, match="not a regular file"):
        read_models_file(Path("/dev/zero"))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelsFileError, match="utf-8"):
        read_models_file(tmp_path / "binary.yaml")


def test_a_file_too_big_to_have_been_written_by_hand_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_text("#" * 1_000_001)

    with pytest.raises(ModelsFileError, match="has more than 1 MB"):
        read_models_file(tmp_path / "big.yaml")


def test_aliases_that_stand_for_millions_of_values_are_refused_at_once() -> None:
    bomb = ["    a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    text = "bots:\n- alias: one\n  policy: random\n  settings:\n" + "\n".join(bomb)

    with pytest.raises(ModelsFileError, match="write out what it stands for"):
        parse_models_file(text, "f")


def test_the_file_of_the_project_declares_the_bots_there_are() -> None:
    declared = read_models_file(PROJECT_ROOT / "data" / "models.yaml")

    assert [bot.alias for bot in declared.bots] == [
        "random",
        "careful_random",
        "greedy",
        "flood",
        "search",
    ]
    assert {bot.policy for bot in declared.bots} <= set(bots.names())
