"""The finishing transaction: matches, participants, ladder places, rating events and standings,
together or not at all.

Safe to repeat and safe beside other writers: a match is known by its uuid, inserted (or moved from
running to finished) exactly once by a conditional statement, and only whoever did that goes on to
rate it. Ladders are locked in the order of their ids (the whole store on SQLite, the ladder's row
on PostgreSQL) before a sequence number is given.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, literal_column, select, update

from arena_pipeline.calls.starting import release
from arena_pipeline.errors import RecordingError
from arena_pipeline.matches.ladder_rules import MatchFacts
from arena_pipeline.matches.ledger import ADVANCING, TALLY_COLUMNS, Ledger, end_of, rule_of
from arena_pipeline.matches.rows import MatchRows, Names, match_facts
from arena_pipeline.matches.sealing import move_payloads
from arena_pipeline.matches.standings import Tally
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Ladder,
    Match,
    MatchState,
    Participant,
    Standing,
    Turn,
)

OPEN = (MatchState.RUNNING, MatchState.PAUSED)
"""The states of a match that is not over."""

IS_OPEN = Match.state.in_([literal_column(f"'{state}'") for state in OPEN])
"""The condition of that, in the very words of the index `ix_matches_open`, by which SQLite goes:
unless it is to sort by id, so sort what comes.
"""

_STANDS_STILL_NO_MORE = {"paused_at": None, "resume_at": None, "pause_reason": None}


def write_finished(
    store: Store, connection: Connection, matches: Sequence[MatchRows], names: Names
) -> list[str]:
    """Write finished matches in the given order within one transaction; returns the uuids that were
    new. Their replays lie on disk already.

    Matches already finished are left as they are. Raises RecordingError for one that was voided
    meanwhile or whose names the registry does not know.
    """
    matches = list({item.uuid: item for item in matches}.values())
    ids = _insert_or_close(store, connection, matches)
    fresh = [item for item in matches if item.uuid in ids]
    if not fresh:
        return []
    names.look_up(connection, fresh)
    facts = {item.uuid: match_facts(item, ids[item.uuid], names) for item in fresh}
    ledgers = _rate(connection, fresh, facts)
    rows = [{"match_id": ids[item.uuid], **seat} for item in fresh for seat in item.seats]
    journaled = sorted(ids[item.uuid] for item in fresh if item.is_journaled)
    if journaled:
        move_payloads(connection, [place for item in fresh for place in item.moved])
        release(connection, store, journaled)
    with store.pipelined(connection):
        connection.execute(store.upsert(Participant, *rows[0]), rows)
        for ledger in ledgers:
            ledger.flush(connection)
            _write_end(store, connection, ledger)
    return [item.uuid for item in fresh]


def _insert_or_close(
    store: Store, connection: Connection, matches: Sequence[MatchRows]
) -> dict[str, int]:
    rows = {item.uuid: item.match for item in matches}
    in_one_order = [rows[uuid] for uuid in sorted(rows)]
    inserted = connection.execute(
        store.insert_ignore(Match).returning(Match.id, Match.uuid), in_one_order
    )
    ids = {uuid: id_ for id_, uuid in inserted}
    if len(ids) == len(rows):
        return ids
    known = connection.execute(
        select(Match.uuid, Match.id, Match.state)
        .where(Match.uuid.in_(rows.keys() - ids.keys()), Match.state != MatchState.FINISHED)
        .order_by(Match.id)
    ).all()
    for uuid, id_, state in known:
        if state == MatchState.VOID:
            raise RecordingError(f"Match {uuid} was voided while it was played; it is not recorded")
        # The row says whether it is still open once it is locked by this very statement.
        closed = connection.execute(
            update(Match)
            .where(Match.id == id_, Match.state.in_(OPEN))
            .values({**rows[uuid], **_STANDS_STILL_NO_MORE})
        )
        if closed.rowcount:
            connection.execute(delete(Turn).where(Turn.match_id == id_))
            ids[uuid] = id_
    return {uuid: ids[uuid] for uuid in rows if uuid in ids}


def _rate(
    connection: Connection,
    fresh: Sequence[MatchRows],
    facts: Mapping[str, MatchFacts],
) -> list[Ledger]:
    """Lock the ladders that the matches may count on, and give each match its place there."""
    ledgers = []
    games = {item.game for item in fresh}
    for row in connection.execute(_LADDERS, {"games": list(games)}).all():
        rule = rule_of(row)
        covered = [
            facts[item.uuid]
            for item in fresh
            if rule.covers(item.game, item.config, item.match["purpose"])
        ]
        if not covered:
            continue
        names = {rule.competitor_of(seat) for match in covered for seat in match.seats}
        ledger = Ledger(rule, end_of(row), _load(connection, rule.id, names))
        for match in covered:
            ledger.add(match)
        ledgers.append(ledger)
    return ledgers


def _write_end(store: Store, connection: Connection, ledger: Ledger) -> None:
    ladder = ledger.rule.id
    changed = [{"ladder_id": ladder, **tally.row()} for tally in ledger.tallies.values()]
    if changed:
        connection.execute(store.upsert(Standing, *_TALLY_NAMES), changed)
    connection.execute(_ADVANCE, {"ladder": ladder, **ledger.end.row()})


def _load(connection: Connection, ladder: int, names: set[str | None]) -> dict[str, Tally]:
    known = sorted(name for name in names if name is not None)
    rows = connection.execute(_STANDINGS, {"ladder": ladder, "names": known})
    return {row.competitor: Tally(*row) for row in rows}


_LADDERS = (
    select(Ladder.__table__)
    .where(Ladder.live, Ladder.game.in_(bindparam("games", expanding=True)))
    .order_by(Ladder.id)
    .with_for_update(key_share=True)
)
_TALLY_NAMES = ("ladder_id", *Tally.COLUMNS)
_STANDINGS = select(*TALLY_COLUMNS).where(
    Standing.ladder_id == bindparam("ladder"),
    Standing.competitor.in_(bindparam("names", expanding=True)),
)
_ADVANCE = (
    update(Ladder.__table__)  # type: ignore[arg-type]
    .where(Ladder.id == bindparam("ladder"))
    .values({name: bindparam(name) for name in ADVANCING})
)
