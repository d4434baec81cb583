"""Whether somebody may play, and the reason shown if not."""

from dataclasses import replace

import pytest

from arena_pipeline.evaluation.eligibility import Applicant, Bots, ModelFacts, Reason, judge

BOTS = Bots(known=frozenset({"greedy", "nim"}), playing=frozenset({"greedy"}))
BOT = Applicant("greedy", 1, "bot", policy="greedy")
MODEL = Applicant("openai/gpt-5", None, "llm", model=ModelFacts())


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
        (replace(MODEL, model=ModelFacts(removed=True)), Reason.REMOVED),
        (replace(MODEL, model=ModelFacts(retired=True)), Reason.RETIRED),
        (replace(MODEL, model=ModelFacts(denied=True)), Reason.DENIED),
        (replace(MODEL, model=ModelFacts(switched_off=True)), Reason.INACTIVE),
    ],
)
def test_whoever_may_not_play_is_told_why(applicant: Applicant, reason: Reason) -> None:
    assert judge(applicant, BOTS) is reason


def test_of_several_reasons_the_first_of_the_list_is_shown() -> None:
    everything = replace(
        MODEL, kind_enabled=False, model=ModelFacts(removed=True, denied=True, switched_off=True)
    )

    assert judge(everything, BOTS) is Reason.KIND_OFF
    assert judge(replace(everything, kind_enabled=True), BOTS) is Reason.INACTIVE
