"""Whether published ratings are those that our matches give, and if not, from which match on.

The matches a file covers are rated again by the ladder's rules, in memory, and every number of the
file is held against what comes out. A file that tells each match is gone through match by match.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from arena_pipeline.leaderboard.exports.part import Part
from arena_pipeline.leaderboard.exports.played import RatedMatch
from arena_pipeline.leaderboard.published.parting import (
    ELO_ROUNDING,
    Disparity,
    Parting,
    Trajectory,
)
from arena_pipeline.leaderboard.published.values import Figures, Published, PublishedKind

SKILL_ROUNDING = 1e-9
"""The same for TrueSkill, whose message passing ends when it moves nothing that far."""

_ROUNDING = {
    "elo": ELO_ROUNDING,
    "trueskill_mu": SKILL_ROUNDING,
    "trueskill_sigma": SKILL_ROUNDING,
    "trueskill_exposed": SKILL_ROUNDING,
}
_COMPARED = (
    *_ROUNDING, "matches", "wins", "losses", "ties", "score_total", "top_score", "first_game_time",
    "last_game_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agreement:
    """What comparing one file found.

    `matches` were rated for it, `unknown` are those it covers that the ladder does not have.
    Competitors are `equal` (bit for bit), `rounded` (equal but for rounding), or differ: each
    number that does is in `differences`. `missing` are in the file and did not play, `extra` played
    and are not in the file. `largest` is the widest gap between two ratings, rounding included.
    `tells_matches`: whether the file says what each match did, without which `first`, the match
    where they part, can't be known.
    """

    kind: PublishedKind
    matches: int
    competitors: int
    equal: int
    rounded: int
    different: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    unknown: tuple[str, ...]
    differences: tuple[Disparity, ...]
    largest: Disparity | None
    tells_matches: bool
    first: Parting | None

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return not (self.different or self.missing or self.extra or self.unknown or self.first)


def agreement(
    connection: Connection,
    ladder: Row[Any],
    published: Published,
    games: Collection[str] | None = None,
) -> Agreement:
    """Compare a published file with the ladder in `ladder` (a row of `ladders`).

    The file covers the matches it names; one that names none is taken to cover `games` (None: all
    of the ladder).
    """
    part = Part(connection, ladder, games if published.games is None else published.games)
    trajectory = Trajectory(published)
    starts: dict[str, tuple[str, str]] = {}
    for match in part.matches():
        trajectory.follow(match)
        _note_start(starts, match)
    has_ratings = published.kind is not PublishedKind.INDEX
    theirs = {figures.competitor: figures for figures in published.figures}
    played = dict.fromkeys(part.competitors if has_ratings else ())
    both = [name for name in theirs if name in played]
    disparities = {
        name: list(_disparities(theirs[name], _ours(part, name, starts.get(name)))) for name in both
    }
    beyond = {name: [one for one in found if _counts(one)] for name, found in disparities.items()}
    different = sum(map(bool, beyond.values()))
    equal = sum(not found for found in disparities.values())
    return Agreement(
        kind=published.kind,
        matches=part.matches_seen,
        competitors=len(theirs),
        equal=equal,
        rounded=len(both) - equal - different,
        different=different,
        missing=tuple(name for name in theirs if name not in played),
        extra=tuple(name for name in played if name not in theirs),
        unknown=tuple(sorted(part.missing)),
        differences=tuple(one for found in beyond.values() for one in found),
        largest=max(
            (one for found in disparities.values() for one in found if one.field in _ROUNDING),
            key=lambda one: one.gap,
            default=None,
        ),
        tells_matches=trajectory.is_told,
        first=trajectory.parting(),
    )


def _note_start(starts: dict[str, tuple[str, str]], match: RatedMatch) -> None:
    started = match.start_time
    for seat in match.seats:
        if started is not None:
            first, last = starts.get(seat.competitor, (started, started))
            starts[seat.competitor] = min(first, started), max(last, started)


def _ours(part: Part, name: str, starts: tuple[str, str] | None) -> Figures:
    tally = part.tally(name)
    mu, sigma = tally.live_mu, tally.live_sigma
    first, last = starts or (None, None)
    return Figures(
        competitor=name,
        elo=tally.elo,
        trueskill_mu=mu,
        trueskill_sigma=sigma,
        trueskill_exposed=None if mu is None or sigma is None else mu - 3 * sigma,
        matches=tally.matches,
        wins=tally.wins,
        losses=tally.losses,
        ties=tally.ties,
        score_total=tally.score_total,
        top_score=tally.top_score,
        first_game_time=first,
        last_game_time=last,
    )


def _disparities(published: Figures, ours: Figures) -> Iterator[Disparity]:
    """Every number the file has that is not ours to the last bit."""
    for field in _COMPARED:
        told, known = getattr(published, field), getattr(ours, field)
        if told is not None and told != known:
            yield Disparity(published.competitor, field, told, known)


def _counts(disparity: Disparity) -> bool:
    return disparity.gap > _ROUNDING.get(disparity.field, 0.0)
