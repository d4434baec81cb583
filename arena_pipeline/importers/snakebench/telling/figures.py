"""What came in from SnakeBench, counted from the store for whoever shows it: matches by month, how
their moves fit the rules, whose the names are.

What belongs here: reading. What one import did is in `report`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from arena_pipeline.matches.explaining import Verdict
from arena_pipeline.store import Store
from arena_pipeline.store.tables import AliasOrigin, Ladder, Match, ModelAlias, Participant, Purpose

UNKNOWN = "unknown"
"""Where nothing is known: of the month of a match without an end, of a match's verification."""

_FEWEST = 2

SOUND = (Verdict.VERIFIED.value, Verdict.HEADER_ONLY.value)
"""Verifications that leave nothing to explain."""


@dataclass(frozen=True, slots=True)
class Month:
    """The imported matches of one month: `month` as YYYY-MM (UTC) or `unknown`, how many by
    verification.
    """

    month: str
    matches: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.matches.values())


@dataclass(frozen=True, slots=True)
class Oddity:
    """A match whose moves fit the rules not quite, or not at all: its name, why, and details."""

    uuid: str
    verification: str
    detail: str | None

    @property
    def is_unexplained(self) -> bool:
        """Whether no reason is known."""
        return self.verification in (Verdict.UNEXPLAINED.value, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a ladder's digest chain stands; `head` is None while nothing is rated."""

    ladder: str
    epoch: int
    matches: int
    head: str | None


def by_month(store: Store) -> list[Month]:
    """Imported matches by month, the oldest first, `unknown` last; months without any are left out
    here.
    """
    months: dict[str, dict[str, int]] = {}
    if store.is_sqlite:
        month = func.strftime("%Y-%m", Match.ended_at)
    else:
        month = func.to_char(func.timezone("UTC", Match.ended_at), "YYYY-MM")
    query = (
        select(month, Match.verification, func.count())
        .where(Match.purpose == Purpose.IMPORT)
        .group_by(month, Match.verification)
    )
    with store.read() as connection:
        for name, verification, count in connection.execute(query):
            months.setdefault(name or UNKNOWN, {})[verification or UNKNOWN] = count
    return [Month(name, months[name]) for name in sorted(months)]


def by_verification(store: Store) -> dict[str, int]:
    """How many imported matches are verified, and how many are not for which reason; the most
    first.
    """
    query = (
        select(Match.verification, func.count())
        .where(Match.purpose == Purpose.IMPORT)
        .group_by(Match.verification)
    )
    with store.read() as connection:
        found = {name or UNKNOWN: count for name, count in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def oddities(store: Store) -> list[Oddity]:
    """The imported matches that are neither verified nor known by their header only, one by one:
    unexplained ones first, then by reason and name.
    """
    query = (
        select(Match.uuid, Match.verification, Match.info)
        .where(
            Match.purpose == Purpose.IMPORT,
            func.coalesce(Match.verification, UNKNOWN).not_in(SOUND),
        )
        .order_by(Match.uuid)
    )
    with store.read() as connection:
        found = [
            Oddity(uuid, verification or UNKNOWN, _text((info or {}).get("detail")))
            for uuid, verification, info in connection.execute(query)
        ]
    return sorted(found, key=lambda one: (not one.is_unexplained, one.verification))


def without_seats(store: Store) -> list[str]:
    """The imported matches (uuids) that have fewer than two participants: there should be none."""
    query = (
        select(Match.uuid)
        .join(Participant, Participant.match_id == Match.id, isouter=True)
        .where(Match.purpose == Purpose.IMPORT)
        .group_by(Match.uuid)
        .having(func.count(Participant.match_id) < _FEWEST)
        .order_by(Match.uuid)
    )
    with store.read() as connection:
        return list(connection.scalars(query))


def by_rule(store: Store) -> dict[str, int]:
    """How many published names were found by which rule; the most first."""
    query = (
        select(ModelAlias.rule, func.count())
        .where(ModelAlias.origin == AliasOrigin.IMPORT)
        .group_by(ModelAlias.rule)
    )
    with store.read() as connection:
        found = {rule or UNKNOWN: count for rule, count in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def heads(store: Store, *names: str) -> list[Head]:
    """Where the chains of these ladders stand, in this order; those that are not there are left
    out.
    """
    query = select(Ladder.name, Ladder.epoch, Ladder.next_sequence, Ladder.chain_head)
    with store.read() as connection:
        rows = connection.execute(query.where(Ladder.name.in_(names)))
        found = {row.name: Head(row.name, row[1], row[2] - 1, row[3]) for row in rows}
    return [found[name] for name in names if name in found]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
