"""Whether an agent may play, and if not, why.

Pure decisions over registry rows; no database, no clock, no Dagster. What a model costs and whether
it is wanted is decided in `registry.policy.eligibility`, who plays whom in
`evaluation.matchmaking`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from arena_pipeline.registry.policy.eligibility import Reason as ModelReason
from arena_pipeline.registry.policy.eligibility import Verdict


class Reason(StrEnum):
    """Why somebody waits, in words for people. Of several that apply the first here is the one
    shown: what somebody switched off, then what the registry says of the model, which is between
    `INACTIVE` and `NO_PLAYER`, then what lacks for playing.
    """

    KIND_OFF = "kind switched off"
    REPLACED = "its model was replaced"
    INACTIVE = "inactive"
    NO_PLAYER = "no player yet"
    UNKNOWN_POLICY = "no bot with its policy"
    OTHER_GAME = "does not play this game"
    BAD_SETTINGS = "settings its bot can't take"
    LAST_FAILED = "last placement failed"
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
        remedy = self.detail if self.reason in _REMEDIED else None
        return f"{self.reason} ({remedy})" if remedy else str(self.reason)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the registry says of the model somebody plays with.

    `switched_off`: somebody made it inactive. `replaced`: its slug stands for another model since
    the agent was made.
    """

    verdict: Verdict
    switched_off: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """An agent, or a model that has no agent yet (`agent_id` None); `model_id` is what an agent
    plays with. `bad_settings`: its policy refuses them.
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


@dataclass(frozen=True, slots=True)
class Bots:
    """The policies there are, and those that play the game in question."""

    known: frozenset[str]
    playing: frozenset[str]


def judge(applicant: Applicant, bots: Bots) -> Obstacle | None:
    """What keeps `applicant` from playing, or None if it may.

    The first that applies, so that the same applicant always shows the same one.
    """
    return (
        _first(_SWITCHES, applicant, bots) or _model(applicant) or _first(_NEEDS, applicant, bots)
    )


def _model(applicant: Applicant) -> Obstacle | None:
    if applicant.model is None or applicant.model.verdict.reason is None:
        return None
    return Obstacle(applicant.model.verdict.reason, applicant.model.verdict.detail)


def _first(rules: "_Rules", applicant: Applicant, bots: Bots) -> Obstacle | None:
    applying = (reason for reason, applies in rules if applies(applicant, bots))
    return next((Obstacle(reason) for reason in applying), None)


_REMEDIED = frozenset({ModelReason.NO_KEY, ModelReason.NO_BUDGET})
_Rules = tuple[tuple[Reason, Callable[[Applicant, Bots], bool]], ...]

_SWITCHES: _Rules = (
    (Reason.KIND_OFF, lambda who, bots: not who.kind_enabled),
    (Reason.REPLACED, lambda who, bots: who.model is not None and who.model.replaced),
    (Reason.INACTIVE, lambda who, bots: not who.active),
    (Reason.INACTIVE, lambda who, bots: who.model is not None and who.model.switched_off),
)
_NEEDS: _Rules = (
    (Reason.NO_PLAYER, lambda who, bots: who.agent_id is None or who.kind != "bot"),
    (Reason.UNKNOWN_POLICY, lambda who, bots: who.policy not in bots.known),
    (Reason.OTHER_GAME, lambda who, bots: who.policy not in bots.playing),
    (Reason.BAD_SETTINGS, lambda who, bots: who.bad_settings),
)
