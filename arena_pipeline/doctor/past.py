"""What outsiders and later years rely on: the digest chain of each ladder, and its standings day by
day.

Every link is compared with what the matches give where ratings are (`doctor.records.drift`); here
is only looked whether the chain is there and ends where the ladder says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from arena_pipeline.doctor.findings import Finding
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch, StandingDay

PATIENCE = timedelta(days=2)
"""How long a ladder may have been rated on without a day being taken."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ladder says of itself, and what is kept of it: `link` is the newest match's, `day` the
    newest day taken and `taken` the epoch and sequence it shows; None where there is none.
    """

    ladder: str
    epoch: int
    sequence: int
    head: str | None
    link: str | None
    without_link: int
    rated_at: datetime | None
    day: date | None
    taken: tuple[int, int] | None


def kept(store: Store) -> list[Kept]:
    """What is kept of each ladder, the default ones first."""
    found = []
    with store.read() as connection:
        ladders = connection.execute(
            select(Ladder.__table__).order_by(Ladder.is_default.desc(), Ladder.name)
        )
        for row in ladders.all():
            of_it = (LadderMatch.ladder_id == row.id, LadderMatch.epoch == row.epoch)
            newest = connection.execute(
                select(LadderMatch.digest, LadderMatch.ended_at).where(
                    *of_it, LadderMatch.sequence == row.next_sequence - 1
                )
            ).first()
            without = connection.scalar(
                select(func.count()).where(
                    *of_it, LadderMatch.sequence.is_not(None), LadderMatch.digest.is_(None)
                )
            )
            day = connection.execute(
                select(StandingDay.day, StandingDay.epoch, StandingDay.sequence)
                .where(StandingDay.ladder_id == row.id)
                .order_by(StandingDay.day.desc())
                .limit(1)
            ).first()
            found.append(
                Kept(
                    ladder=row.name,
                    epoch=row.epoch,
                    sequence=row.next_sequence - 1,
                    head=row.chain_head,
                    link=newest.digest if newest else None,
                    without_link=without or 0,
                    rated_at=newest.ended_at if newest else None,
                    day=day.day if day else None,
                    taken=(day.epoch, day.sequence) if day else None,
                )
            )
    return found


def chains(store: Store) -> Iterator[Finding]:
    """Whether each ladder's chain is there and ends where the ladder says."""
    for one in kept(store):
        yield judge_chain(one)


def judge_chain(one: Kept) -> Finding:
    """From what is kept of one ladder."""
    mend = f"arena recompute --ladder {one.ladder} makes the chain anew"
    if one.without_link or (one.sequence and one.link is None):
        return Finding.fail(
            "chain", f"ladder {one.ladder}: {one.without_link} rated matches without a link", mend
        )
    if one.head != one.link:
        return Finding.fail("chain", f"ladder {one.ladder}: its head is not its newest link", mend)
    if one.head is None:
        return Finding.ok("chain", f"ladder {one.ladder}: no match is rated yet")
    what = f"ladder {one.ladder}: {one.sequence} links, head {one.head[:12]}"
    return Finding.ok("chain", what)


def days(store: Store, now: datetime) -> Iterator[Finding]:
    """Whether each ladder's standings are taken day by day."""
    for one in kept(store):
        yield judge_days(one, now)


def judge_days(one: Kept, now: datetime) -> Finding:
    """From what is kept of one ladder."""
    if not one.sequence or one.taken == (one.epoch, one.sequence):
        return Finding.ok("days", f"ladder {one.ladder}: standings by day are up to date")
    newest = "none are taken yet" if one.day is None else f"the newest are of {one.day}"
    what = f"ladder {one.ladder}: standings by day lack the newest matches, {newest}"
    since = one.rated_at if one.day is None else _end_of(one.day, now)
    if since is not None and now - since > PATIENCE:
        return Finding.warn("days", what, "arena up takes them, daily for as long as it runs")
    return Finding.ok("days", what)


def _end_of(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + timedelta(days=1)
