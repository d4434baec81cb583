"""Whether somebody may play, and the reason shown if not."""

from dataclasses import replace

import pytest

from arena_pipeline.evaluation.eligibility import (
    Applicant,
    Bots,
    ModelFacts,
    Obstacle,
    Reason,
    judge,
)
from arena_pipeline.registry.policy.eligibility import Reason as ModelReason
from arena_pipeline.registry.policy.eligibility import Verdict

BOTS = Bots(known=frozenset({"greedy", "nim"}), playing=frozenset({"greedy"}))
BOT = Applicant("greedy", 1, "bot", policy="greedy")
FINE = ModelFacts(Verdict("openai/gpt-5", None, None, None))
DENIED = ModelFacts(Verdict("openai/gpt-5", ModelReason.DENIED, "by a person", None))
MODEL = Applicant("openai/gpt-5", None, "llm", model=FINE)


def test_an_active_bot_of_a_policy_that_plays_the_game_may_play() -> None:
    assert judge(BOT, BOTS) is None


@pytest.mark.parametrize(
    ("applicant", "reason"),
    [
        (replace(BOT, kind_enabled=False), Reason.KIND_OFF),
        (replace(BOT, active=False), Reason.INACTIVE),
        (replace(BOT, policy="no such"), Reason.UNKNOWN_POLICY),
        (replace(BOT, policy="nim"), Reason.OTHER_GAME),
        (replace(BOT, bad_settings=True), Reason.BAD_SETTINGS),
        (replace(BOT, kind="llm", policy=None), Reason.NO_PLAYER),
        (MODEL, Reason.NO_PLAYER),
        (replace(MODEL, model=replace(FINE, switched_off=True)), Reason.INACTIVE),
        (replace(MODEL, model=replace(FINE, replaced=True)), Reason.REPLACED),
        (replace(BOT, model=replace(FINE, replaced=True)), Reason.REPLACED),
    ],
)
def test_whoever_may_not_play_is_told_why(applicant: Applicant, reason: Reason) -> None:
    assert judge(applicant, BOTS) == Obstacle(reason)


@pytest.mark.parametrize("applicant", [BOT, MODEL, replace(MODEL, agent_id=7)])
def test_what_the_registry_says_of_the_model_comes_with_its_numbers(applicant: Applicant) -> None:
    obstacle = judge(replace(applicant, model=DENIED), BOTS)

    assert obstacle == Obstacle(ModelReason.DENIED, "by a person")
    assert str(obstacle) == "denied: by a person"


@pytest.mark.parametrize(
    ("obstacle", "heading"),
    [
        (Obstacle(Reason.INACTIVE), "inactive"),
        (Obstacle(ModelReason.TOO_EXPENSIVE, "about 9.00 USD a match"), "too expensive"),
        (Obstacle(ModelReason.NO_KEY, "set SOME_KEY"), "no key (set SOME_KEY)"),
        (Obstacle(ModelReason.NO_BUDGET, "set ARENA_BUDGET"), "no budget (set ARENA_BUDGET)"),
    ],
)
def test_obstacles_are_counted_by_reason_and_by_the_setting_that_lifts_them(
    obstacle: Obstacle, heading: str
) -> None:
    assert obstacle.heading == heading


def test_of_several_reasons_the_first_of_the_list_is_shown() -> None:
    model = replace(DENIED, switched_off=True, replaced=True)
    everything = replace(MODEL, kind_enabled=False, active=False, model=model)
    shown = []
    for better in (
        everything,
        everything := replace(everything, kind_enabled=True),
        everything := replace(everything, model=replace(model, replaced=False)),
        everything := replace(everything, active=True),
        everything := replace(everything, model=DENIED),
        replace(everything, model=FINE),
    ):
        obstacle = judge(better, BOTS)
        assert obstacle is not None
        shown.append(obstacle.reason)

    assert shown == [
        Reason.KIND_OFF,
        Reason.REPLACED,
        Reason.INACTIVE,
        Reason.INACTIVE,
        ModelReason.DENIED,
        Reason.NO_PLAYER,
    ]
