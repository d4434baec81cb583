"""One published ladder gone through: every match judged, rated and sealed again in its order.

The rules, the kernel and the chain are those that the recorder uses; what they are given comes from
the published files alone.
"""

from collections.abc import Callable, Iterator

from arena_pipeline.leaderboard.comparing import tally_differences
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.matches import chain
from arena_pipeline.matches.standings import Tally, apply_match
from arena_pipeline.warehouse.auditing.reading import Event, LadderRow, Place, Published
from arena_pipeline.warehouse.auditing.report import LadderAudit, Parting

Seen = Callable[[int], None]
"""Called now and then with the number of matches gone through."""

SEEN_EVERY = 5_000


class LadderWalk:
    """Goes through a ladder. `quoted` is a head somebody noted; `quoted_at` is the number of the
    match whose link it is, None if it is none.
    """

    def __init__(self, published: Published, ladder: LadderRow, quoted: str | None = None) -> None:
        self.ladder, self.rule = ladder, ladder.rule
        self.found = LadderAudit(self.rule.name, ladder.epoch)
        self.quoted_at: int | None = None
        self._published, self._quoted = published, quoted
        self._tallies: dict[str, Tally] = {}
        self._skill = SkillPass(ladder.rule)
        self._own = self._before = chain.genesis(self.rule, ladder.epoch)
        self._events = published.events(ladder)
        self._next_event = next(self._events, None)

    @property
    def is_sealed(self) -> bool:
        """Whether there is a chain to be checked: one that was never begun says nothing."""
        return self.ladder.chain_head is not None or self.ladder.rated < 1

    def go(self, seen: Seen) -> LadderAudit:
        """Go through all of it."""
        for gone in self._published.lost(self.ladder):
            self._part("match", gone["match_id"], None, sequence=gone["sequence"])
        position = 0
        previous: int | None = None
        for number, place in enumerate(self._in_scope(), start=1):
            if place.facts.id == previous:
                self._part("place", "there twice", "there once", place=place)
                continue
            previous, position = place.facts.id, position + 1
            try:
                self._judge(place, position)
            except (ArithmeticError, TypeError, ValueError) as error:
                self._part(
                    "match", "as it is", f"nothing: it can't be rated ({error})", place=place
                )
            if number % SEEN_EVERY == 0:
                seen(number)
        self._end()
        return self.found

    def _in_scope(self) -> Iterator[Place]:
        """Those that the ladder's filter lets in; others have no place on it."""
        for place in self._published.places(self.ladder):
            # Published files may hold anything, no name at all too.
            if self.rule.covers(place.game, str(place.facts.config), place.purpose):
                # A ladder that is not live knows only what was there at its last rebuild.
                if place.position is not None or self.ladder.live:
                    yield place
            elif place.position is not None:
                self._part("place", place.position, "none, being out of its scope", place=place)

    def _judge(self, place: Place, position: int) -> None:
        match = place.facts
        reason = self.rule.judge(match)
        rated = self.found.matches + (reason is None)
        known = (place.position, place.sequence, place.reason)
        expected = (position, None if reason else rated, reason and reason.value)
        for name, was, now in zip(("position", "sequence", "reason"), known, expected, strict=True):
            if was != now:
                self._part(name, was, now, place=place)
        if reason is None:
            self.found.matches = rated
            self._seal(place)
            self._rate(place)

    def _seal(self, place: Place) -> None:
        """Compare the match's link with what it is made of: its own facts and the link before.

        An altered match parts once; the links after it are held against the published one.
        """
        rated = self.found.matches
        digest = chain.match_digest(place.facts)
        follows = self._before == self._own
        self._own = chain.link(self._own, rated, digest)
        if self._own == self._quoted:
            self.quoted_at = rated
        if self.is_sealed:
            link = self._own if follows else chain.link(self._before, rated, digest)
            if place.digest != link:
                self._part("link of the chain", place.digest, link, place=place)
            self._before = place.digest or link

    def _rate(self, place: Place) -> None:
        rated, match = self.found.matches, place.facts
        moves = apply_match(self.rule, self._tallies, match.seats, match.started_at)
        self._skill.see(match)
        system = self.rule.system.value
        expected = {(m.competitor, system): (m.before, m.after) for m in moves}
        lines: list[Event] = []
        while self._next_event is not None and (self._next_event[0] or 0) <= rated:
            sequence, at = self._next_event
            if sequence == rated:
                lines = at
            else:
                self._part("rating events", len(at), None, sequence=sequence)
            self._next_event = next(self._events, None)
        known = {(competitor, system): numbers for competitor, system, *numbers in lines}
        if len(known) != len(lines):
            self._part("rating events", "there twice", "there once", place=place)
        for key in sorted(known.keys() | expected.keys(), key=str):
            was, now = known.get(key, (None, None)), expected.get(key, (None, None))
            for name, published, own in zip(("before", "after"), was, now, strict=True):
                if published != own:
                    field = f"{key[1]} {name}"
                    self._part(field, published, own, place=place, competitor=key[0])

    def _end(self) -> None:
        """Compare what the ladder's row and its standings say."""
        while self._next_event is not None:
            sequence, lines = self._next_event
            self._part("rating events", len(lines), None, sequence=sequence)
            self._next_event = next(self._events, None)
        rated = self.found.matches
        self.found.head = self._own if rated else None
        self.found.competitors = len(self._tallies)
        if self.ladder.rated != rated:
            self._part("number of rated matches", self.ladder.rated, rated)
        if self.is_sealed and self.ladder.chain_head != self.found.head:
            self._part("head of the chain", self.ladder.chain_head, self.found.head)
        self._skill.finish(self._tallies)
        stored = self._published.standings(self.ladder)
        for one in tally_differences(stored, self._tallies):
            self._part(one.field, one.stored, one.rebuilt, competitor=one.subject)

    def _part(
        self,
        field: str,
        published: object,
        recomputed: object,
        *,
        place: Place | None = None,
        sequence: int | None = None,
        competitor: str | None = None,
    ) -> None:
        match = None if place is None else place.facts.uuid
        if place is not None:
            sequence = place.sequence
        parting = Parting(self.rule.name, field, published, recomputed, sequence, match, competitor)
        self.found.part(parting)
