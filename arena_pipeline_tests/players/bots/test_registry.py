"""Bots announce themselves and are found by name."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action, State
from arena_pipeline.players import bots
from arena_pipeline.players.bots import registry
from arena_pipeline.players.bots.registry import BotNameTaken, UnknownBot


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry of the test's own, filled with the bots there are."""
    bots.names()
    monkeypatch.setattr(registry, "_policies", dict(registry._policies))
    registry._find_bots.cache_clear()
    yield
    registry._find_bots.cache_clear()


def always_first(state: State, player: int, legal: Sequence[Action], chance: Chance) -> Action:
    """The first legal action.

    And nothing else.
    """
    return legal[0]


def test_the_random_bot_plays_every_game_and_the_others_theirs() -> None:
    assert bots.policy("random").plays("any game at all")
    assert bots.policy("search").plays("snake")
    assert not bots.policy("search").plays("toy_nim")
    assert bots.names("toy_nim") == ("random",)


def test_a_decorated_function_is_a_bot() -> None:
    bots.bot("first", games=["toy_nim"], version="3")(always_first)

    policy = bots.policy("first")
    assert (policy.name, policy.games, policy.version) == ("first", ("toy_nim",), "3")
    assert policy.description == "The first legal action."
    assert policy.decide is always_first
    assert bots.names("toy_nim") == ("first", "random")


def test_every_bot_says_what_it_does() -> None:
    assert all(policy.description != policy.name for policy in bots.policies())


def test_an_unknown_bot_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownBot, match="no bot 'gredy'; did you mean greedy"):
        bots.policy("gredy")


def test_two_bots_cannot_share_a_name() -> None:
    with pytest.raises(BotNameTaken, match="already called 'greedy'"):
        bots.bot("greedy")(always_first)


def test_an_installed_package_brings_its_bot_by_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "foreign_bot.py").write_text(
        "from arena_pipeline.players.bots import bot\n"
        "@bot('foreign', games=['snake'])\n"
        "def foreign(state, player, legal, chance):\n"
        "    'Always up.'\n"
        "    return 'UP'\n"
    )
    metadata = tmp_path / "foreign_bot-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign-bot\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[arena_pipeline.bots]\nforeign = foreign_bot\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "foreign_bot", raising=False)

    assert "foreign" in bots.names("snake")


def test_a_setting_reaches_the_rule() -> None:
    @bots.bot("adjustable")
    def adjustable(
        state: State, player: int, legal: Sequence[Action], chance: Chance, *, at: int = 0
    ) -> Action:
        """Take the one at."""
        return legal[at]

    third = bots.policy("adjustable").with_settings({"at": 2})

    assert third.decide(None, 0, ["a", "b", "c"], None) == "c"
    assert bots.policy("adjustable").decide(None, 0, ["a", "b", "c"], None) == "a"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"dept": 1}, "can't take the setting 'dept': it has depth"),
        ({"depth": "deep"}, "'deep' is not like 2"),
        ({"state": 1}, "can't take the setting 'state'"),
        ({"depth": 9}, "9 is not from 1 to 4"),
        ({"depth": -1}, "-1 is not from 1 to 4"),
        ({"depth": True}, "True is not like 2"),
    ],
)
def test_a_setting_a_bot_does_not_have_is_refused(
    settings: dict[str, object], complaint: str
) -> None:
    with pytest.raises(bots.BadBotSettings, match=complaint):
        bots.policy("search").with_settings(settings)


def test_both_ends_of_what_a_setting_may_be_are_allowed() -> None:
    assert [bots.refusal("search", {"depth": depth}) for depth in (1, 4)] == [None, None]
    assert "from 1 to 4" in (bots.refusal("search", {"depth": 5}) or "")
    assert "no bot 'serch'" in (bots.refusal("serch", {}) or "")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_also_without_limits(number: float) -> None:
    @bots.bot("warm")
    def warm(
        state: State, player: int, legal: Sequence[Action], chance: Chance, *, heat: float = 0.5
    ) -> Action:
        """Any."""
        return legal[0]

    with pytest.raises(bots.BadBotSettings, match="no number to play by"):
        bots.policy("warm").with_settings({"heat": number})


@pytest.mark.parametrize(("setting", "low"), [("at", 1), ("nowhere", 0)])
def test_limits_that_do_not_fit_the_rule_are_refused(setting: str, low: int) -> None:
    def rule(
        state: State, player: int, legal: Sequence[Action], chance: Chance, *, at: int = 0
    ) -> Action:
        """Take the one at."""
        return legal[at]

    with pytest.raises(bots.BadBotSettings, match=f"'{setting}'"):
        bots.bot("unfit", settings={setting: bots.Between(low, 3)})(rule)


def test_a_bot_file_that_can_not_be_loaded_is_named_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "more_bots"
    package.mkdir()
    (package / "crooked.py").write_text("def crooked(\n")
    monkeypatch.setattr(bots, "__path__", [*bots.__path__, str(package)])
    monkeypatch.setattr(registry, "_broken", {})
    registry._find_bots.cache_clear()

    assert "greedy" in bots.names()
    ((module, error),) = bots.broken().items()
    assert module.endswith(".crooked")
    assert error.startswith("SyntaxError")
    with pytest.raises(UnknownBot, match="crooked can't be loaded: SyntaxError"):
        bots.policy("crooked")
