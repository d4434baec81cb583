"""TrueSkill of a ladder whose policy asks for it: a second rating beside the one it is sorted by.

Policy `{"trueskill": "started_at"}`: as the older snake leaderboard published it, in the order in
which matches began. That order is not the ladder's own, so that a match that comes in later may
stand before others: everything is rated again each time. What is computed is in
`ratings.trueskill`.
"""

from datetime import UTC, datetime

from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, ranks_of
from arena_pipeline.matches.standings import Tally
from arena_pipeline.ratings import trueskill

POLICY = "trueskill"
BY_START = "started_at"

_Place = tuple[bool, str, bool, str, str]
_Seen = tuple[_Place, tuple[str, ...], tuple[int, ...]]


class SkillPass:
    """Takes down the rated matches of a ladder, in whatever order they come, and rates them at the
    end. It does nothing on a ladder whose policy does not ask for it.
    """

    def __init__(self, rule: LadderRule) -> None:
        self._rule = rule
        self._matches: list[_Seen] = []
        self._found: dict[str, tuple[float, float]] | None = None

    @property
    def is_asked_for(self) -> bool:
        """Whether the ladder keeps TrueSkill."""
        return self._rule.policy.get(POLICY) == BY_START

    def see(self, match: MatchFacts) -> None:
        """Take down a rated match: who sat there, how it ended, and when it began."""
        if self.is_asked_for:
            names = tuple(str(self._rule.competitor_of(seat)) for seat in match.seats)
            self._matches.append((_place(match), names, tuple(ranks_of(match.seats))))

    def finish(self, tallies: dict[str, Tally]) -> None:
        """Put mean and standard deviation into the tallies of all who played; may be repeated for
        other tallies of the same matches.
        """
        if self._found is None:
            self._found = self._rated()
        for name, (mu, sigma) in self._found.items():
            tallies[name].live_mu, tallies[name].live_sigma = mu, sigma

    def _rated(self) -> dict[str, tuple[float, float]]:
        rules = trueskill.PUBLISHED
        newcomer = rules.mu, rules.sigma
        skills: dict[str, tuple[float, float]] = {}
        for _, names, ranks in sorted(self._matches):
            before = [skills.get(name, newcomer) for name in names]
            mus, sigmas = zip(*before, strict=True)
            # In self-play both seats start from the same skill, and what the later one comes to
            # replaces what the earlier one came to.
            skills.update(
                zip(
                    names, zip(*trueskill.rate(mus, sigmas, ranks, rules), strict=True), strict=True
                )
            )
        return skills


def _place(match: MatchFacts) -> _Place:
    """By start, then end, both as published where there is such a text, unknown ones first; then by
    uuid.
    """
    start = _text(match.started_at_text, match.started_at)
    end = _text(match.ended_at_text, match.ended_at)
    return start is not None, start or "", end is not None, end or "", match.uuid


def _text(original: str | None, moment: datetime | None) -> str | None:
    """A time as texts of imports have it: naive, with microseconds."""
    if original is not None or moment is None:
        return original
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
