"""What a ladder counts and how: pure decisions on one match, no database.

A ladder's row is a filter (which matches), a competitor (who is ranked), an ordering and a policy
(which numbers). Matches outside a ladder's scope (another game, config or purpose) leave no trace
on it; those inside that do not count are kept with their `Reason`. Both are judged from what the
store keeps of a match, never from files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from arena_pipeline.ratings import elo
from arena_pipeline.store.tables import CompetitorKind, Ordering

PUBLISHED_CLOCK = "published"
"""Value of the policy `clock`: the order is that of the published texts, compared as they are."""

PRACTICE_CONFIGS = "practice"
"""How the name of a config begins that is played for practice only."""


def is_practice_config(name: str) -> bool:
    """Whether matches of this config are practice: only ladders that name it count them."""
    return name.startswith(PRACTICE_CONFIGS)


class System(StrEnum):
    """The number a ladder is about."""

    ELO = "elo"
    MEAN_SCORE = "mean_score"


class Reason(StrEnum):
    """Why a match inside a ladder's scope is not rated there. The first that applies is the one
    kept.
    """

    NO_COMPETITOR = "no_competitor"
    GATEWAY_FAULTS = "gateway_faults"
    SELF_PLAY = "self_play"
    PLACEHOLDER = "placeholder"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What a ladder needs to know of one participant. `placeholder`: its name says nothing of who
    played.
    """

    name: str
    agent: str | None
    model: str | None
    agent_id: int | None
    model_id: int | None
    result: str
    score: float
    team: str | None
    gateway_faults: int
    placeholder: bool = False


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """What a ladder needs to know of a match: the seats in slot order decide the ratings, the rest
    is sealed by the chain. The texts, an import's own words for its times, only decide an order.
    """

    id: int
    uuid: str
    config: str
    rule_version: str
    started_at: datetime | None
    ended_at: datetime | None
    replay_digest: str | None
    seats: Sequence[SeatFacts]
    is_void: bool = False
    started_at_text: str | None = None
    ended_at_text: str | None = None


@dataclass(frozen=True, slots=True)
class LadderRule:
    """One ladder's rule set.

    Filter keys: `configs` and `purposes` (lists of names; absent: all, but configs for practice),
    `self_play`, `gateway_faults` and `placeholders` (whether such matches count; default no).
    Policy keys: `system`, `k`, `initial`, `clock` ("published": a ladder ordered by time goes by
    the imports' own words for it), `trueskill` ("started_at": a rebuild also keeps TrueSkill, by
    start), `reminders` (how often a language model is asked again for a move; default 1).
    """

    id: int
    name: str
    game: str
    competitor: CompetitorKind
    ordering: Ordering
    filter: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)

    @property
    def system(self) -> System:
        """Which number this ladder keeps."""
        return System(self.policy.get("system", System.ELO))

    @property
    def k(self) -> float:
        """Elo's K, in points."""
        return float(self.policy.get("k", elo.K))

    @property
    def initial(self) -> float:
        """Elo of somebody who has not played."""
        return float(self.policy.get("initial", elo.INITIAL))

    @property
    def is_by_published_clock(self) -> bool:
        """Whether matches are ordered by the text of their end as it was published."""
        return self.ordering is Ordering.ENDED_AT and self.policy.get("clock") == PUBLISHED_CLOCK

    @property
    def is_practice(self) -> bool:
        """Whether only practice is counted here: all its configs are for that."""
        names = self.filter.get("configs", ())
        return bool(names) and all(map(is_practice_config, names))

    def covers(self, game: str, config: str, purpose: str) -> bool:
        """Whether a match is in this ladder's scope at all."""
        return (
            game == self.game
            and self._covers_config(config)
            and purpose in self.filter.get("purposes", (purpose,))
        )

    def _covers_config(self, config: str) -> bool:
        if "configs" in self.filter:
            return config in self.filter["configs"]
        return not is_practice_config(config)

    def competitor_of(self, seat: SeatFacts) -> str | None:
        """Who this seat counts for: agent alias, model slug (a bot's alias, having no model), or
        the name as played. None where there is none.
        """
        match self.competitor:
            case CompetitorKind.AGENT:
                return seat.agent
            case CompetitorKind.MODEL:
                return seat.model or seat.agent
            case CompetitorKind.NAME:
                return seat.name

    def judge(self, match: MatchFacts) -> Reason | None:
        """Why a match in scope is not rated, or None if it is."""
        if match.is_void:
            return Reason.VOID
        seats = match.seats
        competitors = [self.competitor_of(seat) for seat in seats]
        if not seats or None in competitors:
            return Reason.NO_COMPETITOR
        if not self.filter.get("gateway_faults", False) and any(s.gateway_faults for s in seats):
            return Reason.GATEWAY_FAULTS
        if not self.filter.get("self_play", False) and len(set(competitors)) < len(competitors):
            return Reason.SELF_PLAY
        if not self.filter.get("placeholders", False) and any(s.placeholder for s in seats):
            return Reason.PLACEHOLDER
        return None


RANKS = {"won": elo.WON, "tied": elo.TIED, "lost": elo.LOST}
"""Results as ranks for pairwise ratings; any other word counts as a tie, as in the published
ratings.
"""


def ranks_of(seats: Sequence[SeatFacts]) -> list[int]:
    """Rank of each seat's result, higher for better."""
    return [RANKS.get(seat.result, elo.TIED) for seat in seats]


def teams_of(seats: Sequence[SeatFacts]) -> list[int] | None:
    """A number for each seat's team, or None where nobody has one."""
    names = list(dict.fromkeys(seat.team for seat in seats if seat.team is not None))
    if not names:
        return None
    return [elo.NO_TEAM if seat.team is None else names.index(seat.team) for seat in seats]
