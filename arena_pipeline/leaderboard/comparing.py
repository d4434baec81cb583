"""Comparing what the recorder kept of a ladder with what its matches give.

Every match in the ladder's scope is rated again in sequence with the kernel the recorder uses, and
each place, rating event and standing in the store must be what comes out, to the last bit.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from arena_pipeline.leaderboard.history import (
    JudgedMatch,
    in_scope,
    stored_events,
    stored_tallies,
)
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.matches import chain
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.matches.standings import Tally, apply_match
from arena_pipeline.store import Store

Progress = Callable[[int], None]
"""Called now and then with the number of matches gone through."""

PROGRESS_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what a rebuild gives. Floats differ if any bit does."""

    subject: str
    field: str
    stored: object
    rebuilt: object

    def __str__(self) -> str:
        return f"{self.subject}: {self.field} is {self.stored}, a rebuild gives {self.rebuilt}"


def compare(store: Store, ladder: str, progress: Progress | None = None) -> list[Difference]:
    """What the store says of a ladder that its matches do not give. Empty for a sound store.

    One consistent view: matches recorded meanwhile do not disturb it. Raises NotFound.
    """
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        rule = rule_of(row)
        return differences(
            connection, row, in_scope(connection, row, rule), SkillPass(rule), progress
        )


def differences(
    connection: Connection,
    row: Row[Any],
    scope: Iterable[JudgedMatch],
    skill: SkillPass,
    progress: Progress | None = None,
) -> list[Difference]:
    """`compare` for the ladder in `row` with what the matches in `scope`, all there are in its
    scope, give in this order; on a connection whose view does not change meanwhile.

    `skill` is new, and has been finished then.
    """
    rule = rule_of(row)
    events = stored_events(connection, row)
    tallies: dict[str, Tally] = {}
    found: list[Difference] = []
    rated = 0
    head: str | None = chain.genesis(rule, row.epoch)
    for position, judged in enumerate(scope, start=1):
        match = judged.facts
        reason = rule.judge(match)
        rated += reason is None
        expected_place = (position, None if reason else rated)
        if (judged.position, judged.sequence) != expected_place:
            stored_place = (judged.position, judged.sequence)
            subject = f"match {match.uuid}"
            found.append(Difference(subject, "sequence", stored_place, expected_place))
        elif judged.reason != (reason and reason.value):
            subject = f"match {match.uuid}"
            found.append(Difference(subject, "reason", judged.reason, reason and reason.value))
        if reason:
            continue
        link = head and chain.link(head, rated, chain.match_digest(match))
        if judged.digest != link:
            found.append(Difference(f"match {match.uuid}", "digest", judged.digest, link))
        head = judged.digest
        moves = apply_match(rule, tallies, match.seats, match.started_at)
        skill.see(match)
        expected = [(move.competitor, move.before, move.after) for move in moves]
        sequence, stored = next(events, (rated, []))
        if sequence != rated or sorted(stored) != sorted(expected):
            found.append(Difference(f"match {rated}", "rating events", stored, expected))
        if progress is not None and rated % PROGRESS_EVERY == 0:
            progress(rated)
    found.extend(
        Difference(f"match {sequence}", "rating events", stored, []) for sequence, stored in events
    )
    if rated != row.next_sequence - 1:
        found.append(Difference(row.name, "rated matches", row.next_sequence - 1, rated))
    if row.chain_head != (head if rated else None):
        found.append(Difference(row.name, "head of the chain", row.chain_head, head))
    skill.finish(tallies)
    return [*found, *tally_differences(stored_tallies(connection, row.id), tallies)]


def tally_differences(stored: dict[str, Tally], rebuilt: dict[str, Tally]) -> Iterator[Difference]:
    """The numbers in which standings differ, by competitor."""
    for name in sorted(stored.keys() | rebuilt.keys()):
        was, now = stored.get(name, Tally(name)), rebuilt.get(name, Tally(name))
        for field in Tally.COLUMNS:
            before, after = getattr(was, field), getattr(now, field)
            if before != after:
                yield Difference(name, field, before, after)
