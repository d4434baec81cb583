"""Declaring that a match does not count, and taking that back: `void` and `unvoid`.

The match stays on record with its replay, its revision rises so that copies elsewhere follow, and
every ladder that had judged it is rebuilt as a new epoch in the same transaction; a match taken
back returns to the place it had. Published boards and the warehouse follow the epoch by themselves.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from arena_pipeline.calls.starting import release
from arena_pipeline.escaping import plain_line
from arena_pipeline.leaderboard.comparing import Progress
from arena_pipeline.leaderboard.recompute import Recomputed, recompute_within, tell_rebuilt
from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import ActRefused, By, SubjectKind, write_audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch, Match, MatchState

_LOG = logger(__name__)

SHORTEST_PREFIX = 8
"""Characters of a uuid that may stand for the whole, if only one match begins so."""


_OF_ONE_UNDER_WAY = ("lease_owner", "lease_until", "paused_at", "resume_at", "pause_reason")
"""Columns of a match that is not over, which a void one has no more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A match that was left as it is, as it was named, and why."""

    match: str
    reason: str


@dataclass(frozen=True, slots=True)
class Voiding:
    """What an act did: matches changed and already so, by uuid, those refused, ladders rebuilt."""

    changed: tuple[str, ...]
    already: tuple[str, ...]
    refused: tuple[Refusal, ...]
    ladders: tuple[Recomputed, ...]


def void(
    store: Store,
    matches: Sequence[str],
    *,
    actor: str,
    reason: str,
    progress: Progress | None = None,
) -> Voiding:
    """Let matches (uuids, or their first characters) not count any more, and rebuild the ladders
    they were judged on.

    One transaction: all of it is there or nothing; a killed process leaves nothing, a repeated call
    changes nothing, recorders wait. A match still being played ends as void and is not recorded.
    What can't be found is refused and reported, the others go on. Raises ActRefused without a
    reason.
    """
    by = By.of(actor, reason)
    if by.reason is None:
        raise ActRefused("A match is voided for a reason; give it with --reason. Nothing changed")
    return _act(store, matches, by, _void_one, "match voided", progress)


def unvoid(
    store: Store,
    matches: Sequence[str],
    *,
    actor: str,
    reason: str | None = None,
    progress: Progress | None = None,
) -> Voiding:
    """Let voided matches count again, at the place they had; otherwise as `void`.

    A match that was voided before it was over has no result and is refused.
    """
    return _act(store, matches, By.of(actor, reason), _unvoid_one, "match unvoided", progress)


def _act(
    store: Store,
    names: Sequence[str],
    by: By,
    change: Callable[[Connection, Row[Any], By], bool],
    event: str,
    progress: Progress | None,
) -> Voiding:
    refused: list[Refusal] = []
    done: dict[str, bool] = {}
    touched: list[int] = []
    with store.write() as connection:
        found = _find_all(connection, names, refused)
        for row in _locked(connection, found.keys()):
            try:
                done[row.uuid] = change(connection, row, by)
            except ActRefused as error:
                refused.append(Refusal(found[row.id], str(error)))
            else:
                touched += [row.id] if done[row.uuid] else []
        release(connection, store, touched)
        rebuilt = [
            recompute_within(connection, ladder, progress)
            for ladder in _judged_on(connection, touched)
        ]
    for uuid in (uuid for uuid, changed in done.items() if changed):
        _LOG.info(event, match=uuid, by=by.actor, reason=by.reason)
    for ladder in rebuilt:
        tell_rebuilt(ladder)
    return Voiding(
        changed=tuple(uuid for uuid, changed in done.items() if changed),
        already=tuple(uuid for uuid, changed in done.items() if not changed),
        refused=tuple(refused),
        ladders=tuple(rebuilt),
    )


def _find_all(
    connection: Connection, names: Sequence[str], refused: list[Refusal]
) -> dict[int, str]:
    """Ids of the matches named, each with the name it was asked for by."""
    found: dict[int, str] = {}
    for name in dict.fromkeys(names):
        try:
            found.setdefault(_find(connection, name), plain_line(name))
        except ActRefused as error:
            refused.append(Refusal(plain_line(name), str(error)))
    return found


def _find(connection: Connection, name: str) -> int:
    """The match of this uuid or beginning of one. Raises ActRefused."""
    wanted = name.strip().lower()
    if len(wanted) < SHORTEST_PREFIX:
        raise ActRefused(f"name it by its uuid, or at least {SHORTEST_PREFIX} characters of it")
    exact = connection.scalar(select(Match.id).where(Match.uuid == wanted))
    if exact is not None:
        return exact
    like = connection.scalars(
        select(Match.id).where(Match.uuid.startswith(wanted, autoescape=True)).limit(2)
    ).all()
    if not like:
        raise ActRefused("there is no such match")
    if len(like) > 1:
        raise ActRefused("several matches begin so; give more characters of the uuid")
    return like[0]


def _locked(connection: Connection, ids: Iterable[int]) -> Sequence[Any]:
    """The rows of these matches, locked before any ladder and in one order, as recorders lock."""
    return connection.execute(
        select(Match.id, Match.uuid, Match.state, Match.rounds, Match.void_reason, Match.revision)
        .where(Match.id.in_(ids))
        .order_by(Match.id)
        .with_for_update(key_share=True)
    ).all()


def _judged_on(connection: Connection, matches: Sequence[int]) -> Sequence[str]:
    """Names of the ladders that judged any of these matches in the present epoch, locked."""
    if not matches:
        return ()
    places = (
        select(LadderMatch.ladder_id)
        .join(Ladder, and_(Ladder.id == LadderMatch.ladder_id, Ladder.epoch == LadderMatch.epoch))
        .where(LadderMatch.match_id.in_(matches))
    )
    return connection.scalars(
        select(Ladder.name)
        .where(Ladder.id.in_(places))
        .order_by(Ladder.id)
        .with_for_update(key_share=True)
    ).all()


def _void_one(connection: Connection, row: Row[Any], by: By) -> bool:
    if row.state == MatchState.VOID:
        return False
    values = {"void_reason": by.reason, **dict.fromkeys(_OF_ONE_UNDER_WAY)}
    _write(connection, row, by, "void", MatchState.VOID, values)
    return True


def _unvoid_one(connection: Connection, row: Row[Any], by: By) -> bool:
    if row.state == MatchState.FINISHED:
        return False
    if row.state != MatchState.VOID:
        raise ActRefused(f"it is {row.state}, not void")
    if row.rounds is None:
        raise ActRefused("it was voided before it was over, so it has no result to count")
    _write(connection, row, by, "unvoid", MatchState.FINISHED, {"void_reason": None})
    return True


def _write(
    connection: Connection,
    row: Row[Any],
    by: By,
    action: str,
    state: MatchState,
    values: dict[str, Any],
) -> None:
    connection.execute(
        update(Match)
        .where(Match.id == row.id)
        .values(state=state.value, revision=row.revision + 1, **values)
    )
    before = {"state": row.state, "void_reason": row.void_reason}
    after = {"state": state.value, "void_reason": values["void_reason"]}
    write_audit(connection, by, action, SubjectKind.MATCH, row.uuid, before=before, after=after)
