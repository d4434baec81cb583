"""Whether an agent may play, and if not, why.

Pure decisions over registry rows; no database, no clock, no Dagster. Prices and budgets are decided
elsewhere; who plays whom in `evaluation.matchmaking`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why somebody waits, in words for people. Of several that apply the first here is the one
    shown.
    """

    KIND_OFF = "kind switched off"
    INACTIVE = "inactive"
    RETIRED = "retired"
    REMOVED = "no longer in the catalog"
    DENIED = "denied"
    NO_PLAYER = "no player yet"
    UNKNOWN_POLICY = "no bot with its policy"
    OTHER_GAME = "does not play this game"
    BAD_SETTINGS = "settings its bot can't take"
    LAST_FAILED = "last placement failed"
    STOPPED = "stopped until arena up or somebody asks again"
    NO_OPPONENT = "nobody to play against"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model's row says about being evaluated. `switched_off`: somebody made it inactive."""

    removed: bool = False
    retired: bool = False
    denied: bool = False
    switched_off: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """An agent, or a model that has no agent yet (`agent_id` None). `bad_settings`: its policy
    refuses them.
    """

    name: str
    agent_id: int | None
    kind: str
    active: bool = True
    kind_enabled: bool = True
    policy: str | None = None
    bad_settings: bool = False
    model: ModelFacts | None = None


@dataclass(frozen=True, slots=True)
class Bots:
    """The policies there are, and those that play the game in question."""

    known: frozenset[str]
    playing: frozenset[str]


def judge(applicant: Applicant, bots: Bots) -> Reason | None:
    """The reason why `applicant` may not play, or None if it may."""
    return next((reason for reason, applies in _RULES if applies(applicant, bots)), None)


def _model(applicant: Applicant) -> ModelFacts:
    return applicant.model or ModelFacts()


_RULES: tuple[tuple[Reason, Callable[[Applicant, Bots], bool]], ...] = (
    (Reason.KIND_OFF, lambda who, bots: not who.kind_enabled),
    (Reason.INACTIVE, lambda who, bots: not who.active or _model(who).switched_off),
    (Reason.RETIRED, lambda who, bots: _model(who).retired),
    (Reason.REMOVED, lambda who, bots: _model(who).removed),
    (Reason.DENIED, lambda who, bots: _model(who).denied),
    (Reason.NO_PLAYER, lambda who, bots: who.agent_id is None or who.kind != "bot"),
    (Reason.UNKNOWN_POLICY, lambda who, bots: who.policy not in bots.known),
    (Reason.OTHER_GAME, lambda who, bots: who.policy not in bots.playing),
    (Reason.BAD_SETTINGS, lambda who, bots: who.bad_settings),
)
