"""A ladder as it would be of some of its matches alone, in memory: nothing is stored."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, Row

from arena_pipeline.leaderboard.history import JudgedMatch, in_scope
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.matches.ladder_rules import LadderRule, System
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.matches.standings import Move, Tally, apply_match
from arena_pipeline.store import Store


class Restricted:
    """The ladder in `ladder` (a row of `ladders`) rated again of the matches `uuids` alone (None:
    of all), by its own rules and in its own order.

    `tallies` by competitor, in the order in which they were first rated, seats of a match by slot;
    `rated` and `not_rated` count matches, the latter by `Reason`. All of this grows while
    `matches()` is gone through and is complete after it.
    """

    def __init__(
        self,
        connection: Connection,
        ladder: Row[Any],
        uuids: Collection[str] | None = None,
        *,
        by_time: bool = False,
    ) -> None:
        self.rule: LadderRule = rule_of(ladder)
        self.tallies: dict[str, Tally] = {}
        self.rated = 0
        self.not_rated: Counter[str] = Counter()
        self._connection, self._ladder, self._by_time = connection, ladder, by_time
        self._asked = None if uuids is None else frozenset(uuids)
        self._met: set[str] = set()

    @property
    def missing(self) -> frozenset[str]:
        """Matches asked for that are not in the ladder's scope, or not known at all."""
        return frozenset() if self._asked is None else self._asked - self._met

    def matches(self) -> Iterator[tuple[JudgedMatch, list[Move]]]:
        """The matches that are rated, each with what it did to its competitors; can be gone through
        once.
        """
        skill = SkillPass(self.rule)
        scope = in_scope(
            self._connection, self._ladder, self.rule, by_time=self._by_time, uuids=self._asked
        )
        for judged in scope:
            match = judged.facts
            if self._asked is not None:
                self._met.add(match.uuid)
            if (reason := self.rule.judge(match)) is not None:
                self.not_rated[reason.value] += 1
                continue
            self.rated += 1
            moves = apply_match(self.rule, self.tallies, match.seats, match.started_at)
            skill.see(match)
            yield judged, moves
        skill.finish(self.tallies)

    def run(self) -> Self:
        """Go through all matches."""
        for _ in self.matches():
            pass
        return self


@dataclass(frozen=True, slots=True)
class Selection:
    """What a ladder would be of some of its matches alone: `rated` of those `asked` for (None: of
    all there are), the others by why they do not count, and those it has not in its scope.

    `standings` are best first; competitors of equal rating by name.
    """

    ladder: str
    system: System
    asked: int | None
    rated: int
    not_rated: dict[str, int]
    missing: tuple[str, ...]
    standings: tuple[Tally, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON, floats exact."""
        names = ("ladder", "system", "asked", "rated", "not_rated")
        rows = [
            {shown: getattr(one, name) for shown, name in _SHOWN.items()} for one in self.standings
        ]
        told = {name: getattr(self, name) for name in names}
        return {**told, "missing": list(self.missing), "standings": rows}


def select_matches(
    store: Store, ladder: str, uuids: Collection[str] | None = None, *, by_time: bool = False
) -> Selection:
    """What `ladder` would be of these matches alone. Nothing is stored; raises NotFound.

    `by_time`: in the order in which they ended, also on a live ladder.
    """
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        done = Restricted(connection, row, uuids, by_time=by_time).run()
    of_score = done.rule.system is System.MEAN_SCORE
    ranked = sorted(
        done.tallies.values(),
        key=lambda one: (-((one.mean_score if of_score else one.elo) or 0.0), one.competitor),
    )
    return Selection(
        ladder=ladder,
        system=done.rule.system,
        asked=None if uuids is None else len(frozenset(uuids)),
        rated=done.rated,
        not_rated=dict(done.not_rated.most_common()),
        missing=tuple(sorted(done.missing)),
        standings=tuple(ranked),
    )


_PLAIN = (
    "competitor", "elo", "mean_score", "matches", "wins", "losses", "ties", "score_total",
    "top_score",
)  # fmt: skip
_SHOWN = {
    **{name: name for name in _PLAIN},
    "trueskill_mu": "live_mu",
    "trueskill_sigma": "live_sigma",
}
"""Names of a standing's numbers in the JSON document, and in a `Tally`."""
