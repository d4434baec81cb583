"""A language model in a seat: questions, reminders, faults, and what a turn cost."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arena_pipeline.calls.asking import Answer, Callee, Question
from arena_pipeline.calls.kinds import RefusalKind, ReplyProblem
from arena_pipeline.calls.plan import CallRefused, Refused
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.errors import StoreError
from arena_pipeline.players.llm.player import RATIONALE_CHARACTERS, LLMPlayer
from arena_pipeline.players.llm.snake import position_in
from arena_pipeline.players.protocol import (
    Decision,
    FaultKind,
    PastTurn,
    PlayerFault,
    TurnPostponed,
    TurnRequest,
)
from arena_pipeline_tests.games.snake.boards import start
from arena_pipeline_tests.players.llm.prompts import built_in, prompt, request

CALLEE = Callee("local", "vendor/model", Tariff.of(Decimal(1), Decimal(2), {}))
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Oracle:
    """Somebody who answers from a list, and keeps what was asked."""

    def __init__(self, *answers: Answer | str | Exception) -> None:
        self.answers, self.asked = list(answers), list[Question]()

    async def ask(self, callee: Callee, question: Question) -> Answer:
        """The next answer of the list."""
        self.asked.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer) if isinstance(answer, str) else answer


def act(oracle: Oracle, asked: TurnRequest, **options: Any) -> Decision:
    """One turn of a player who asks `oracle`."""
    callee = options.pop("callee", CALLEE)
    words = options.pop("prompt", None) or built_in()
    player = LLMPlayer(oracle, callee, words, words.game, **{"turn_timeout_s": 60.0, **options})
    return asyncio.run(player.act(asked))


def fault_of(oracle: Oracle, asked: TurnRequest, **options: Any) -> PlayerFault:
    """The fault this turn ends in."""
    with pytest.raises(PlayerFault) as caught:
        act(oracle, asked, **options)
    return caught.value


def contents(question: Question) -> Sequence[tuple[str, str]]:
    """The messages of a question."""
    return [(message.role, message.content) for message in question.messages]


def test_a_good_answer_is_the_decision_with_all_that_is_known_of_it() -> None:
    state = start()
    answer = Answer(
        "Room above.\nUP",
        reasoning="long thoughts",
        prompt_tokens=700,
        completion_tokens=9,
        cost=Decimal("0.0007"),
        host="Host",
        attempts=3,
    )
    oracle = Oracle(answer)

    decision = act(oracle, request(state, 1))

    assert decision == Decision(
        "UP",
        "Room above.\nUP",
        700,
        9,
        Decimal("0.0007"),
        {"attempts": 3, "hosts": ["Host"], "reasoning": "long thoughts"},
    )
    (asked,) = oracle.asked
    assert (asked.site.slot, asked.site.question, asked.site.agent_id) == (1, 0, 3)
    assert position_in(asked.messages[0].content) == state.observation(1)
    assert [message.role for message in asked.messages] == ["user"]


def test_a_reply_without_an_action_is_followed_by_one_reminder() -> None:
    oracle = Oracle(
        Answer("hm", prompt_tokens=5, completion_tokens=1, cost=Decimal(1), host="a"),
        Answer("left", prompt_tokens=7, completion_tokens=2, cost=Decimal(2), host="b", attempts=2),
    )

    decision = act(oracle, request(start()))

    assert (decision.action, decision.input_tokens, decision.output_tokens) == ("LEFT", 12, 3)
    assert decision.cost == 3
    assert decision.extra == {"attempts": 3, "reminders": 1, "hosts": ["a", "b"]}
    first, second = oracle.asked
    assert (first.site.question, second.site.question) == (0, 1)
    wanted = "Answer now with one word only: UP, DOWN, LEFT or RIGHT."
    assert contents(second) == [
        ("user", first.messages[0].content),
        ("assistant", "hm"),
        ("user", f"Your reply named no legal action. {wanted}"),
    ]
    assert second.deadline == first.deadline


def test_after_an_empty_reply_the_reminder_is_part_of_the_prompt() -> None:
    oracle = Oracle(Answer(" ", ReplyProblem.EMPTY), "UP")

    assert act(oracle, request(start())).action == "UP"

    ((role, told),) = contents(oracle.asked[1])
    assert role == "user"
    assert told.startswith(oracle.asked[0].messages[0].content)
    assert "Your reply was empty." in told


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer("", ReplyProblem.EMPTY), FaultKind.EMPTY),
        (Answer("I think UP", ReplyProblem.CUT_OFF), FaultKind.CUT_OFF),
        (Answer("I can't go UP", ReplyProblem.REFUSAL), FaultKind.REFUSAL),
        (Answer("whatever"), FaultKind.NO_ACTION),
    ],
)
def test_after_the_last_reminder_the_turn_is_the_models_fault(
    answer: Answer, kind: FaultKind
) -> None:
    oracle = Oracle(answer, answer, answer)

    fault = fault_of(oracle, request(start()), reminders=2)

    assert fault.kind is kind
    assert "after 2 reminders" in fault.detail
    assert [asked.site.question for asked in oracle.asked] == [0, 1, 2]


def test_without_reminders_the_first_reply_decides() -> None:
    oracle = Oracle("no idea")

    assert "after no reminders" in fault_of(oracle, request(start()), reminders=0).detail
    assert len(oracle.asked) == 1


def test_a_fault_tells_what_it_cost() -> None:
    bad = Answer("eh", prompt_tokens=5, completion_tokens=1, cost=Decimal("0.5"), host="h")

    spent = fault_of(Oracle(bad, bad), request(start())).spent

    assert spent == Decision(
        "", "eh", 10, 2, Decimal(1), {"attempts": 2, "reminders": 1, "hosts": ["h"]}
    )


def test_what_one_question_cost_unknown_makes_the_turns_cost_unknown() -> None:
    known = Answer("hm", prompt_tokens=5, completion_tokens=1, cost=Decimal(1))

    decision = act(Oracle(known, Answer("UP", prompt_tokens=5)), request(start()))

    assert (decision.input_tokens, decision.output_tokens, decision.cost) == (10, None, None)


@pytest.mark.parametrize("until", [None, LATER])
def test_a_refused_call_postpones_the_turn(until: datetime | None) -> None:
    refused = CallRefused(Refused(RefusalKind.BUDGET, "ARENA_BUDGET is used up", until))

    with pytest.raises(TurnPostponed) as caught:
        act(Oracle("hm", refused), request(start()))

    assert caught.value.reason == "budget: ARENA_BUDGET is used up"
    assert caught.value.until == until


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StoreError("The database is locked"), "The database is locked"),
        (TimeoutError("sk-secret"), "TimeoutError"),
        (KeyError("sk-secret"), "KeyError"),
    ],
)
def test_a_failure_of_the_arena_is_not_the_models_fault(error: Exception, told: str) -> None:
    with pytest.raises(TurnPostponed) as caught:
        act(Oracle(error), request(start()))

    assert caught.value.reason == f"failing: the arena could not ask vendor/model: {told}"
    assert caught.value.until is not None


def test_the_deadline_is_for_the_whole_turn() -> None:
    oracle, before = Oracle("UP"), datetime.now(UTC)

    act(oracle, request(start()), turn_timeout_s=30.0)

    passed = oracle.asked[0].deadline - before
    assert timedelta(seconds=30) <= passed < timedelta(seconds=40)


def test_memory_is_of_the_newest_turns() -> None:
    past = [PastTurn(step, "UP", None, f"thought {step}") for step in range(5)]
    oracle = Oracle("UP", "UP")

    act(oracle, request(start(), 0, *past), memory=2)
    act(oracle, request(start(), 0, *past))

    told, untold = (asked.messages[0].content for asked in oracle.asked)
    assert "thought 2" not in told
    assert "Turn 4: UP - you wrote: thought 3\nTurn 5: UP - you wrote: thought 4" in told
    assert "thought" not in untold


def test_memory_gives_way_in_a_small_context() -> None:
    past = [PastTurn(step, "UP", None, f"thought {step} " + "-" * 150) for step in range(20)]
    oracle = Oracle("UP")
    small = Callee("local", "vendor/model", CALLEE.tariff, context_length=2_048)

    act(oracle, request(start(), 0, *past), memory=20, callee=small)

    told = oracle.asked[0].messages[0].content
    assert "thought 19" in told
    assert "thought 2 " not in told
    assert len(told.encode()) <= 2 * 2_048


def test_a_prompt_that_can_not_fit_postpones_the_match_and_says_why() -> None:
    tiny = Callee("local", "vendor/model", CALLEE.tariff, context_length=512)
    oracle = Oracle("UP")

    with pytest.raises(TurnPostponed, match="does not fit the 512 of 'vendor/model'"):
        act(oracle, request(start()), callee=tiny)
    assert oracle.asked == []


def test_a_long_reply_is_kept_by_its_end_and_fit_to_be_stored() -> None:
    decision = act(Oracle("\x00\ud800" + "a" * 5_000 + "\nUP"), request(start()))

    assert decision.rationale is not None
    assert decision.rationale.endswith("aaa\nUP")
    assert len(decision.rationale) == RATIONALE_CHARACTERS + 3
    short = act(Oracle("\x00\ud800\nUP"), request(start())).rationale
    assert short == "\ufffd\ufffd\nUP"


def test_where_any_text_is_legal_the_whole_reply_is_the_action() -> None:
    asked = TurnRequest(0, 0, {"say": "what"}, None, start(), site=request(start()).site)
    words = prompt("{position}", game="other")

    assert act(Oracle("I accuse\nBob"), asked, prompt=words).action == "I accuse\nBob"
    blank = fault_of(Oracle("", " "), asked, prompt=words)
    assert blank.kind is FaultKind.NO_ACTION


def test_a_turn_without_a_site_is_a_mistake_of_the_program() -> None:
    asked = TurnRequest(0, 0, start().observation(0), ("UP",), start())

    with pytest.raises(ValueError, match="journaled matches only"):
        act(Oracle("UP"), asked)
