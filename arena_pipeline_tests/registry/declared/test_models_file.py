import re
from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline.players import bots
from arena_pipeline.registry.declared.entries import (
    BotEntry,
    DatedPriceEntry,
    ModelsFile,
    PriceEntry,
    RetirePolicy,
)
from arena_pipeline.registry.declared.models_file import (
    ModelsFileError,
    parse_models_file,
    read_models_file,
)
from arena_pipeline.registry.gateways import BUILT_IN, GatewayRow
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

EXAMPLE = re.compile(r" *# {3}(- |  (?! )\w+: )")
"""A commented line of the models file that shows an item of a list."""

FULL = """\
gateways:
  - name: local
    base_url: http://localhost:8000/v1/
    requests_per_minute: 60
    concurrency: 2
    prices: {prompt: 0, completion: 0.4}
  - {name: openrouter, daily_cap: 2.5}
agents:
  - alias: tuned
    model: me/tuned
    gateway: local
    settings: {temperature: 0.2, extra_body: {x: [1]}}
models:
  bootstrap:
    - {slug: me/tuned, gateway: local, context_length: 32768, prices: {prompt: 0, completion: 0}}
  active: [acme/one]
  prices:
    acme/*: {prompt: 0.1, completion: null}
  retire: {models: ["old/*"], removed_days: 30}
"""


def test_bots_agents_and_overrides_are_read() -> None:
    declared = parse_models_file(GOOD, "models.yaml")

    assert declared.bots[0] == BotEntry(alias="one", policy="random")
    assert (declared.bots[1].active, declared.bots[1].settings) == (False, {"depth": 3})
    assert declared.agents[0].model == "openai/gpt-5-mini"
    assert declared.models.allow == ("acme/*",)
    assert declared.models.names == {"acme/one": ("one", "uno")}


def test_gateways_and_everything_about_models_are_read() -> None:
    declared = parse_models_file(FULL, "models.yaml")

    local, built_in = (entry.row for entry in declared.gateways)
    assert local == GatewayRow(
        "local",
        "http://localhost:8000/v1",
        requests_per_minute=60,
        concurrency=2,
        price_prompt=Decimal(0),
        price_completion=Decimal("0.4"),
    )
    assert (built_in.base_url, built_in.key_variable) == (BUILT_IN.base_url, "OPENROUTER_API_KEY")
    assert built_in.daily_cap == Decimal("2.5")
    (model,) = declared.models.bootstrap
    assert (model.slug, model.gateway, model.context_length) == ("me/tuned", "local", 32768)
    assert model.prices == DatedPriceEntry(prompt=Decimal(0), completion=Decimal(0))
    assert declared.agents[0].gateway == "local"
    assert declared.agents[0].settings == {"temperature": 0.2, "extra_body": {"x": [1]}}
    assert declared.models.prices == {"acme/*": PriceEntry(prompt=Decimal("0.1"), completion=None)}
    assert declared.models.active == ("acme/one",)
    assert declared.models.retire == RetirePolicy(models=("old/*",), removed_days=30)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "bots:\nmodels:\n", "models:\n  allow:\n"])
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
        ("bots:\n  - one\n", "models.yaml:2:5: Input should be"),
        ("models:\n  names: {nobody: [x]}\n", "is no slug like vendor/model"),
        ("bots:\n  - {alias: a, policy: x, settings: {day: 2026-01-01}}\n", "models.yaml:2:"),
        ("- bots\n", "models.yaml:1:1: "),
        ("bots: [\n", "models.yaml:2:1: "),
        ("bots: &b\n  - *b\n", "models.yaml:2:5: an alias (*b) can't stand here"),
        (
            "agents:\n  - {alias: a, model: x, gatway: y}\n",
            "models.yaml:2:26: unknown key 'gatway'; did you mean 'gateway'?",
        ),
        (
            "agents:\n  - {alias: a, model: x, gateway: openroutr}\n",
            "models.yaml:2:26: no gateway 'openroutr' is declared; did you mean 'openrouter'?",
        ),
        (
            "models:\n  bootstrap: [{slug: a/b, gateway: local}]\n",
            "models.yaml:2:27: no gateway 'local' is declared",
        ),
        (
            "models:\n  bootstrap:\n    - slug: a/b\n    - slug: a/b\n",
            "models.yaml:4:7: slug 'a/b' is taken already (line 3)",
        ),
        (
            "models:\n  bootstrap:\n    - {slug: a/b, prices: {promt: 1}}\n",
            "models.yaml:3:28: unknown key 'promt'; did you mean 'prompt'?",
        ),
        (
            "models:\n  prices:\n    acme/*: {prompt: 1, completion: 2, reason: x}\n",
            "models.yaml:3:40: unknown key 'reason' (valid: prompt, completion)",
        ),
        (
            "models:\n  prices:\n    acme/*: {prompt: 1}\n",
            "models.yaml:3:5: 'completion' is missing",
        ),
        (
            "models:\n  retire: {removed_day: 3}\n",
            "models.yaml:2:12: unknown key 'removed_day'; did you mean 'removed_days'?",
        ),
        (
            "models:\n  retire: {removed_days: -1}\n",
            "models.yaml:2:12: removed_days: Input should be greater than or equal to 0",
        ),
        ("models:\n  activ: []\n", "models.yaml:2:3: unknown key 'activ'; did you mean 'active'?"),
        ("gateways:\n  - {name: x}\n", "models.yaml:2:5: 'base_url' is missing"),
        (
            "gateways:\n  - {name: X/Y, base_url: 'http://h'}\n",
            "models.yaml:2:6: name: 'X/Y' is no gateway name",
        ),
        (
            "gateways: [{name: openrouter}, {name: openrouter}]\n",
            "models.yaml:1:33: gateway 'openrouter' is taken already (line 1)",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, mistake: str) -> None:
    with pytest.raises(ModelsFileError) as caught:
        parse_models_file(text, "models.yaml")

    assert mistake in str(caught.value)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ModelsFileError) as caught:
        parse_models_file("bots:\n  - alias: one\n  - policy: two\nmodel: {}\n", "f")

    valid = "(valid: bots, agents, gateways, models)"
    assert str(caught.value).splitlines()[1:] == [
        "f:2:5: 'policy' is missing",
        "f:3:5: 'alias' is missing",
        f"f:4:1: unknown key 'model'; did you mean 'models'? {valid}",
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


def test_the_examples_in_the_file_of_the_project_can_be_used() -> None:
    lines = (PROJECT_ROOT / "data" / "models.yaml").read_text(encoding="utf-8").splitlines()
    examples = [line.replace("#", " ", 1) for line in lines if EXAMPLE.match(line)]
    started = [n for n, line in enumerate(examples) if "alias:" in line or "slug:" in line]
    agent, model = started
    text = [
        "gateways:", *examples[agent + 4 : model],
        "agents:", *examples[agent : agent + 4],
        "models:", "  bootstrap:", *examples[model:],
    ]  # fmt: skip

    declared = parse_models_file("\n".join(text), "examples")

    assert [entry.row.name for entry in declared.gateways] == ["local", "acme", "openrouter"]
    assert declared.agents[0].settings["reasoning_effort"] == "low"
    assert declared.models.bootstrap[0].client_name == "tuned-7b"
