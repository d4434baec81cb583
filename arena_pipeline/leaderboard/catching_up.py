"""Taking the matches that a ladder has not seen yet: those of an import, or from before it was
made.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from arena_pipeline.leaderboard.comparing import PROGRESS_EVERY, Progress
from arena_pipeline.leaderboard.history import (
    first_unseen,
    in_scope,
    stored_tallies,
    time_key,
)
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.leaderboard.recompute import (
    locked_ladder,
    recompute_within,
    replace_standings,
    tell_rebuilt,
)
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.logs import logger
from arena_pipeline.matches.ladder_rules import LadderRule
from arena_pipeline.matches.ledger import Ledger, end_of, rule_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch, Match, Ordering

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What a ladder took: `appended` matches after those it had, or all anew (`rebuilt`) because
    some of them were older. `matches` are the rated ones now.
    """

    ladder: str
    epoch: int
    appended: int
    rebuilt: bool
    matches: int


def catch_up(store: Store, ladder: str, progress: Progress | None = None) -> CaughtUp:
    """Let a ladder judge every match in its scope that it has not seen.

    Those that are all later than what it has seen come after it in the same epoch, as they do on a
    live ladder; older ones make a ladder ordered by time anew, as the next epoch. One transaction
    under the ladder's lock: killed it has done nothing, repeated it finds nothing to do. Raises
    NotFound.
    """
    with store.read() as connection:
        row = ladder_row(connection, ladder)
        if first_unseen(connection, row, rule_of(row)) is None:
            return _nothing(row)
    with store.write() as connection:
        row = locked_ladder(connection, ladder)
        rule = rule_of(row)
        first = first_unseen(connection, row, rule)
        if first is None:
            return _nothing(row)
        if _is_later(connection, row, rule, first):
            done = _append(connection, row, rule, progress)
        else:
            rebuilt = recompute_within(connection, ladder, progress)
            done = CaughtUp(ladder, rebuilt.epoch, 0, rebuilt=True, matches=rebuilt.matches)
    if done.rebuilt:
        tell_rebuilt(rebuilt)
    else:
        _LOG.info("ladder caught up", ladder=ladder, epoch=done.epoch, appended=done.appended)
    return done


def _nothing(row: Row[Any]) -> CaughtUp:
    return CaughtUp(row.name, row.epoch, 0, rebuilt=False, matches=row.next_sequence - 1)


def _is_later(
    connection: Connection, row: Row[Any], rule: LadderRule, first: Row[*tuple[Any, ...]]
) -> bool:
    """Whether the first of the unseen comes after everything that the ladder has seen."""
    if rule.ordering is not Ordering.ENDED_AT:
        return True
    last = connection.execute(
        select(Match.id, Match.uuid, Match.ended_at, Match.ended_at_text)
        .join(LadderMatch, LadderMatch.match_id == Match.id)
        .where(LadderMatch.ladder_id == row.id, LadderMatch.epoch == row.epoch)
        .order_by(LadderMatch.position.desc())
        .limit(1)
    ).first()
    return last is None or time_key(last, rule) < time_key(first, rule)


def _append(
    connection: Connection,
    row: Row[Any],
    rule: LadderRule,
    progress: Progress | None,
) -> CaughtUp:
    ledger = Ledger(rule, end_of(row), stored_tallies(connection, row.id))
    unseen = in_scope(connection, row, rule, unseen=True)
    for number, judged in enumerate(unseen, start=1):
        ledger.add(judged.facts)
        if ledger.waiting >= PROGRESS_EVERY:
            ledger.flush(connection, in_bulk=True)
            if progress is not None:
                progress(number)
    ledger.flush(connection, in_bulk=True)
    if SkillPass(rule).is_asked_for:
        _keep_skill(connection, row, ledger)
    replace_standings(connection, row.id, ledger.tallies)
    connection.execute(
        update(Ladder.__table__)  # type: ignore[arg-type]
        .where(Ladder.id == row.id)
        .values(**ledger.end.row())
    )
    rated = ledger.end.next_sequence - 1
    return CaughtUp(
        row.name,
        row.epoch,
        ledger.end.next_position - row.next_position,
        rebuilt=False,
        matches=rated,
    )


def _keep_skill(connection: Connection, row: Row[Any], ledger: Ledger) -> None:
    """TrueSkill of all rated matches: it goes by their start, so that later ones may come between
    those seen.
    """
    skill = SkillPass(ledger.rule)
    for judged in in_scope(connection, row, ledger.rule):
        if judged.sequence is not None:
            skill.see(judged.facts)
    skill.finish(ledger.tallies)
