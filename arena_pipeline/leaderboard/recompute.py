"""Rebuilding a ladder from its matches.

It goes through the matches in the ladder's sequence with the kernel the recorder uses and reads
nothing but `matches`, `participants` and `ladder_matches`, so that a sound store comes out bit for
bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from arena_pipeline.errors import ArenaError
from arena_pipeline.leaderboard.comparing import (
    PROGRESS_EVERY,
    Difference,
    Progress,
    differences,
    tally_differences,
)
from arena_pipeline.leaderboard.history import (
    JudgedMatch,
    Rereadable,
    in_scope,
    stored_tallies,
)
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.logs import logger
from arena_pipeline.matches.ledger import End, Ledger, rule_of
from arena_pipeline.matches.standings import Tally
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Ordering, Standing

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a rebuild found: matches rated, and what it changed in the standings.

    `mended` counts everything that was not as it should be, ledger and places included.
    """

    ladder: str
    epoch: int
    matches: int
    competitors: int
    mended: int
    changed: tuple[Difference, ...]


class BadOrder(ArenaError):
    """A ladder that can't be numbered in the order that was asked for."""


class Order(StrEnum):
    """What a rebuild numbers a ladder's matches by."""

    SEQUENCE = "sequence"
    ENDED_AT = "ended_at"


def recompute(
    store: Store,
    ladder: str,
    progress: Progress | None = None,
    *,
    order: Order | None = None,
    by: By | None = None,
) -> Recomputed:
    """Rebuild a ladder from every match in its scope, as a new epoch; a sound ladder is left as it
    is.

    Live ladders keep the order their matches have and number those they never saw after them, by
    time of ending; with `order` ENDED_AT they number all by it, and keep that order from then on.
    Ladders ordered by time are numbered by it. One transaction: readers see the old or the new
    ladder, a killed process leaves the old, recorders wait. What a person had rebuilt is in the
    audit, if it changed anything. Raises NotFound; BadOrder for SEQUENCE where time is the order.
    """
    with store.write() as connection:
        done = recompute_within(connection, ladder, progress, order=order)
        if by is not None and done.mended:
            was = {"epoch": done.epoch - 1}
            now = {"epoch": done.epoch, "mended": done.mended}
            asked = {} if order is None else {"order": order.value}
            write_audit(
                connection, by, "recompute", SubjectKind.LADDER, ladder,
                before=was, after={**now, **asked},
            )  # fmt: skip
    tell_rebuilt(done)
    return done


def recompute_within(
    connection: Connection,
    ladder: str,
    progress: Progress | None = None,
    *,
    order: Order | None = None,
) -> Recomputed:
    """`recompute` as a part of the caller's writing transaction."""
    row = locked_ladder(connection, ladder)
    if order is Order.SEQUENCE and row.ordering == Ordering.ENDED_AT:
        raise BadOrder(
            f"Ladder {ladder} is ordered by the time its matches ended; it has no other sequence"
        )
    by_time = order is Order.ENDED_AT
    rule = rule_of(row)
    scope = Rereadable(lambda: in_scope(connection, row, rule, by_time=by_time))
    skill = SkillPass(rule)
    wrong = differences(connection, row, scope, skill, progress)
    before = stored_tallies(connection, row.id)
    if not wrong:
        return Recomputed(ladder, row.epoch, row.next_sequence - 1, len(before), 0, ())
    ledger = _rebuild(connection, Ledger(rule, End(row.epoch + 1), {}), scope, progress)
    skill.finish(ledger.tallies)
    replace_standings(connection, row.id, ledger.tallies)
    connection.execute(
        update(Ladder.__table__)  # type: ignore[arg-type]
        .where(Ladder.id == row.id)
        .values(epoch=ledger.end.epoch, **ledger.end.row())
    )
    return Recomputed(
        ladder=ladder,
        epoch=ledger.end.epoch,
        matches=ledger.end.next_sequence - 1,
        competitors=len(ledger.tallies),
        mended=len(wrong),
        changed=tuple(tally_differences(before, ledger.tallies)),
    )


def tell_rebuilt(done: Recomputed) -> None:
    """A log line for a rebuild that changed something; to be written once it is committed."""
    if done.mended:
        _LOG.info(
            "ladder rebuilt",
            ladder=done.ladder,
            epoch=done.epoch,
            matches=done.matches,
            mended=done.mended,
        )


def begin_chains(store: Store) -> list[str]:
    """Rebuild the ladders whose matches were rated before there were chains; returns their names.

    Ratings stay as they are, the epoch is a new one. Safe to repeat and beside others, as
    `recompute` is.
    """
    with store.read() as connection:
        without = connection.scalars(
            select(Ladder.name)
            .where(Ladder.chain_head.is_(None), Ladder.next_sequence > 1)
            .order_by(Ladder.name)
        ).all()
    for name in without:
        recompute(store, name)
    return list(without)


def _rebuild(
    connection: Connection,
    ledger: Ledger,
    scope: Iterable[JudgedMatch],
    progress: Progress | None,
) -> Ledger:
    for number, match in enumerate(scope, start=1):
        ledger.add(match.facts)
        if ledger.waiting >= PROGRESS_EVERY:
            ledger.flush(connection, in_bulk=True)
            if progress is not None:
                progress(number)
    ledger.flush(connection, in_bulk=True)
    return ledger


def locked_ladder(connection: Connection, ladder: str) -> Row[Any]:
    """The row of a ladder, locked until the transaction ends. Raises NotFound."""
    ladder_row(connection, ladder)
    return connection.execute(
        select(Ladder.__table__).where(Ladder.name == ladder).with_for_update(key_share=True)
    ).one()


def replace_standings(connection: Connection, ladder: int, tallies: dict[str, Tally]) -> None:
    """Write these standings of a ladder in place of those there are."""
    connection.execute(delete(Standing).where(Standing.ladder_id == ladder))
    if tallies:
        rows = [{"ladder_id": ladder, **tally.row()} for tally in tallies.values()]
        connection.execute(insert(Standing), rows)
