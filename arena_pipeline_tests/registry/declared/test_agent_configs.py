import pytest
from pydantic import JsonValue

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.agents import config_digest
from arena_pipeline.registry.declared.agent_configs import bot_config, model_config
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.stored import put


def test_a_bot_is_its_policy_its_version_and_its_settings() -> None:
    config = bot_config("search", {"depth": 3}, {"search": "2"}, None)

    assert (config.kind, config.model) == ("bot", None)
    assert config.settings == {"policy": "search", "depth": 3, "policy_version": "2"}
    assert bot_config("any", {}, None, None).settings == {"policy": "any"}


def test_a_bot_that_nothing_can_play_is_refused_in_words() -> None:
    with pytest.raises(ArenaError, match="no policy 'serch'; did you mean 'search'"):
        bot_config("serch", {}, {"search"}, None)
    with pytest.raises(ArenaError, match="too deep"):
        bot_config("search", {"depth": 99}, None, lambda policy, settings: "too deep")
    with pytest.raises(ArenaError, match="'policy_version' can't be one of a bot's settings"):
        bot_config("search", {"policy_version": "1"}, None, None)


def test_an_agent_plays_with_the_model_that_is_behind_the_name_now(days: Days) -> None:
    days.next(row("acme/one", name="Acme: One"))
    put(days.store, "acme/one", version=3)

    with days.store.read() as connection:
        config = model_config(connection, "Acme: One", {"temperature": 0})

    assert (config.kind, config.model, config.model_version) == ("llm", "acme/one", 3)
    assert config.digest("x", 2) == config_digest(
        "x", "llm", "acme/one", {"temperature": 0}, 2, model_version=3
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": "sk-1"},
        {"extra_headers": {"Authorization": "Bearer sk-1"}},
        {"plugins": [{"id": "web", "X-API-Key": "sk-1"}]},
    ],
)
def test_settings_hold_no_key_since_they_are_shown(
    days: Days, settings: dict[str, JsonValue]
) -> None:
    days.next(row("acme/one"))

    with days.store.read() as connection, pytest.raises(ArenaError) as refused:
        model_config(connection, "acme/one", settings)

    assert "a key stays in the environment" in str(refused.value)
    assert "sk-1" not in str(refused.value)


def test_settings_that_only_sound_like_a_key_are_kept() -> None:
    settings = {"max_tokens": 5, "stop_token": "x", "prompt_cache_key": "k", "secret_word": "y"}

    assert bot_config("search", settings, None, None).settings == {"policy": "search", **settings}


def test_an_agent_of_a_model_nobody_knows_is_refused(days: Days) -> None:
    days.next(row("acme/one"))

    with days.store.read() as connection, pytest.raises(NotFound, match="did you mean 'acme/one'"):
        model_config(connection, "acme/on", {})
