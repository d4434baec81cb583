"""Whether an agent may play, and if not, why.

Pure decisions over registry rows; no database, no clock, no Dagster. What a model costs and whether
it is wanted is decided in `registry.policy.eligibility`, who plays whom in
`evaluation.matchmaking`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.registry.policy.eligibility import Reason as ModelReason
from arena_pipeline.registry.policy.eligibility import Verdict

CALLING = "llm"
"""The kind of agent that calls its model, which takes a key and may cost money."""


class Reason(StrEnum):
    """Why somebody waits, in words for people. Of several that apply the first here is the one
    shown: what somebody switched off, then what the registry says of the model, which is between
    `INACTIVE` and `NOT_ACTIVE`, then what lacks for playing.
    """

    ELSEWHERE = "plays on another ladder"
    KIND_OFF = "kind switched off"
    REPLACED = "its model was replaced"
    INACTIVE = "inactive"
    NOT_ACTIVE = "not active (arena models activate, or ARENA_ACTIVATE_UNDER)"
    NOT_ENROLLED = "no agent yet: the next sync makes one"
    NO_PLAYER = "no player for its kind"
    NO_PROMPT = "no prompt"
    UNKNOWN_POLICY = "no bot with its policy"
    OTHER_GAME = "does not play this game"
    BAD_SETTINGS = "settings its bot can't take"
    LAST_FAILED = "last placement failed"
    BACKING_OFF = "last placement failed, will be tried again"
    CANCELLED = "cancelled until somebody asks again"
    HELD_UP = "waiting for money, a gateway or another day"
    STOPPED = "stopped until arena up or somebody asks again"
    NO_OPPONENT = "nobody to play against"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps somebody from playing. `detail` is half a sentence with the numbers."""

    reason: Reason | ModelReason
    detail: str | None = None

    @property
    def heading(self) -> str:
        """What it is counted under: the reason, with the setting to set where one is enough."""
        if self.reason is Reason.HELD_UP:
            return _hold_up(self.detail or "")
        remedy = self.detail if self.reason in _REMEDIED else None
        return f"{self.reason} ({remedy})" if remedy else str(self.reason)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the registry says of the model somebody plays with.

    `switched_off`: somebody made it inactive. `replaced`: its slug stands for another model since
    the agent was made. `active`: it may be an opponent of others.
    """

    verdict: Verdict
    switched_off: bool = False
    replaced: bool = False
    active: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """An agent, or a model that has no agent yet (`agent_id` None); `model_id` is what an agent
    plays with. `bad_settings`: its policy refuses them, or no call can be made with them.

    Of one that calls its model: `gateway` is where, `is_practice` whether that is one to practise
    with, `prompt_game` the game that its prompt is for (None: it has no prompt).
    """

    name: str
    agent_id: int | None
    kind: str
    active: bool = True
    kind_enabled: bool = True
    policy: str | None = None
    bad_settings: bool = False
    model: ModelFacts | None = None
    model_id: int | None = None
    gateway: str | None = None
    is_practice: bool = False
    prompt_game: str | None = None

    @property
    def calls(self) -> bool:
        """Whether it calls a language model for its turns."""
        return self.kind == CALLING


@dataclass(frozen=True, slots=True)
class Field:
    """What is played: the game, whether only to practise, the bots there are and those that play
    it.
    """

    game: str
    known: frozenset[str]
    playing: frozenset[str]
    is_practice: bool = False


def judge(applicant: Applicant, field: Field) -> Obstacle | None:
    """What keeps `applicant` from playing, or None if it may.

    The first that applies, so that the same applicant always shows the same one.
    """
    needs = _CALLERS_NEED if applicant.calls else _BOTS_NEED
    return (
        _first(_SWITCHES, applicant, field) or _model(applicant) or _first(needs, applicant, field)
    )


def _model(applicant: Applicant) -> Obstacle | None:
    if applicant.model is None or applicant.model.verdict.reason is None:
        return None
    return Obstacle(applicant.model.verdict.reason, applicant.model.verdict.detail)


def _first(rules: "_Rules", applicant: Applicant, field: Field) -> Obstacle | None:
    applying = (reason for reason, applies in rules if applies(applicant, field))
    return next((Obstacle(reason) for reason in applying), None)


def _hold_up(detail: str) -> str:
    """What somebody waits for, by the word in front, and the setting that is named."""
    kind = detail.partition(":")[0]
    if kind not in [*RefusalKind]:
        return str(Reason.HELD_UP)
    named = re.search(r"\b(?:ARENA_[A-Z_]+|[A-Z][A-Z0-9_]+_KEY)\b", detail)
    return f"waiting, {kind}" + (f" ({named[0]})" if named else "")


_REMEDIED = frozenset({ModelReason.NO_KEY, ModelReason.NO_BUDGET})
_Rules = tuple[tuple[Reason, Callable[[Applicant, Field], bool]], ...]

_SWITCHES: _Rules = (
    (Reason.ELSEWHERE, lambda who, field: who.calls and who.is_practice != field.is_practice),
    (Reason.KIND_OFF, lambda who, field: not who.kind_enabled),
    (Reason.REPLACED, lambda who, field: who.model is not None and who.model.replaced),
    (Reason.INACTIVE, lambda who, field: not who.active),
    (Reason.INACTIVE, lambda who, field: who.model is not None and who.model.switched_off),
)
_CALLERS_NEED: _Rules = (
    (
        Reason.NOT_ACTIVE,
        lambda who, field: who.agent_id is None and not (who.model and who.model.active),
    ),
    (Reason.NOT_ENROLLED, lambda who, field: who.agent_id is None),
    (Reason.NO_PROMPT, lambda who, field: who.prompt_game is None),
    (Reason.OTHER_GAME, lambda who, field: who.prompt_game != field.game),
    (Reason.BAD_SETTINGS, lambda who, field: who.bad_settings),
)
_BOTS_NEED: _Rules = (
    (Reason.NO_PLAYER, lambda who, field: who.agent_id is None or who.kind != "bot"),
    (Reason.UNKNOWN_POLICY, lambda who, field: who.policy not in field.known),
    (Reason.OTHER_GAME, lambda who, field: who.policy not in field.playing),
    (Reason.BAD_SETTINGS, lambda who, field: who.bad_settings),
)
