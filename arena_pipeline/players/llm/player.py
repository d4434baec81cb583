"""A language model in a seat: one turn is a question, its answer read, and perhaps a reminder.

How calls are sent, paid for, retried and recorded is the business of whoever `Asks`; a turn that
can't go on now leaves here as `TurnPostponed`, one that the model spoilt as `PlayerFault`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from arena_pipeline.calls.asking import Answer, Asks, Callee, Message, Question
from arena_pipeline.calls.kinds import RefusalKind, ReplyProblem
from arena_pipeline.calls.plan import CallRefused, CallSite
from arena_pipeline.errors import ArenaError
from arena_pipeline.games.protocol import Action, Json
from arena_pipeline.logs import logger
from arena_pipeline.players.llm.conversation import first_message, reminded
from arena_pipeline.players.llm.fitting import PromptTooLong, fitting
from arena_pipeline.players.llm.reading import free_text, read_action
from arena_pipeline.players.protocol import (
    Decision,
    FaultKind,
    PlayerFault,
    TurnPostponed,
    TurnRequest,
)
from arena_pipeline.registry.prompts import Prompt
from arena_pipeline.store.types import clean_text

MEMORY, REMINDERS = 0, 1
"""Earlier turns a model is told of, and reminders it gets, where nobody says otherwise."""

RATIONALE_CHARACTERS = 2_000
"""Most of a reply that is kept with its turn, from its end; the ledger keeps it whole."""

REASONING_CHARACTERS = 1_000

REST_AFTER_BREAKING = timedelta(minutes=1)
"""How long a match waits after the arena itself failed."""

_LOG = logger(__name__)

_FAULTS = {
    ReplyProblem.EMPTY: FaultKind.EMPTY,
    ReplyProblem.CUT_OFF: FaultKind.CUT_OFF,
    ReplyProblem.REFUSAL: FaultKind.REFUSAL,
}
_DETAILS = {
    FaultKind.EMPTY: "the reply was empty",
    FaultKind.CUT_OFF: "the reply ran into its limit of tokens before it was an answer",
    FaultKind.REFUSAL: "the model declined to answer",
    FaultKind.NO_ACTION: "the reply named no legal action",
}


class LLMPlayer:
    """Asks a language model what to play, for one seat; it keeps nothing between turns.

    `memory` is the number of its own earlier turns it is told again; `reminders` how often it is
    asked once more after a reply without a legal action; `turn_timeout_s` seconds are for the whole
    turn, reminders and waiting for the gateway's pace included.
    """

    waits = True

    def __init__(
        self,
        asks: Asks,
        callee: Callee,
        prompt: Prompt,
        game: str,
        *,
        memory: int = MEMORY,
        reminders: int = REMINDERS,
        turn_timeout_s: float,
    ) -> None:
        self._asks, self._callee, self._prompt, self._game = asks, callee, prompt, game
        self._memory, self._reminders = memory, reminders
        self._turn_timeout = timedelta(seconds=turn_timeout_s)

    async def act(self, request: TurnRequest) -> Decision:
        """Decide one turn; needs `request.site`, under which calls and answers are kept.

        Raises PlayerFault (EMPTY, CUT_OFF, REFUSAL, NO_ACTION; with what was spent) when the last
        reminder was in vain, and TurnPostponed when a call is refused, no prompt can fit the
        model, or the arena itself fails.
        """
        if request.site is None:
            raise ValueError("a language model plays journaled matches only: the turn has no site")
        deadline = datetime.now(UTC) + self._turn_timeout
        messages: tuple[Message, ...] = (self._first_message(request),)
        turn = _Turn()
        for question in range(1 + self._reminders):
            answer = await self._ask(request.site, question, messages, deadline)
            turn.add(answer)
            action = _action(answer, request.legal_actions)
            if action is not None:
                return turn.decision(action)
            messages = reminded(messages[0], answer, request.legal_actions)
        fault = _fault(turn.answers[-1])
        detail = f"{_DETAILS[fault]}, after {_counted(self._reminders)}"
        raise PlayerFault(fault, detail, turn.decision(""))

    def _first_message(self, request: TurnRequest) -> Message:
        memory = request.past[-self._memory :] if self._memory > 0 else ()
        try:
            return fitting(
                self._callee,
                lambda turns: first_message(self._prompt.text, self._game, request, turns),
                memory,
            )
        except PromptTooLong as error:
            raise TurnPostponed(f"{RefusalKind.FAILING}: {error}") from error

    async def _ask(
        self, site: CallSite, question: int, messages: tuple[Message, ...], deadline: datetime
    ) -> Answer:
        asked = CallSite(
            site.match_id,
            site.match_uuid,
            site.step,
            site.slot,
            question,
            site.evaluation_id,
            site.agent_id,
            site.model_id,
        )
        try:
            return await self._asks.ask(self._callee, Question(asked, messages, deadline))
        except CallRefused as error:
            raise TurnPostponed(str(error), error.refused.until) from error
        except Exception as error:
            raise _broken(self._callee, asked, error) from error


def _broken(callee: Callee, site: CallSite, error: Exception) -> TurnPostponed:
    """The arena's own failure (its store, a mistake in it): the match waits a little. What others
    than we wrote into an error stays out of the store.
    """
    _LOG.warning(
        "asking a model failed",
        model=callee.client_name,
        match=site.match_uuid,
        step=site.step,
        error=type(error).__name__,
        exc_info=error,
    )
    what = str(error) if isinstance(error, ArenaError) else type(error).__name__
    reason = f"{RefusalKind.FAILING}: the arena could not ask {callee.client_name}: {what}"
    return TurnPostponed(reason, datetime.now(UTC) + REST_AFTER_BREAKING)


@dataclass(slots=True)
class _Turn:
    """The answers of one turn, and what they sum up to."""

    answers: list[Answer] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        self.answers.append(answer)

    def decision(self, action: Action) -> Decision:
        """The last answer as a decision, with the tokens and costs of all of them."""
        last = self.answers[-1]
        return Decision(
            action=action,
            rationale=_clipped(last.text, RATIONALE_CHARACTERS),
            input_tokens=_sum([answer.prompt_tokens for answer in self.answers]),
            output_tokens=_sum([answer.completion_tokens for answer in self.answers]),
            cost=_cost([answer.cost for answer in self.answers]),
            extra=self._extra(last),
        )

    def _extra(self, last: Answer) -> dict[str, Json]:
        hosts: list[Json] = list(
            dict.fromkeys(answer.host for answer in self.answers if answer.host is not None)
        )
        told: dict[str, Json] = {
            "attempts": sum(answer.attempts for answer in self.answers),
            "reminders": len(self.answers) - 1,
            "hosts": hosts,
            "reasoning": _clipped(last.reasoning, REASONING_CHARACTERS),
        }
        return {key: value for key, value in told.items() if value not in (None, [], 0)}


def _action(answer: Answer, legal: Sequence[Action] | None) -> Action | None:
    """What the answer says to play. A cut-off thought is no answer, whatever words are in it."""
    if answer.problem is not None:
        return None
    return free_text(answer.text) if legal is None else read_action(answer.text, legal)


def _fault(answer: Answer) -> FaultKind:
    return FaultKind.NO_ACTION if answer.problem is None else _FAULTS[answer.problem]


def _counted(reminders: int) -> str:
    return f"{reminders or 'no'} reminder{'' if reminders == 1 else 's'}"


def _clipped(text: str | None, most: int) -> str | None:
    """The end of a text, where the answer stands, without what can't be stored; None if blank."""
    if text is None or not text.strip():
        return None
    whole = clean_text(text.strip())
    return whole if len(whole) <= most else f"...{whole[-most:]}"


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _cost(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
