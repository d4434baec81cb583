"""Whether somebody may play, and the reason shown if not."""

from dataclasses import replace

import pytest

from arena_pipeline.evaluation.eligibility import (
    Applicant,
    Field,
    ModelFacts,
    Obstacle,
    Reason,
    judge,
)
from arena_pipeline.registry.policy.eligibility import Reason as ModelReason
from arena_pipeline.registry.policy.eligibility import Verdict

SNAKE = Field("snake", known=frozenset({"greedy", "nim"}), playing=frozenset({"greedy"}))
PRACTICE = replace(SNAKE, is_practice=True)
BOT = Applicant("greedy", 1, "bot", policy="greedy")
FINE = ModelFacts(Verdict("openai/gpt-5", None, None, None))
DENIED = ModelFacts(Verdict("openai/gpt-5", ModelReason.DENIED, "by a person", None))
MODEL = Applicant("openai/gpt-5", None, "llm", model=FINE)
CALLER = replace(MODEL, agent_id=7, prompt_game="snake")


def test_an_active_bot_of_a_policy_that_plays_the_game_may_play() -> None:
    assert judge(BOT, SNAKE) is None


def test_an_agent_with_a_prompt_for_the_game_may_play() -> None:
    assert judge(CALLER, SNAKE) is None


def test_who_practises_plays_with_others_who_practise_and_bots_play_anywhere() -> None:
    assert judge(replace(CALLER, is_practice=True), PRACTICE) is None
    assert judge(CALLER, PRACTICE) == Obstacle(Reason.ELSEWHERE)
    assert judge(BOT, PRACTICE) is None


@pytest.mark.parametrize(
    ("applicant", "reason"),
    [
        (replace(BOT, kind_enabled=False), Reason.KIND_OFF),
        (replace(BOT, active=False), Reason.INACTIVE),
        (replace(BOT, policy="no such"), Reason.UNKNOWN_POLICY),
        (replace(BOT, policy="nim"), Reason.OTHER_GAME),
        (replace(BOT, bad_settings=True), Reason.BAD_SETTINGS),
        (replace(BOT, kind="human", policy=None), Reason.NO_PLAYER),
        (MODEL, Reason.NOT_ACTIVE),
        (replace(MODEL, model=replace(FINE, active=True)), Reason.NOT_ENROLLED),
        (replace(CALLER, prompt_game=None), Reason.NO_PROMPT),
        (replace(CALLER, prompt_game="nim"), Reason.OTHER_GAME),
        (replace(CALLER, bad_settings=True), Reason.BAD_SETTINGS),
        (replace(CALLER, is_practice=True), Reason.ELSEWHERE),
        (replace(MODEL, model=replace(FINE, switched_off=True)), Reason.INACTIVE),
        (replace(MODEL, model=replace(FINE, replaced=True)), Reason.REPLACED),
        (replace(BOT, model=replace(FINE, replaced=True)), Reason.REPLACED),
    ],
)
def test_whoever_may_not_play_is_told_why(applicant: Applicant, reason: Reason) -> None:
    assert judge(applicant, SNAKE) == Obstacle(reason)


@pytest.mark.parametrize("applicant", [BOT, MODEL, CALLER])
def test_what_the_registry_says_of_the_model_comes_with_its_numbers(applicant: Applicant) -> None:
    obstacle = judge(replace(applicant, model=DENIED), SNAKE)

    assert obstacle == Obstacle(ModelReason.DENIED, "by a person")
    assert str(obstacle) == "denied: by a person"


@pytest.mark.parametrize(
    ("obstacle", "heading"),
    [
        (Obstacle(Reason.INACTIVE), "inactive"),
        (Obstacle(ModelReason.TOO_EXPENSIVE, "about 9.00 USD a match"), "too expensive"),
        (Obstacle(ModelReason.NO_KEY, "set SOME_KEY"), "no key (set SOME_KEY)"),
        (Obstacle(ModelReason.NO_BUDGET, "set ARENA_BUDGET"), "no budget (set ARENA_BUDGET)"),
        (
            Obstacle(Reason.HELD_UP, "budget: 1.00 of 1.00 USD are gone (ARENA_BUDGET) (until 9)"),
            "waiting, budget (ARENA_BUDGET)",
        ),
        (Obstacle(Reason.HELD_UP, "circuit: acme fails"), "waiting, circuit"),
        (Obstacle(Reason.HELD_UP, "who knows"), str(Reason.HELD_UP)),
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
        obstacle = judge(better, SNAKE)
        assert obstacle is not None
        shown.append(obstacle.reason)

    assert shown == [
        Reason.KIND_OFF,
        Reason.REPLACED,
        Reason.INACTIVE,
        Reason.INACTIVE,
        ModelReason.DENIED,
        Reason.NOT_ACTIVE,
    ]
